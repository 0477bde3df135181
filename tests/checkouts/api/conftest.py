"""A guest with a cookie, in front of the demo shop's goods."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.models import User
from demo import catalog

SHIRT = {"product_id": 42, "variant_id": 7, "quantity": 2}
SHIPPING_ADDRESS = {
    "address_line1": "123 Main Street",
    "address_line2": "Apt 4B",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62704",
    "country": "US",
}
BILLING_ADDRESS = SHIPPING_ADDRESS | {"address_line1": "456 Commerce Ave", "address_line2": "Suite 300"}
CUSTOMER = {"email": "customer@example.com", "phone": "+1234567890", "full_name": "John Doe"}
BY_CARD = {
    "payment_provider": "stripe",
    "payment_data": {
        "card_details": {
            "card_number": "4111111111111111",
            "expiry_month": 12,
            "expiry_year": 2027,
            "cvv": "123",
            "cardholder_name": "John Doe",
            "token": "tok_visa_2024",
        }
    },
    "redirect_url": "https://example.com/order-confirmation",
}
BY_MOBILEPAY = {
    "payment_provider": "mobilepay",
    "payment_data": {"phone_number": "+4512345678"},
    "redirect_url": "https://example.com/order-confirmation",
}


def by_token(token: str, provider: str = "test") -> dict[str, Any]:
    return {"payment_provider": provider, "payment_data": {"card_details": {"token": token}}}


class Guest:
    """Speaks the guest API as a client of the document would."""

    def __init__(self) -> None:
        self.client = APIClient()

    def call(self, method: str, path: str = "", body: Any = None, *, key: str = "") -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        return getattr(self.client, method)(f"/api/checkout{path}", body, format="json", headers=headers)

    def get(self) -> Response:
        return self.call("get")

    def add(self, body: dict[str, Any] | None = None, *, key: str = "") -> Response:
        return self.call("post", "/items", body or SHIRT, key=key)

    def complete(self, body: dict[str, Any] | None = None, *, key: str = "") -> Response:
        return self.call("post", "/complete", body or BY_CARD, key=key)

    def fill_in(self) -> None:
        self.call("put", "/shipping-address", SHIPPING_ADDRESS)
        self.call("put", "/billing-address", BILLING_ADDRESS)
        self.call("put", "/customer-details", CUSTOMER)
        self.call("put", "/shipping-method", {"shipping_method_id": 1})

    def ready(self) -> Guest:
        """Two T-shirts and everything that completing needs."""
        self.add()
        self.fill_in()
        return self


@pytest.fixture
def shop(db: None) -> None:
    catalog.load()


@pytest.fixture
def guest(shop: None) -> Guest:
    return Guest()


@pytest.fixture
def other_guest(shop: None) -> Guest:
    return Guest()


@pytest.fixture
def staff(shop: None) -> APIClient:
    client = APIClient()
    client.force_login(User.objects.create_superuser("merchant", password="a long pass phrase"))
    return client
