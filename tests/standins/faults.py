"""A small HTTP server for stand-ins of gateways, on 127.0.0.1 only, that breaks when it is told to.

    class MyGateway(StandIn):
        def answer(self, asked: Asked) -> Answer: ...

    server = MyGateway().start()
    server.fail(Fault.BREAK_AFTER, path="/v1/payment_intents", times=3)

What is asked is kept in `server.log`, faults included. `answer` runs under one lock, unless a stand-in says otherwise.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

LONGEST_HANG = 30  # seconds; `reset` and `stop` end it sooner


class Fault(StrEnum):
    ERROR_500 = "500"  # before doing the work
    HTML_502 = "502"  # a proxy's page, before doing the work
    TOO_MANY = "429"  # before doing the work
    HANG_BEFORE = "hang before"  # no answer until the caller gives up
    HANG_AFTER = "hang after"  # the work is done, the answer never comes
    BREAK_BEFORE = "break before"  # the connection is reset, nothing was done
    BREAK_AFTER = "break after"  # the connection is reset, the work was done
    SLOW = "slow"  # `seconds` late, then as usual
    SAYS = "says"  # `answer` instead of its own, nothing was done


_AFTER_THE_WORK = {Fault.HANG_AFTER, Fault.BREAK_AFTER}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]  # names in small letters
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body of a form, flat: `{"card[token]": "tok_visa"}`."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    @property
    def changes_something(self) -> bool:
        return self.method not in {"GET", "HEAD"}


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: Any = None  # a dictionary or list goes out as JSON, a text as HTML
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Plan:
    """A fault for the next `times` requests that fit."""

    fault: Fault
    method: str
    path: str
    body: str
    times: float
    seconds: float
    answer: Answer | None

    def fits(self, asked: Asked) -> bool:
        fits = self.method in {"", asked.method} and asked.path.startswith(self.path)
        return bool(fits and self.times > 0 and self.body.encode() in asked.body)


class StandIn:
    """Start it, point the adapter at `url`, stop it. Everything it kept is forgotten by `reset`."""

    def __init__(self, port: int = 0) -> None:
        self.log: list[Asked] = []
        self.lock = threading.RLock()
        self._plans: list[_Plan] = []
        self._release = threading.Event()
        self._server = _Server(("127.0.0.1", port), _handler(self))

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        self._release.set()
        with self.lock:
            self.log, self._plans, self._release = [], [], threading.Event()

    def fail(
        self,
        fault: Fault,
        *,
        times: float = 1,
        method: str = "",
        path: str = "",
        body: str = "",
        seconds: float = 0.2,
        answer: Answer | None = None,
    ) -> None:
        """The next `times` requests whose method, beginning of the path and part of the body fit go wrong."""
        with self.lock:
            self._plans.append(_Plan(fault, method, path, body, times, seconds, answer))

    def mend(self) -> None:
        """No more faults."""
        with self.lock:
            self._plans = []

    def asked_for(self, path: str, method: str = "") -> list[Asked]:
        return [asked for asked in self.log if asked.path.startswith(path) and method in {"", asked.method}]

    def take_fault(self, asked: Asked) -> _Plan | None:
        with self.lock:
            self.log.append(asked)
            plan = next((plan for plan in self._plans if plan.fits(asked)), None)
            if plan is not None:
                plan.times -= 1
            return plan

    def work(self, asked: Asked) -> Answer:
        with self.lock:
            return self.answer(asked)

    def error_body(self, fault: Fault) -> Any:
        """What the gateway's own 500 and 429 look like; override it."""
        return {"error": {"message": str(fault)}}

    def wait(self, seconds: float) -> None:
        self._release.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that gave up is what the faults are for."""


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body leave apart: the second would wait 40 ms for the first

        def log_message(self, *args: object) -> None:
            pass

        def _serve(self) -> None:
            asked = self._read()
            plan = stand_in.take_fault(asked)
            answer = self._broken(plan, asked) if plan else stand_in.work(asked)
            if answer is None:
                self._reset_connection()
            else:
                self._write(answer)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the names are the library's

        def _read(self) -> Asked:
            address = urlsplit(self.path)
            return Asked(
                method=self.command,
                path=address.path,
                query=tuple(parse_qsl(address.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )

        def _broken(self, plan: _Plan, asked: Asked) -> Answer | None:
            """The answer that goes out; None: the connection breaks instead."""
            refusals: dict[Fault, Callable[[], Answer]] = {
                Fault.ERROR_500: lambda: Answer(500, stand_in.error_body(plan.fault)),
                Fault.TOO_MANY: lambda: Answer(429, stand_in.error_body(plan.fault)),
                Fault.HTML_502: lambda: Answer(502, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
            }
            if plan.fault in refusals:
                return refusals[plan.fault]()
            if plan.fault is Fault.SAYS:
                return plan.answer
            if plan.fault is Fault.SLOW:
                stand_in.wait(plan.seconds)
                return stand_in.work(asked)
            if plan.fault in _AFTER_THE_WORK:
                stand_in.work(asked)
            if plan.fault in {Fault.HANG_BEFORE, Fault.HANG_AFTER}:
                stand_in.wait(LONGEST_HANG)
            return None

        def _reset_connection(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

        def _write(self, answer: Answer) -> None:
            is_page = isinstance(answer.body, str)
            body = answer.body.encode() if is_page else json.dumps(answer.body).encode()
            body = b"" if answer.body is None else body
            self.send_response(answer.status)
            usual = {"Content-Type": "text/html; charset=utf-8" if is_page else "application/json"}
            for name, value in (usual | {"Content-Length": str(len(body))} | dict(answer.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler
