"""The cart2table API for OpenAPI: what is sent, what is answered, and the examples of its document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from dialects.cart2table import Cents, Name
from dialects.fields import StrictSerializer
from dialects.schema import Words
from payments.api.cart2table_shapes import STATUS_WORDS

CART_ID_PATTERN = "^CART_[0-9A-F]{8}$"
CART_ID = OpenApiParameter("cart_id", OpenApiTypes.STR, OpenApiParameter.PATH, description="As CART_1A2B3C4D.")


# --- sent -----------------------------------------------------------------------------------------
class NewOrder(StrictSerializer):
    cart_id = Name(label="Cart")
    paypal_order_id = Name(label="Paypal order")


class NewPayment(StrictSerializer):
    paypal_order_id = Name(label="Paypal order", help_text="PayPal's, not the order's own id.")
    capture_id = Name(label="Capture", help_text="Unique across all payments, for ever.")
    amount_captured = Cents(label="Amount captured")


# --- answered -------------------------------------------------------------------------------------
class CartId(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(CART_ID_PATTERN, **kwargs)


class Amount(serializers.IntegerField):
    """Cents."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, **kwargs)


class ProductBody(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    base_price = Amount(help_text="Cents, of this moment.")


class CartItemBody(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    cart_id = CartId()
    product_id = serializers.UUIDField()
    quantity_ordered = serializers.IntegerField(min_value=1)
    product = ProductBody()


class CapturedPaymentBody(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    capture_id = serializers.CharField()
    amount_captured = serializers.IntegerField(min_value=1, help_text="Cents.")
    date_received = serializers.DateTimeField()


class CartOrderBody(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    cart_id = CartId()
    paypal_order_id = serializers.CharField()
    total_due = serializers.IntegerField(min_value=1, help_text="Cents.")
    status = Words(*STATUS_WORDS, help_text="From what was paid.")
    fulfilled_at = serializers.DateTimeField(allow_null=True, help_text="When it was paid and its goods were taken.")
    total_paid = Amount(help_text="Cents: the payments whose money is there.")
    remaining_balance = Amount(help_text="Cents, never negative.")
    payments = CapturedPaymentBody(many=True, help_text="Oldest first; also those PayPal has as pending.")


class CartBody(serializers.Serializer[Any]):
    id = CartId()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    cart_items = CartItemBody(many=True)
    order = CartOrderBody(allow_null=True)


class CartCreated(serializers.Serializer[Any]):
    message = Words("Random cart created successfully")
    cart_id = CartId()


class OrderCreated(serializers.Serializer[Any]):
    message = Words("Order created successfully")


class PaymentCreated(serializers.Serializer[Any]):
    message = Words("Payment created successfully")
    order_status = Words(*STATUS_WORDS, help_text="`created` where PayPal has not confirmed the money yet.")


# --- examples -------------------------------------------------------------------------------------
def _answer(status: int, name: str, body: Any) -> OpenApiExample:
    return OpenApiExample(name, body, response_only=True, status_codes=[str(status)])


_PRODUCT_ID = "123e4567-e89b-12d3-a456-426614174001"
_CART = {
    "id": "CART_1A2B3C4D",
    "created_at": "2025-01-23T12:00:00-05:00",
    "updated_at": "2025-01-23T12:00:00-05:00",
    "cart_items": [
        {
            "id": "123e4567-e89b-12d3-a456-426614174000",
            "cart_id": "CART_1A2B3C4D",
            "product_id": _PRODUCT_ID,
            "quantity_ordered": 2,
            "product": {"id": _PRODUCT_ID, "name": "Farm Fresh Tomatoes", "base_price": 2999},
        }
    ],
    "order": None,
}
_ORDER_ID = "123e4567-e89b-12d3-a456-426614174002"
_ORDER = {
    "id": _ORDER_ID,
    "cart_id": "CART_1A2B3C4D",
    "paypal_order_id": "PAYPAL-123",
    "total_due": 5998,
    "status": "partially_paid",
    "fulfilled_at": None,
    "total_paid": 1099,
    "remaining_balance": 4899,
    "payments": [
        {
            "id": "123e4567-e89b-12d3-a456-426614174003",
            "order_id": _ORDER_ID,
            "capture_id": "CAP-123",
            "amount_captured": 1099,
            "date_received": "2025-01-23T12:05:00-05:00",
        }
    ],
}
_NO_CART = _answer(404, "No such cart", {"message": "Cart not found"})
READ_CART = [
    _answer(200, "Not ordered yet", _CART),
    _answer(200, "Paid in part", _CART | {"order": _ORDER}),
    _NO_CART,
]
CREATE_CART = [
    _answer(201, "Created", {"message": "Random cart created successfully", "cart_id": "CART_12345678"}),
]
CREATE_ORDER = [
    OpenApiExample("Of a cart", {"cart_id": "CART_12345678", "paypal_order_id": "PAYPAL-123"}, request_only=True),
    _answer(201, "Created", {"message": "Order created successfully"}),
    _NO_CART,
    _answer(422, "Something is missing", {"message": ["Paypal order can't be blank"]}),
]
CREATE_PAYMENT = [
    OpenApiExample(
        "One capture",
        {"paypal_order_id": "PAYPAL-123", "capture_id": "CAP-123", "amount_captured": 1099},
        request_only=True,
    ),
    _answer(201, "Recorded", {"message": "Payment created successfully", "order_status": "partially_paid"}),
    _answer(404, "No such order", {"message": "Order not found"}),
    _answer(
        422,
        "Two problems at once",
        {"message": ["Amount captured must be greater than 0", "Capture has already been taken"]},
    ),
    _answer(422, "Not PayPal's word", {"message": ["Capture could not be verified"]}),
]
