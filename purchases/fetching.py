"""Reading an address that somebody posted, without being led anywhere we must not go.

http and https only, no names or passwords in it, and public addresses only: the host is looked up once, every address
found is judged, and one of those is then connected to. A redirect is a new address and is judged anew. What is read is
bounded in redirects, bytes (as they come and unpacked) and time as a whole.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from purchases.addresses import is_public
from purchases.notes import quoted
from purchases.targets import FetchError, FetchFailed, FetchRefused, Target, target_of
from purchases.wire import Answer, Deadline, Dial, dial, exchange

__all__ = (
    "Answer",
    "Deadline",
    "Dial",
    "FetchError",
    "FetchFailed",
    "FetchRefused",
    "LedHome",
    "Page",
    "call",
    "fetch",
    "system_resolver",
)

MAX_REDIRECTS = 5
MAX_BYTES = 2_000_000
MAX_SECONDS = 20.0  # for everything: look-ups, redirects, bodies
MAX_ADDRESSES = 4  # of one host that are tried
PAGES = ("text/html", "application/xhtml+xml")
JSON = ("application/json",)
_REDIRECTS = {301, 302, 303, 307, 308}

Resolver = Callable[[str, int], list[str]]


class LedHome(FetchRefused):
    """The address is one of this very shop, or leads to one (`url`): that is read inside, never fetched."""

    def __init__(self, url: str) -> None:
        super().__init__("The address is this shop's own.")
        self.url = url


@dataclass(frozen=True)
class Page:
    url: str  # where redirects ended
    content_type: str
    text: str


def system_resolver(host: str, port: int) -> list[str]:
    """Every address of the host, as the system gives them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for _, _, _, _, address in found))


def fetch(
    url: str,
    *,
    accept: tuple[str, ...] = PAGES,
    resolver: Resolver = system_resolver,
    deadline: Deadline | None = None,
    dial: Dial = dial,
) -> Page:
    """The page there, after at most MAX_REDIRECTS redirects. `accept`: content types that are read.

    Raises FetchRefused (LedHome where it leads to this shop), FetchFailed.
    """
    deadline = deadline or Deadline(MAX_SECONDS)
    target = target_of(url)
    for _ in range(MAX_REDIRECTS + 1):
        answer = call(
            target.url, headers={"Accept": ", ".join(accept)}, resolver=resolver, deadline=deadline, dial=dial
        )
        if answer.status not in _REDIRECTS:
            return _page(target, answer, accept)
        target = _next(target, answer)
    raise FetchFailed(f"{target.host} sends on and on: more than {MAX_REDIRECTS} times.")


def call(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    max_bytes: int = MAX_BYTES,
    resolver: Resolver = system_resolver,
    deadline: Deadline | None = None,
    dial: Dial = dial,
) -> Answer:
    """One exchange, whatever the answer's status; redirects are not followed.

    Raises FetchRefused (LedHome for this shop's own addresses), FetchFailed.
    """
    target = target_of(url)
    if target.is_ours:
        raise LedHome(target.url)
    deadline = deadline or Deadline(MAX_SECONDS)
    for address in _judged(target, resolver, deadline):
        try:
            return exchange(
                target,
                address,
                method=method,
                headers=headers or {},
                body=body,
                deadline=deadline,
                max_bytes=max_bytes,
                dial=dial,
            )
        except OSError:  # no connection: nothing was sent, the host's next address may do
            continue
    raise FetchFailed(f"{target.host} does not answer.", is_temporary=True)


def _judged(target: Target, resolver: Resolver, deadline: Deadline) -> list[str]:
    """The host's addresses, one at least. One that is not public spoils all: such a host is up to no good.

    Raises FetchRefused, FetchFailed.
    """
    found = _looked_up(target, resolver, deadline)
    if not target.is_allowed_by_name and not all(is_public(address) for address in found):
        raise FetchRefused(f"{target.host} is not a public address.")
    return found[:MAX_ADDRESSES]


def _looked_up(target: Target, resolver: Resolver, deadline: Deadline) -> list[str]:
    """In a thread of its own: a look-up cannot be given a time."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(resolver(target.host, target.port))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        found = answers.get(timeout=deadline.left())
    except queue.Empty:
        found = []
    if isinstance(found, Exception) and not isinstance(found, OSError | UnicodeError):
        raise found
    if isinstance(found, Exception) or not found:
        raise FetchFailed(f"There is no host called {target.host}.", is_temporary=True)
    return found


def _next(target: Target, answer: Answer) -> Target:
    to = target.joined(answer.headers.get("Location", ""))
    if target.scheme == "https" and to.scheme == "http":
        raise FetchRefused(f"{target.host} sends on from https to http.")
    return to


def _page(target: Target, answer: Answer, accept: tuple[str, ...]) -> Page:
    if answer.status != 200:
        raise FetchFailed(f"{target.host} answers {answer.status}.", is_temporary=answer.status >= 500)
    if answer.content_type not in accept:
        kind = quoted(answer.content_type) if answer.content_type else "nothing it has a name for"
        raise FetchFailed(f"{target.host} answers with {kind}, which is not a page to buy from.")
    return Page(target.url, answer.content_type, answer.text)
