"""The purchase API: POST /v0/checkout buys, GET /v0/checkout/<checkout_id> tells how it went."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common import cards
from common.errors import DomainError, ErrorCode
from dialects.fields import StrictObject, StrictSerializer, StrictText
from dialects.idempotent import idempotent
from dialects.purchase import PURCHASE, UNAUTHORIZED, PurchaseViewSet
from dialects.schema import Words, responses
from purchases import ending, queries, sentences, services, told, unread
from purchases.models import Purchase
from purchases.states import PurchaseStatus

MAX_URL = 2000
_NOT_AN_ADDRESS = "must be an http or https address"
_CARD_DATA = "The body must not hold a card's number or security code."
_NOT_READ = "means something for a purchase, but is not read here: see the documentation for the names that are"
_URL_EXAMPLE = "http://127.0.0.1:8000/products/organic-cotton-t-shirt"


class NewPurchase(StrictSerializer):
    """What is to be bought, and for whom."""

    url = StrictText(
        max_length=MAX_URL, help_text="A product page or payment link, here or in another shop that runs this software."
    )
    user_data = StrictObject(
        help_text="Everything that is needed to buy it: `email`, name, shipping address, and `prompt` for the variant "
        '("Size Large, Color Blue"). `max_amount` is the most it may cost. No card data: it is refused.'
    )

    def to_internal_value(self, data: Any) -> Any:
        """What stands beside the two is read by nobody: it must not be a card, nor ask for anything."""
        beside = (
            {name: value for name, value in data.items() if name not in self.fields} if isinstance(data, dict) else {}
        )
        if cards.holds_card_data(beside):
            raise serializers.ValidationError([_CARD_DATA])
        if astray := unread.first_beside(beside):
            raise serializers.ValidationError({astray: ["belongs into user_data"]})
        return super().to_internal_value(data)

    def validate_url(self, value: str) -> str:
        try:
            parts = urlsplit(value)
            is_address = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_address = False
        if not is_address:
            raise serializers.ValidationError(_NOT_AN_ADDRESS)
        if "@" in parts.netloc:
            raise serializers.ValidationError("must not have a user name or password in it")
        return value

    def validate_user_data(self, value: dict[str, Any]) -> dict[str, Any]:
        try:
            told.most_of(value)
        except ValueError as error:
            raise serializers.ValidationError({"max_amount": [str(error)]}) from None
        if unknown := unread.first_in(value):
            raise serializers.ValidationError({unknown: [_NOT_READ]})
        return value


class StartedBody(serializers.Serializer[Any]):
    checkout_id = serializers.UUIDField(help_text="GET /v0/checkout/<checkout_id> tells how it went.")
    status = Words(*PurchaseStatus.values)


class PurchaseBody(serializers.Serializer[Any]):
    """A purchase as it stands. A completed or failed one never changes again."""

    id = serializers.UUIDField()
    status = Words(*PurchaseStatus.values)
    amount_str = serializers.CharField(
        allow_blank=True, help_text="What was charged, in major units; empty unless completed."
    )
    currency = serializers.CharField(allow_blank=True, help_text="ISO 4217; empty unless completed.")
    notes = serializers.CharField(allow_blank=True, help_text="For a person: why it failed. Otherwise empty.")


def _started(purchase: Purchase) -> dict[str, str]:
    return {"checkout_id": str(purchase.public_id), "status": purchase.status}


def _body(purchase: Purchase) -> dict[str, str]:
    is_charged = purchase.amount is not None
    return {
        "id": str(purchase.public_id),
        "status": purchase.status,
        "amount_str": sentences.plain(purchase.amount or 0, purchase.currency) if is_charged else "",
        "currency": purchase.currency if is_charged else "",
        "notes": purchase.notes,
    }


_ID = "a8043a0d-bb94-4d26-aa9f-8ca02ad146fd"
_CREATE_EXAMPLES = [
    OpenApiExample(
        "A shirt",
        {
            "url": _URL_EXAMPLE,
            "user_data": {
                "email": "test@example.com",
                "name": "Ada Lovelace",
                "shipping_address": {
                    "address_line1": "123 Main Street",
                    "city": "Springfield",
                    "state": "IL",
                    "postal_code": "62704",
                    "country": "US",
                },
                "prompt": "Size Large, Color Blue",
                "max_amount": 50,
            },
        },
        request_only=True,
    ),
    OpenApiExample(
        "On its way", {"checkout_id": _ID, "status": "processing"}, response_only=True, status_codes=["200"]
    ),
]


def _answer(name: str, status: str, amount_str: str, currency: str, notes: str) -> OpenApiExample:
    value = {"id": _ID, "status": status, "amount_str": amount_str, "currency": currency, "notes": notes}
    return OpenApiExample(name, value, response_only=True, status_codes=["200"])


_GET_EXAMPLES = [
    _answer("Bought", "completed", "49.99", "USD", ""),
    _answer("Still at it", "processing", "", "", ""),
    _answer("Not bought", "failed", "", "", "Last One (Standard) is sold out."),
]
CHECKOUT_ID = OpenApiParameter(
    "checkout_id", {"type": "string", "format": "uuid", "example": _ID}, OpenApiParameter.PATH
)


class Purchases(PurchaseViewSet):
    @extend_schema(
        operation_id="purchase_create_checkout",
        summary="Buy by address",
        tags=["purchase"],
        request=NewPurchase,
        responses=responses(PURCHASE, {200: StartedBody}, {401: UNAUTHORIZED}),
        examples=_CREATE_EXAMPLES,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Begins a purchase and answers at once. With an `Idempotency-Key` a repeated request buys once.

        It is paid from the key's balance, within its caps. Whatever is wrong with the address, the goods, the data or
        the money is told by GET, as a failed purchase with notes.
        """
        body: dict[str, Any] = NewPurchase().run_validation(request.data)
        return Response(_started(services.request(self.key_of(request), **body)))

    @extend_schema(
        operation_id="purchase_get_checkout",
        summary="How a purchase stands",
        tags=["purchase"],
        parameters=[CHECKOUT_ID],
        responses=responses(PURCHASE, {200: PurchaseBody}, {401: UNAUTHORIZED, 404: "Checkout not found"}),
        examples=_GET_EXAMPLES,
    )
    def retrieve(self, request: Request, checkout_id: str) -> Response:
        """`processing`, `completed` or `failed`; the last two are final. Another key's purchase is not there."""
        return Response(_body(_ended_in_time(self._found(request, checkout_id))))

    def _found(self, request: Request, checkout_id: str) -> Purchase:
        try:
            public_id = uuid.UUID(checkout_id) if len(checkout_id) == len(_ID) else None
        except ValueError:
            public_id = None
        found = queries.find(self.key_of(request).pk, public_id) if public_id else None
        if found is None:
            raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)
        return found


def _ended_in_time(purchase: Purchase) -> Purchase:
    """Nobody sees one processing past its deadline, whether the scheduler has come by or not. Only where another shop
    has to be asked first it is the scheduler's."""
    if purchase.has_ended or purchase.deadline_at > timezone.now() or purchase.known.get(services.ASKED):
        return purchase
    with suppress(DomainError):  # busy: a moment later
        ending.end_overdue(purchase)
    purchase.refresh_from_db()
    return purchase
