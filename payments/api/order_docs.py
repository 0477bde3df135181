"""The order API for OpenAPI: bodies as order_shapes makes them, and an example of each."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from dialects.fields import StrictAmount, StrictSerializer, StrictText
from dialects.schema import Words
from payments.api.order_shapes import STATUS_WORDS

MAX_LIMIT = 100
PAYMENT_WORDS = ("processing", "requires_action", "authorized", "captured", "declined", "voided", "review")
REFUND_WORDS = ("processing", "done", "refused")


class Id(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, **kwargs)


class Amount(serializers.FloatField):
    """Major units: a JSON number, whole ones without decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, **kwargs)


class OrderRow(serializers.Serializer[Any]):
    id = Id()
    order_id = serializers.UUIDField(help_text="The same order's public id.")
    order_number = serializers.CharField(allow_blank=True, help_text="Empty until a payment is accepted.")
    status = Words(*STATUS_WORDS)
    email = serializers.CharField(allow_blank=True)
    currency = serializers.CharField(min_length=3, max_length=3)
    total_amount = Amount()
    paid_amount = Amount(help_text="All that came, also what went back since.")
    refunded_amount = Amount()
    due_amount = Amount(help_text="What is still owed; 0 once paid or canceled.")
    created_at = serializers.DateTimeField()


class OrderListBody(serializers.Serializer[Any]):
    items = OrderRow(many=True)
    total = serializers.IntegerField(min_value=0, help_text="How many there are with this filter, on all pages.")
    offset = serializers.IntegerField(min_value=0)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT)


class AmountsBody(serializers.Serializer[Any]):
    items = Amount()
    discount = Amount()
    shipping = Amount()
    tax = Amount()
    total = Amount()
    paid = Amount()
    refunded = Amount()
    due = Amount()


class LineBody(serializers.Serializer[Any]):
    id = Id()
    product_id = Id(allow_null=True, help_text="Null for a thing that another store sells.")
    variant_id = Id(allow_null=True)
    product_name = serializers.CharField()
    variant_name = serializers.CharField(allow_blank=True)
    sku = serializers.CharField(allow_blank=True)
    price = Amount()
    quantity = serializers.IntegerField(min_value=1)
    subtotal = Amount()
    customization = serializers.DictField(help_text="As the buyer gave it.")


class RefundRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    amount = Amount()
    status = Words(*REFUND_WORDS, help_text="processing: the gateway gave no clear answer yet.")
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class PaymentRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    provider = serializers.CharField()
    played_by_test = serializers.BooleanField(help_text="No real money: the test gateway played this provider.")
    reference = serializers.CharField(allow_blank=True, help_text="The gateway's own id.")
    status = Words(*PAYMENT_WORDS)
    amount = Amount()
    paid_amount = Amount()
    refunded_amount = Amount()
    refunds = RefundRow(many=True)
    created_at = serializers.DateTimeField()


class WholeOrder(OrderRow):
    """An order, whole: amounts, lines, and every payment with what was paid back of it."""

    amounts = AmountsBody()
    discount_code = serializers.CharField(allow_blank=True)
    shipping_method = serializers.CharField(allow_blank=True)
    lines = LineBody(many=True)
    payments = PaymentRow(many=True, help_text="Newest first.")
    accepted_at = serializers.DateTimeField(allow_null=True)
    canceled_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="While it is not paid.")


class AskRefund(StrictSerializer):
    """How much, and why."""

    amount = StrictAmount(required=False, help_text="Major units, more than 0. Left out: all that is left.")
    reason = StrictText(max_length=300)


class RefundPart(RefundRow):
    payment_id = serializers.UUIDField()


class WholeRefund(serializers.Serializer[Any]):
    amount = Amount()
    currency = serializers.CharField(min_length=3, max_length=3)
    status = Words(*REFUND_WORDS)
    parts = RefundPart(many=True, help_text="One for each payment it is taken from.")


class RefundBody(serializers.Serializer[Any]):
    refund = WholeRefund()
    order = OrderRow()


_ROW = {
    "id": 456,
    "order_id": "550e8400-e29b-41d4-a716-446655440000",
    "order_number": "ORD-2025-0456",
    "status": "paid",
    "email": "customer@example.com",
    "currency": "EUR",
    "total_amount": 41,
    "paid_amount": 41,
    "refunded_amount": 0,
    "due_amount": 0,
    "created_at": "2025-05-24T10:30:00Z",
}
_BACK = {
    "id": "8d1c2f0e-58a4-4f0e-9a51-1d1f3c0a9e42",
    "amount": 14.5,
    "status": "done",
    "reason": "Arrived broken",
    "created_at": "2025-05-26T09:00:00Z",
}
_PAYMENT_ID = "1f0e8400-e29b-41d4-a716-446655440001"
_ORDER = {
    **_ROW,
    "refunded_amount": 14.5,
    "amounts": {
        "items": 41,
        "discount": 0,
        "shipping": 0,
        "tax": 0,
        "total": 41,
        "paid": 41,
        "refunded": 14.5,
        "due": 0,
    },
    "discount_code": "",
    "shipping_method": "",
    "lines": [
        {
            "id": 1,
            "product_id": 3,
            "variant_id": 12,
            "product_name": "Linen Notebook",
            "variant_name": "A5",
            "sku": "NOTE-A5",
            "price": 12,
            "quantity": 1,
            "subtotal": 12,
            "customization": {"note": "Gift wrap please"},
        }
    ],
    "payments": [
        {
            "id": _PAYMENT_ID,
            "provider": "stripe",
            "played_by_test": False,
            "reference": "pi_3AbcDefGhiJkLmNo",
            "status": "captured",
            "amount": 41,
            "paid_amount": 41,
            "refunded_amount": 14.5,
            "refunds": [_BACK],
            "created_at": "2025-05-24T10:30:00Z",
        }
    ],
    "accepted_at": "2025-05-24T10:31:00Z",
    "canceled_at": None,
    "expires_at": None,
}
READ_ORDER = [OpenApiExample("Paid, and a part of it back", _ORDER, response_only=True, status_codes=["200"])]
LIST_ORDERS = [
    OpenApiExample(
        "One of one", {"items": [_ROW], "total": 1, "offset": 0, "limit": 20}, response_only=True, status_codes=["200"]
    )
]
REFUND_ORDER = [
    OpenApiExample("A part of it", {"amount": 14.5, "reason": "Arrived broken"}, request_only=True),
    OpenApiExample("All that is left", {"reason": "Never arrived"}, request_only=True),
    OpenApiExample(
        "Paid back",
        {
            "refund": {
                "amount": 14.5,
                "currency": "EUR",
                "status": "done",
                "parts": [{**_BACK, "payment_id": _PAYMENT_ID}],
            },
            "order": {**_ROW, "refunded_amount": 14.5},
        },
        response_only=True,
        status_codes=["201"],
    ),
]
