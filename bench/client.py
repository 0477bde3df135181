"""A client that costs little, so that the two cores are the server's: plain sockets, kept open, one thread a shopper.

Run as a process of its own: a plan as JSON on standard input, what came of it as JSON on standard output.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: *(checkout_session_id=[^;\r]+)", re.IGNORECASE)
TIMEOUT_SECONDS = 30.0
MAX_FAULTS_KEPT = 5


@dataclass(frozen=True)
class Request:
    name: str
    head: bytes
    body: bytes
    status: int  # expected

    @classmethod
    def of(cls, name: str, method: str, path: str, body: Any, status: int) -> Request:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return cls(name, ("\r\n".join(lines) + "\r\n").encode(), content, status)


@dataclass
class Tally:
    passes: int = 0
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Connection:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._socket.close()

    def ask(self, message: bytes) -> tuple[int, bytes]:
        """Status and head of the answer; its body is read to the end and dropped."""
        self._socket.sendall(message)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = received[:end]
        length = _LENGTH.search(head)
        missing = (int(length[1]) if length else 0) - (len(received) - end - 4)
        while missing > 0:
            missing -= len(self._more())
        return int(head[9:12]), head

    def _more(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise ConnectionError("The server closed the connection.")
        return received


def one_pass(connection: Connection, requests: list[Request], tally: Tally) -> None:
    """All requests in turn as a new shopper: the cookie jar starts empty. Stops at the first wrong answer."""
    cookie = b""
    for request in requests:
        started = time.perf_counter()
        status, head = connection.ask(request.head + cookie + b"\r\n" + request.body)
        tally.milliseconds.setdefault(request.name, []).append((time.perf_counter() - started) * 1000)
        if status != request.status:
            tally.faults.append(f"{request.name}: {status}")
            return
        if handed := _COOKIE.search(head):
            cookie = b"Cookie: " + handed[1] + b"\r\n"
    tally.passes += 1


def shop_until(deadline: float, port: int, requests: list[Request], tally: Tally) -> None:
    try:
        with closing(Connection(port)) as connection:
            while time.perf_counter() < deadline:
                one_pass(connection, requests, tally)
    except OSError as error:
        tally.faults.append(f"{type(error).__name__}: {error}")


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """`plan`: port, clients, seconds, calls. What was begun in time is finished; `seconds` counts to the end of it."""
    requests = [Request.of(*call) for call in plan["calls"]]
    tallies = [Tally() for _ in range(plan["clients"])]
    started = time.perf_counter()
    threads = [
        threading.Thread(target=shop_until, args=(started + plan["seconds"], plan["port"], requests, tally))
        for tally in tallies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = dict.fromkeys(request.name for request in requests)
    return {
        "passes": sum(tally.passes for tally in tallies),
        "seconds": time.perf_counter() - started,
        "milliseconds": {name: sum((tally.milliseconds.get(name, []) for tally in tallies), []) for name in names},
        "faults": sum((tally.faults for tally in tallies), [])[:MAX_FAULTS_KEPT],
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
