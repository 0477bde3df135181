"""Mails that go by a provider's API: sent once, and what it answers decides as a mail server's answer does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from checkout_project import esp
from recovery.models import Message
from recovery.states import Outcome
from tests.recovery.carts import ADA, make_abandoned
from tests.recovery.sequences import Time, make_sequence

TAKEN = (200, {"ErrorCode": 0, "Message": "OK", "MessageID": "1", "SubmittedAt": "2025-05-24", "To": ADA})

INACTIVE = f"Found inactive addresses: {ADA}. Inactive recipients are ones that have generated a hard bounce."


class Provider(BaseHTTPRequestHandler):
    """Answers as Postmark's API does."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.headers, json.loads(body)))  # type: ignore[attr-defined]
        status, answer = self.server.answer  # type: ignore[attr-defined]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider(settings) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.heard, server.answer = [], TAKEN  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"anymail+postmark://the-key?api_url=http://127.0.0.1:{server.server_port}/"
    for name, value in esp.settings_of(url, timeout=5).items():
        setattr(settings, name, value)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def time(shop) -> Time:
    """Its first mail is due."""
    make_sequence()
    make_abandoned()
    time = Time()
    time.run()
    return time.on(hours=1.1)


def test_a_mail_goes_with_the_key_the_headers_and_without_tracking(provider, time):
    assert time.run() == 1
    headers, mail = provider.heard[0]
    assert headers["X-Postmark-Server-Token"] == "the-key"
    assert mail["To"] == ADA
    assert {header["Name"] for header in mail["Headers"]} >= {"List-Unsubscribe", "List-Unsubscribe-Post"}
    assert (mail["TrackOpens"], mail["TrackLinks"]) == (False, "None")
    assert Message.objects.get().outcome == Outcome.SENT


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((429, {}), Outcome.WAITING),
        ((422, {"ErrorCode": 300, "Message": "Invalid email request"}), Outcome.FAILED),
        ((401, {"ErrorCode": 10, "Message": "Bad or missing API token."}), Outcome.FAILED),
        ((422, {"ErrorCode": 406, "Message": INACTIVE}), Outcome.FAILED),
        ((500, {}), Outcome.UNKNOWN),
        ((200, "nonsense"), Outcome.UNKNOWN),
    ],
)
def test_what_it_answers_decides(provider, time, answer, outcome):
    provider.answer = answer
    time.run()
    assert Message.objects.get().outcome == outcome


def test_one_that_cannot_be_reached_is_tried_again(provider, time):
    provider.shutdown()
    provider.server_close()
    time.run()
    assert Message.objects.get().outcome == Outcome.WAITING
