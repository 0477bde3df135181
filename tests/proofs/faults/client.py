"""A shopper's way of speaking to the shop: over HTTP, with a cookie, and with answers that may never come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from common.errors import ErrorCode
from dialects.guest_sentences import SENTENCES

PATIENCE = 60.0  # seconds: then a shopper gives up who asks again and again
WAIT = 0.3
# Not yet an answer: another request is at it, or the shop is busy.
_NOT_YET = {
    SENTENCES[code] for code in (ErrorCode.PAYMENT_IN_PROGRESS, ErrorCode.IDEMPOTENCY_KEY_IN_USE, ErrorCode.BUSY)
}


@dataclass(frozen=True)
class Said:
    """An answer; status 0: the connection broke, and nobody knows what was done."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def is_clear(self) -> bool:
        return bool(self.status) and self.status < 500 and self.body.get("error") not in _NOT_YET


LOST = Said(0)


class GaveUp(Exception):
    """No clear answer as long as anybody would wait."""


class Client:
    def __init__(self, url: str, on_fault: Callable[[str], None], *, patience: float = PATIENCE) -> None:
        self.url, self._on_fault, self._patience = url, on_fault, patience
        self.session = requests.Session()
        self.session.trust_env = False

    def call(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Said:
        try:
            answer = self.session.request(
                method, self.url + path, json=body, headers=headers, timeout=(5, 45), allow_redirects=False
            )
            is_json = "json" in answer.headers.get("Content-Type", "")
            said = Said(answer.status_code, answer.json() if is_json else {})
        except (requests.RequestException, ValueError):
            return LOST
        if said.status >= 500:
            self._on_fault(f"{method} {path}: {said.status} {said.body}")
        return said

    def until_clear(self, ask: Callable[[], Said]) -> Said:
        """Raises GaveUp."""
        stop_at = time.monotonic() + self._patience
        while not (said := ask()).is_clear:
            if time.monotonic() > stop_at:
                raise GaveUp(said)
            time.sleep(WAIT)
        return said

    def insist(self, method: str, path: str, body: Any = None, **more: Any) -> Said:
        return self.until_clear(lambda: self.call(method, path, body, **more))
