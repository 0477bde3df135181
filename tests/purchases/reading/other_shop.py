"""Another shop of this software in the same process: what is sent to `other.test` is answered by our own code, which
then thinks that this is its address. What is written lands in the test's database."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import Any

from django.test import Client, override_settings

from purchases.targets import FetchFailed, Target
from purchases.wire import Answer

ORIGIN = "http://other.test"


class OtherShopHere:
    """Stands in for `purchases.wire.exchange`. `spoil`: (method, path) -> what becomes of the answer there."""

    def __init__(self, **settings: Any) -> None:
        self.settings = {"BASE_URL": ORIGIN, "ALLOWED_HOSTS": ["other.test"]} | settings
        self.asked: list[tuple[str, str]] = []
        self.keys: list[str] = []
        self.spoil: dict[tuple[str, str], Callable[[Answer], Answer]] = {}

    def __call__(
        self, target: Target, address: str, *, method: str, headers: Any, body: bytes | None, **_: Any
    ) -> Answer:
        assert target.origin == ORIGIN
        path = target.path.partition("?")[0]
        self.asked.append((method, path))
        self.keys += [headers["Idempotency-Key"]] if "Idempotency-Key" in headers else []
        answer = self._answer(target, method, headers, body)
        return self.spoil.pop((method, path), lambda whole: whole)(answer)

    def _answer(self, target: Target, method: str, headers: Any, body: bytes | None) -> Answer:
        with override_settings(**self.settings):
            sent = {name: value for name, value in headers.items() if name not in {"Content-Type", "Cookie"}}
            client = Client(raise_request_exception=False)
            client.cookies.load(headers.get("Cookie", ""))
            kind = headers.get("Content-Type", "application/octet-stream")
            response = client.generic(method, target.path, body or b"", kind, headers=sent, SERVER_NAME="other.test")
        message = http.client.HTTPMessage()
        for name, value in response.items():
            message[name] = value
        for cookie in response.cookies.values():
            message["Set-Cookie"] = cookie.OutputString()
        return Answer(response.status_code, message, response.content)


def lost(answer: Answer) -> Answer:
    """The answer never arrives; what was asked for is done."""
    raise FetchFailed("The connection to other.test broke off.", is_temporary=True)


def changed(**values: Any) -> Callable[[Answer], Answer]:
    """Other values at the top of the JSON that is answered; `data` is changed inside."""

    def change(answer: Answer) -> Answer:
        body = json.loads(answer.body)
        inner = values.pop("data", {})
        body |= values
        if inner:
            body["data"] |= inner
        return Answer(answer.status, answer.headers, json.dumps(body).encode())

    return change


def refusing(status: int, sentence: str = "No.", **headers: str) -> Callable[[Answer], Answer]:
    def refuse(answer: Answer) -> Answer:
        message = http.client.HTTPMessage()
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        return Answer(status, message, json.dumps({"success": False, "error": sentence}).encode())

    return refuse
