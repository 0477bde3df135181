"""A caller of the cart2table API, carts for it, and captures that its PayPal orders got at PayPal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework.response import Response
from rest_framework.test import APIClient

from carts import coded
from carts.models import Cart
from tests.factories import MEDIUM_BLUE_ID
from tests.standins.paypal_books import Capture, Order
from tests.standins.paypal_server import PayPalStandIn

PAYPAL_ORDER, CAPTURE = "PAYPAL-123", "CAP-123"
SHIRT = 2499
DUE = 2 * SHIRT


def cart_of(demand: dict[int, int] | None = None) -> Cart:
    """Two demo shirts unless said otherwise: 49.98."""
    return coded.start(demand or {MEDIUM_BLUE_ID: 2}, currency="USD")


class Table:
    """Speaks the cart2table API as a client of the document would."""

    def __init__(self) -> None:
        self.client = APIClient()

    def post(self, what: str, body: Any = None, *, key: str = "") -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/{what}", body, format="json", headers=headers)

    def order(self, cart: Cart, reference: str = PAYPAL_ORDER, *, key: str = "") -> Response:
        return self.post("order", {"cart_id": coded.shown(cart), "paypal_order_id": reference}, key=key)

    def pay(self, amount: Any, capture: Any = CAPTURE, reference: Any = PAYPAL_ORDER, *, key: str = "") -> Response:
        body = {"paypal_order_id": reference, "capture_id": capture, "amount_captured": amount}
        return self.post("payment", body, key=key)

    def read(self, cart: Cart) -> dict[str, Any]:
        answer = self.client.get(f"/api/cart/{coded.shown(cart)}")
        assert answer.status_code == 200, answer.content
        return answer.json()

    def order_of(self, cart: Cart) -> dict[str, Any]:
        return self.read(cart)["order"]


def message(response: Response, status: int) -> Any:
    """Of an answer that has nothing else to say."""
    assert response.status_code == status, response.content
    assert set(response.json()) == {"message"}
    return response.json()["message"]


def captured_at(
    paypal: PayPalStandIn,
    value: str,
    capture: str = CAPTURE,
    reference: str = PAYPAL_ORDER,
    *,
    currency: str = "USD",
    status: str = "COMPLETED",
) -> None:
    """The payer approved and somebody took the money, all without us: PayPal's books have it."""
    unit = {"reference_id": "theirs", "amount": {"currency_code": currency, "value": "100.00"}}
    with paypal.lock:
        order = paypal.orders.setdefault(reference, Order(reference, "CAPTURE", unit, status="COMPLETED"))
        order.captures.append(Capture(capture, reference, Decimal(value), status))
