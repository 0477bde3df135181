"""The merchant pays an order back over the API, clicks twice, and asks again when the answer is lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.proofs.faults.client import Client, Said
from tests.proofs.faults.house import STAFF_PASSWORD, House


class Staff:
    def __init__(self, house: House, on_fault: Callable[[str], None]) -> None:
        self.client = Client(house.url, on_fault, patience=300)
        who = {"username": "merchant", "password": STAFF_PASSWORD}
        said = self.client.insist("POST", "/api/auth/token", who)
        self._headers = {"Authorization": f"Bearer {said.body['access']}"}

    def refund(self, order_id: object, manner: str) -> None:
        """All of it in the end. Raises GaveUp."""
        if manner == "in two parts":
            self._ask(order_id, {"amount": 1, "reason": "A scratch"})
        with ThreadPoolExecutor(2) as pool:
            clicks = 2 if manner == "twice at once" else 1
            said = list(pool.map(lambda _: self._ask(order_id, {"reason": "Sent back"}), range(clicks)))
        assert sorted(answer.status for answer in said) == [201, 422][:clicks], said

    def _ask(self, order_id: object, body: dict[str, Any]) -> Said:
        headers = self._headers | {"Idempotency-Key": uuid.uuid4().hex}
        return self.client.insist("POST", f"/api/admin/orders/{order_id}/refunds", body, headers=headers)
