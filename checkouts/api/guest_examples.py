"""The published document's own examples, for OpenAPI: every field on every answer, sums as they are charged.

Where an example of the document leaves a field out, it has the value that the document's other examples imply.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from common.addresses import FIELDS

Json = dict[str, Any]


def _asked(name: str, value: Json) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def _answered(name: str, value: Json, status: int = 200) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])


def _at(clock: str) -> str:
    return f"2025-05-24T{clock}:00Z"


def _touched(clock: str) -> Json:
    """The times of a checkout last written at `clock` (hh:mm): it expires one hour later."""
    hour, minute = clock.split(":")
    return {
        "updated_at": _at(clock),
        "last_activity_at": _at(clock),
        "expires_at": _at(f"{int(hour) + 1}:{minute}"),
    }


_NOWHERE = dict.fromkeys(FIELDS, "")
_NOBODY = {"email": "", "phone": "", "full_name": ""}
_JOHN = {"email": "customer@example.com", "phone": "+1234567890", "full_name": "John Doe"}
_HOME = {
    "address_line1": "123 Main Street",
    "address_line2": "Apt 4B",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62704",
    "country": "US",
}
_OFFICE = _HOME | {"address_line1": "456 Commerce Ave", "address_line2": "Suite 300"}
_SOLD = {
    "id": 1,
    "product_id": 42,
    "variant_id": 7,
    "product_name": "Organic Cotton T-Shirt",
    "variant_name": "Medium / Blue",
    "sku": "TS-BL-M",
    "price": 24.99,
    "quantity": 2,
    "subtotal": 49.98,
}
_TWO_SHIRTS = _SOLD | {"weight": 0.3, "created_at": _at("10:30"), "updated_at": _at("10:30")}
_ONE_SHIRT = _TWO_SHIRTS | {"quantity": 1, "subtotal": 24.99}
_TWO_LARGE_SHIRTS = _TWO_SHIRTS | {
    "variant_id": 8,
    "variant_name": "Large / Blue",
    "sku": "TS-BL-L",
    "weight": 0.35,
    "updated_at": _at("10:35"),
}
_STANDARD = {"id": 1, "name": "Standard Shipping", "description": "Delivery in 5-7 business days", "cost": 5.99}
_TWO_SHIRTS_SHIPPED = {"shipping_method_id": 1, "shipping_method": _STANDARD, "shipping_cost": 5.99}

CHECKOUT: Json = {
    "id": 123,
    "session_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "items": [_TWO_SHIRTS],
    "status": "active",
    "shipping_address": _NOWHERE,
    "billing_address": _NOWHERE,
    "shipping_method_id": 0,
    "shipping_method": None,
    "payment_provider": "",
    "total_amount": 49.98,
    "shipping_cost": 0,
    "total_weight": 0.6,
    "customer_details": _NOBODY,
    "currency": "USD",
    "discount_code": "",
    "discount_amount": 0,
    "final_amount": 49.98,
    "applied_discount": None,
    "created_at": _at("10:30"),
    **_touched("10:30"),
}
_EMPTY = CHECKOUT | {"items": [], "total_amount": 0, "total_weight": 0, "final_amount": 0}
_TO_HOME = _EMPTY | {"shipping_address": _HOME}
_TO_HOME_PAID_BY_OFFICE = _TO_HOME | {"billing_address": _OFFICE}
_BY_JOHN = _TO_HOME_PAID_BY_OFFICE | {"customer_details": _JOHN}
_SUMMER25 = {"id": 5, "code": "SUMMER25", "type": "basket", "method": "percentage", "value": 25, "amount": 12.5}

GET_CHECKOUT = [_answered("Two T-shirts", CHECKOUT)]
CLEAR_CHECKOUT = [_answered("Cleared", _EMPTY | _touched("10:45"))]
ADD_ITEM = [
    _asked("One T-shirt", {"product_id": 42, "variant_id": 7, "quantity": 1}),
    _answered(
        "One T-shirt in the checkout",
        CHECKOUT | {"items": [_ONE_SHIRT], "total_amount": 24.99, "total_weight": 0.3, "final_amount": 24.99},
    ),
]
CHANGE_ITEM = [
    _asked("Two of the large ones", {"quantity": 2, "variant_id": 8}),
    _answered("Two large T-shirts", CHECKOUT | {"items": [_TWO_LARGE_SHIRTS], "total_weight": 0.7} | _touched("10:35")),
]
REMOVE_ITEM = [_answered("Nothing left", _EMPTY | _touched("10:40"))]
SET_SHIPPING_ADDRESS = [
    _asked("An address", _HOME),
    _answered("The checkout with its address", _TO_HOME | _touched("10:50")),
]
SET_BILLING_ADDRESS = [
    _asked("Another address", _OFFICE),
    _answered("The checkout with both addresses", _TO_HOME_PAID_BY_OFFICE | _touched("10:55")),
]
SET_CUSTOMER_DETAILS = [
    _asked("A customer", _JOHN),
    _answered("The checkout with its customer", _BY_JOHN | _touched("11:00")),
]
SET_SHIPPING_METHOD = [
    _asked("Standard shipping", {"shipping_method_id": 1}),
    _answered(
        "The checkout with its shipping method",
        _BY_JOHN | _TWO_SHIRTS_SHIPPED | {"final_amount": 5.99} | _touched("11:05"),
    ),
]
APPLY_DISCOUNT = [
    _asked("A code", {"discount_code": "SUMMER25"}),
    _answered(
        "25 per cent off",
        CHECKOUT
        | _TWO_SHIRTS_SHIPPED
        | {
            "discount_code": "SUMMER25",
            "discount_amount": 12.5,
            "final_amount": 43.47,
            "applied_discount": _SUMMER25,
        }
        | _touched("11:10"),
    ),
]
REMOVE_DISCOUNT = [
    _answered("Without the code", CHECKOUT | _TWO_SHIRTS_SHIPPED | {"final_amount": 55.97} | _touched("11:15"))
]

_ORDER = {
    "id": 456,
    "user_id": 0,
    "order_number": "ORD-2025-0001",
    "status": "pending",
    "total_amount": 49.98,
    "items": [_SOLD],
    "shipping_address": _HOME,
    "billing_address": _OFFICE,
    "customer_details": _JOHN,
    "shipping_method": "Standard Shipping",
    "shipping_cost": 5.99,
    "subtotal": 49.98,
    "total": 55.97,
    "discount_code": "",
    "discount_amount": 0,
    "final_amount": 55.97,
    "currency": "USD",
    "payment_provider": "stripe",
    "payment_status": "pending",
    "created_at": _at("11:20"),
}
COMPLETE_CHECKOUT = [
    _asked(
        "By card",
        {
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
        },
    ),
    _asked(
        "By MobilePay",
        {
            "payment_provider": "mobilepay",
            "payment_data": {"phone_number": "+4512345678"},
            "redirect_url": "https://example.com/order-confirmation",
        },
    ),
    _answered(
        "An order",
        {
            "success": True,
            "message": "Order created successfully",
            "data": _ORDER,
            "action_required": False,
            "redirect_url": "",
        },
        201,
    ),
]

LIST_CHECKOUTS = [
    _answered(
        "Two of fifty-two",
        {
            "items": [
                {
                    "id": 123,
                    "session_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
                    "status": "active",
                    "total_amount": 49.98,
                    "discount_amount": 0,
                    "final_amount": 55.97,
                    "currency": "USD",
                    "created_at": _at("10:30"),
                    "updated_at": _at("11:20"),
                    "expires_at": _at("12:20"),
                },
                {
                    "id": 122,
                    "session_id": "2cb94f54-6261-4522-a3fc-1b832f55ddd1",
                    "status": "completed",
                    "total_amount": 129.95,
                    "discount_amount": 25.99,
                    "final_amount": 110.94,
                    "currency": "USD",
                    "created_at": _at("09:15"),
                    "updated_at": _at("09:45"),
                    "expires_at": _at("10:45"),
                    "completed_at": _at("09:45"),
                    "converted_order_id": 455,
                },
            ],
            "total": 52,
            "offset": 0,
            "limit": 20,
        },
    )
]
READ_CHECKOUT = [
    _answered(
        "A checkout ready to be completed",
        CHECKOUT
        | _TWO_SHIRTS_SHIPPED
        | {"shipping_address": _HOME, "billing_address": _OFFICE, "customer_details": _JOHN, "final_amount": 55.97}
        | _touched("11:20"),
    )
]
