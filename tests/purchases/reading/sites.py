"""A small web site for tests: what it answers is written into `answers`, what it was asked stands in `asked`."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from purchases.wire import Deadline, Dial
from purchases.wire import dial as dial_really

HOST = "shop.test"
PUBLIC = "93.184.216.34"


@dataclass
class Reply:
    body: bytes | str = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    play: Callable[[BaseHTTPRequestHandler], None] | None = None  # instead of a body, after the headers


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(json.dumps(value), status, "application/json", headers)


class Site:
    def __init__(self) -> None:
        site = self
        self.answers: dict[str, Reply | Callable[[], Reply]] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                site.asked.append((self.command, self.path))
                site.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                site._send(self, site.answers.get(self.path, Reply("Not here.", 404)))

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *args: Any) -> None:
                """A client that hangs up is what many of these tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def authority(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        self.answers, self.asked, self.headers = {}, [], []

    def _send(self, handler: BaseHTTPRequestHandler, reply: Reply | Callable[[], Reply]) -> None:
        reply = reply() if callable(reply) else reply
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        handler.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
            if value:
                handler.send_header(name, value)
        if reply.play is None:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if reply.play is None:
            handler.wfile.write(body)
            return
        handler.close_connection = True
        reply.play(handler)


class Resolver:
    """Answers look-ups from a table; a list of lists is another answer each time. Anything else is no host."""

    def __init__(self, **addresses: Any) -> None:
        self.table = {name.replace("_", "."): value for name, value in addresses.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host not in self.table:
            raise socket.gaierror(f"no {host}")
        found = self.table[host]
        if found and isinstance(found[0], list):
            return found[min(self.asked.count(host), len(found)) - 1]
        return found


class Dialed:
    """Notes each address that is connected to, and leads there: to the site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.addresses: list[tuple[str, int]] = []

    def __call__(self, address: str, port: int, deadline: Deadline) -> socket.socket:
        self.addresses.append((address, port))
        return dial_really("127.0.0.1", self.site.port, deadline)


@contextmanager
def raw_server(play: Callable[[socket.socket], object]) -> Iterator[Dial]:
    """One connection that `play` answers by hand; gives the way to dial it."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            play(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield lambda address, _, deadline: dial_really("127.0.0.1", port, deadline)
    finally:
        thread.join(60)
        listener.close()


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now
