"""The light client, in front of a server that answers what the test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.client import run

KEY = "checkout_session_id"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    cookies: list[str | None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.cookies.append(self.headers.get("Cookie"))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Set-Cookie", f"{KEY}=abc; Path=/")
        self.send_header("Content-Length", "20000")
        self.end_headers()
        self.wfile.write(b"x" * 20000)

    do_POST = do_GET  # noqa: N815 - the server's name for it

    def log_message(self, *args: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.cookies = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def plan(server: Server, *calls: tuple[object, ...]) -> dict[str, object]:
    return {"port": server.server_address[1], "clients": 1, "seconds": 0.05, "calls": list(calls)}


def test_each_pass_is_a_new_shopper_who_keeps_the_cookie_to_the_end(server: Server):
    load = run(plan(server, ("first", "GET", "/", None, 200), ("second", "POST", "/", {"n": 1}, 200)))
    assert not load["faults"]
    assert load["passes"] >= 1
    assert server.cookies == [None, f"{KEY}=abc"] * load["passes"]
    assert len(load["milliseconds"]["second"]) == load["passes"]


def test_a_wrong_answer_is_a_fault_and_no_pass(server: Server):
    load = run(plan(server, ("gone", "GET", "/gone", None, 200)))
    assert load["passes"] == 0
    assert load["faults"][0] == "gone: 404"


def test_nobody_at_the_door_is_a_fault():
    load = run({"port": 1, "clients": 1, "seconds": 0.05, "calls": [["first", "GET", "/", None, 200]]})
    assert load["passes"] == 0
    assert "Refused" in load["faults"][0]
