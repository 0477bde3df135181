"""What is asked of the server: the guest's journey, and eight requests for nothing."""

from __future__ import annotations

from typing import Any

PIECES = 1  # a journey buys
VARIANT = 7
_ADDRESS = {
    "address_line1": "123 Main Street",
    "address_line2": "Apt 4B",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62704",
    "country": "US",
}
_CUSTOMER = {"email": "customer@example.com", "phone": "+1234567890", "full_name": "John Doe"}
_PAYMENT = {"payment_provider": "test", "payment_data": {"card_details": {"token": "tok_visa"}}}

Call = tuple[str, str, str, Any, int]  # name, method, path, body, expected status

JOURNEY: list[Call] = [
    ("get checkout", "GET", "/api/checkout", None, 200),
    ("add item", "POST", "/api/checkout/items", {"product_id": 42, "variant_id": VARIANT, "quantity": PIECES}, 200),
    ("shipping address", "PUT", "/api/checkout/shipping-address", _ADDRESS, 200),
    ("billing address", "PUT", "/api/checkout/billing-address", _ADDRESS, 200),
    ("customer details", "PUT", "/api/checkout/customer-details", _CUSTOMER, 200),
    ("shipping method", "PUT", "/api/checkout/shipping-method", {"shipping_method_id": 1}, 200),
    ("discount", "POST", "/api/checkout/discount", {"discount_code": "SUMMER25"}, 200),
    ("complete", "POST", "/api/checkout/complete", _PAYMENT, 201),
]
EIGHT_EMPTY: list[Call] = [("empty GET", "GET", "/bench/empty", None, 200)] + [
    ("empty POST", "POST", "/bench/empty", {"n": 1}, 200)
] * 7
