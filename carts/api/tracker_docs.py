"""The tracker API's carts for OpenAPI: answers as tracker_shapes makes them, and the examples of its document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, inline_serializer
from rest_framework import serializers

from carts.states import CartStatus
from dialects.schema import Words
from dialects.tracker import TrackerFault, enveloped

MAX_LIMIT = 100  # carts in one page
INVALID = "The body is not valid; or this Idempotency-Key was used with another body"
INVALID_MOVE = "Not a status this cart can be given; or this Idempotency-Key was used with another body"
KEPT = "Kept: a shopper's own, or has had a payment link; busy; or this Idempotency-Key is still being worked on"


class Amount(serializers.FloatField):
    """Major units: a JSON number, exact to the currency's last decimal, whole ones without decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, **kwargs)


class TrackedItem(serializers.Serializer[Any]):
    name = serializers.CharField()
    quantity = serializers.IntegerField(min_value=1)
    price = Amount(help_text="Of one. Of our own carts the catalog's price of now; 0 where it is no longer sold.")


class TrackedCart(serializers.Serializer[Any]):
    """A cart of another store or of this one."""

    id = serializers.RegexField(r"^cart_[1-9][0-9]*$")
    customerEmail = serializers.CharField(help_text="Empty where it is not known.")  # noqa: N815
    customerName = serializers.CharField(help_text="Empty where it is not known.")  # noqa: N815
    items = TrackedItem(many=True)
    totalValue = Amount(help_text="What the items come to; of an abandoned cart, what they came to then.")  # noqa: N815
    currency = serializers.CharField(min_length=3, max_length=3)
    status = Words(*(str(status) for status in CartStatus))
    abandonedAt = serializers.DateTimeField(  # noqa: N815
        allow_null=True, help_text="When it was abandoned for the first time: the day that counts it."
    )
    paymentLink = serializers.URLField(allow_null=True, help_text="While the cart can be paid by it.")  # noqa: N815
    createdAt = serializers.DateTimeField()  # noqa: N815
    updatedAt = serializers.DateTimeField()  # noqa: N815


class PaginationBody(serializers.Serializer[Any]):
    page = serializers.IntegerField(min_value=1)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT)
    total = serializers.IntegerField(min_value=0, help_text="Carts with this status, on all pages.")
    totalPages = serializers.IntegerField(min_value=0)  # noqa: N815


class CartList(serializers.Serializer[Any]):
    carts = TrackedCart(many=True)
    pagination = PaginationBody()


_RESULT = {  # what creating one cart would have answered
    "success": serializers.BooleanField(),
    "data": TrackedCart(required=False),
    "error": TrackerFault(required=False),
}


class Results(serializers.Serializer[Any]):
    created = serializers.IntegerField(min_value=0)
    failed = serializers.IntegerField(min_value=0)
    results = inline_serializer("CartResult", _RESULT, many=True, help_text="One for each cart, in their order.")


class DeletedCart(serializers.Serializer[Any]):
    id = serializers.CharField()


CartAnswer = enveloped("TrackedCart", TrackedCart())
CartListAnswer = enveloped("CartList", CartList())
BulkAnswer = enveloped("Results", Results())
DeletedAnswer = enveloped("DeletedCart", DeletedCart())

_NEW = {
    "customerEmail": "customer@example.com",
    "customerName": "John Doe",
    "items": [{"name": "Product Name", "quantity": 2, "price": 49.99}],
}
_CART = {
    "id": "cart_123",
    **_NEW,
    "totalValue": 99.98,
    "currency": "USD",
    "status": "abandoned",
    "abandonedAt": "2024-01-15T10:30:00Z",
    "paymentLink": None,
    "createdAt": "2024-01-15T10:00:00Z",
    "updatedAt": "2024-01-15T10:30:00Z",
}
_LIST = {"carts": [_CART], "pagination": {"page": 1, "limit": 10, "total": 45, "totalPages": 5}}
_REFUSED = {"code": "VALIDATION_ERROR", "message": "items[0].quantity: must be at least 1"}
_RESULTS = [{"success": True, "data": _CART}, {"success": False, "error": _REFUSED}]


def _answer(title: str, data: Any, status: str = "200") -> OpenApiExample:
    return OpenApiExample(title, {"success": True, "data": data}, response_only=True, status_codes=[status])


LIST_CARTS = [_answer("First page", _LIST)]
GET_CART = [_answer("A cart", _CART)]
CREATE_CART = [
    OpenApiExample("A cart that was left", _NEW, request_only=True),
    OpenApiExample("Somebody is still shopping", {**_NEW, "status": "active"}, request_only=True),
    _answer("Abandoned on arrival", _CART, "201"),
]
CREATE_CARTS = [
    OpenApiExample("Two carts", {"carts": [_NEW, {**_NEW, "customerName": "Jane Doe"}]}, request_only=True),
    _answer("One was refused", {"created": 1, "failed": 1, "results": _RESULTS}),
]
MARK_CART = [
    OpenApiExample("Bought in the store", {"status": "recovered"}, request_only=True),
    _answer("Recovered", {**_CART, "status": "recovered"}),
]
DELETE_CART = [_answer("Deleted", {"id": "cart_123"})]
