"""One HTTP exchange with one address that was looked up and judged before: no proxy, no cookie jar, no second look-up.

The standard library's client over a socket of our own: only there can the whole exchange be given one time (libraries
give it to each read, and a server that drips a byte a second then never ends), and be held to the judged address.
"""

from __future__ import annotations

import functools
import http.client
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import certifi

from purchases.targets import FetchFailed, Target

Headers = Mapping[str, str]
READ_AT_ONCE = 65_536  # bytes
MAX_CONNECT_SECONDS = 5.0  # to one address: the host may have others
USER_AGENT = "Cartwright-Purchases/1"
_CHARSET = re.compile(r"""charset=["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_CHARSET_IN_PAGE = re.compile(rb"""<meta[^>]{0,200}charset=["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
# By name: Python knows others that are no writing, or that take hours for a page made to that end (punycode).
_CHARSETS = re.compile(
    r"utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|shift_jis|euc-(?:jp|kr)|gb(?:k|2312|18030)|big5|koi8-[ru]",
    re.IGNORECASE,
)


class Deadline:
    """When the whole of something must be done. `clock`: seconds, as time.monotonic."""

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds, more than 0. Raises FetchFailed when there are none."""
        left = self._end - self._clock()
        if left <= 0:
            raise FetchFailed(f"It took longer than {self.seconds:g} seconds to answer.", is_temporary=True)
        return left


class _TimedSocket(socket.socket):
    """Every single read has what is left of the whole time."""

    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)


class _TimedSSLSocket(ssl.SSLSocket):
    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)


def dial(address: str, port: int, deadline: Deadline) -> socket.socket:
    """A connection to this very address. Raises OSError, FetchFailed."""
    sock = _TimedSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    sock.deadline = deadline
    try:
        sock.settimeout(min(deadline.left(), MAX_CONNECT_SECONDS))
        sock.connect((address, port))
    except BaseException:
        sock.close()
        raise
    return sock


Dial = Callable[[str, int, Deadline], socket.socket]


@functools.cache
def tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.sslsocket_class = _TimedSSLSocket
    return context


def _secured(sock: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    """TLS for the name of the address, whatever address it was found at."""
    sock.settimeout(deadline.left())  # for the handshake as a whole
    secured = tls_context().wrap_socket(sock, server_hostname=host)
    secured.deadline = deadline  # type: ignore[attr-defined]
    return secured


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes  # unpacked

    @property
    def content_type(self) -> str:
        return self.headers.get_content_type().lower() if "Content-Type" in self.headers else ""

    @property
    def text(self) -> str:
        return self.body.decode(self._charset(), errors="replace")

    def _charset(self) -> str:
        said = _CHARSET.search(self.headers.get("Content-Type", ""))
        in_page = _CHARSET_IN_PAGE.search(self.body[:1024])
        name = said[1] if said else in_page[1].decode() if in_page else ""
        return name if _CHARSETS.fullmatch(name) else "utf-8"


class _Connection(http.client.HTTPConnection):
    """Writes the target's own name and port as Host over the socket it is given."""

    def __init__(self, target: Target, sock: socket.socket) -> None:
        super().__init__(target.host, target.port)
        self.default_port = 443 if target.scheme == "https" else 80
        self.sock = sock

    def connect(self) -> None:
        raise http.client.NotConnected


def exchange(
    target: Target,
    address: str,
    *,
    method: str,
    headers: Headers,
    body: bytes | None,
    deadline: Deadline,
    max_bytes: int,
    dial: Dial,
) -> Answer:
    """Asks `address` as `target`. The body is read for 2xx only.

    Raises FetchFailed; OSError where no connection came about, so that nothing was sent.
    """
    sock = dial(address, target.port, deadline)
    try:
        if target.scheme == "https":
            sock = _secured(sock, target.host, deadline)
        return _ask(_Connection(target, sock), target, method, headers, body, max_bytes)
    except FetchFailed:
        raise
    except ssl.SSLError as error:
        raise FetchFailed(f"{target.host} could not prove who it is, or speaks no TLS.") from error
    except TimeoutError as error:
        raise FetchFailed(f"{target.host} took too long to answer.", is_temporary=True) from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise FetchFailed(f"The connection to {target.host} broke off.", is_temporary=True) from error
    finally:
        sock.close()


def _ask(
    connection: _Connection, target: Target, method: str, headers: Headers, body: bytes | None, max_bytes: int
) -> Answer:
    sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Connection": "close", **headers}
    connection.request(method, target.path, body=body, headers=sent)
    with connection.getresponse() as response:
        is_wanted = response.status // 100 == 2 or method != "GET"
        return Answer(response.status, response.headers, _read(response, target, max_bytes) if is_wanted else b"")


def _read(response: http.client.HTTPResponse, target: Target, max_bytes: int) -> bytes:
    """The body, at most `max_bytes` as it comes and as it is unpacked. Raises FetchFailed."""
    unpack = _unpacker(response.headers.get("Content-Encoding", ""), target)
    packed = 0
    read = bytearray()
    while chunk := response.read1(READ_AT_ONCE):
        packed += len(chunk)
        read += unpack.decompress(chunk, max_bytes + 1 - len(read)) if unpack else chunk
        if packed > max_bytes or len(read) > max_bytes:
            raise FetchFailed(f"What {target.host} answers is larger than {max_bytes // 1000:,} kB.")
    is_whole = not response.length and (unpack is None or (unpack.eof and not unpack.unused_data))
    if not is_whole:
        raise FetchFailed(f"The connection to {target.host} broke off.", is_temporary=True)
    return bytes(read)


def _unpacker(encoding: str, target: Target) -> Any:
    if encoding.strip().lower() in {"", "identity"}:
        return None
    if encoding.strip().lower() in {"gzip", "x-gzip"}:
        return _Gzip()
    raise FetchFailed(f"{target.host} packs its answers in a way that was not asked for.")


class _Gzip:
    """zlib's errors as ours, and no more unpacked than was asked for."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, chunk: bytes, at_most: int) -> bytes:
        try:
            return self._stream.decompress(self._stream.unconsumed_tail + chunk, at_most)
        except zlib.error as error:
            raise FetchFailed("What was answered cannot be unpacked.") from error
