"""Another store with its key, in front of the tracker API."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

API_KEY = "your-secret-api-key"
NEW = {
    "customerEmail": "customer@example.com",
    "customerName": "John Doe",
    "items": [{"name": "Product Name", "quantity": 2, "price": 49.99}],
}


class Store:
    """Speaks the tracker API as a client of its document would."""

    def __init__(self, api_key: str | None = API_KEY) -> None:
        self.client = APIClient(raise_request_exception=False)
        self.headers = {} if api_key is None else {"x-api-key": api_key}

    def call(self, method: str, path: str = "", body: Any = None, *, key: str = "") -> Response:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return getattr(self.client, method)(f"/api/carts{path}", body, format="json", headers=headers)

    def list(self, query: str = "") -> Any:
        """The data of a list that must be answered."""
        answer = self.call("get", query)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    def create(self, **changes: Any) -> Response:
        return self.call("post", "", NEW | changes)

    def told(self, **changes: Any) -> dict[str, Any]:
        """A cart that must be taken, as it was answered."""
        answer = self.create(**changes)
        assert answer.status_code == 201, answer.content
        return answer.json()["data"]

    def mark(self, cart_id: str, status: Any) -> Response:
        return self.call("patch", f"/{cart_id}", {"status": status})


@pytest.fixture
def store(db: None, settings: Any) -> Store:
    settings.API_KEY = API_KEY
    return Store()


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without what the limit asks of the database: the endpoint's own statements are left."""
    monkeypatch.setattr("common.rates.admit", lambda *_: 0.0)
