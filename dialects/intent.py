"""The intent API: a signed-in buyer's cart in one call, a payment intent's secret back.

Error body: {"error": "<message>"}, in the document's own words, some of them French. The buyer is known by a Supabase
access token alone; no cookie is read or set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.cards import without_card_numbers
from common.errors import ErrorCode
from dialects.base import Dialect, DialectViewSet
from dialects.base import Sentence as Words
from dialects.guest import GUEST
from dialects.guest_sentences import SENTENCES
from dialects.supabase import BuyerOnly

FAILED = "Checkout failed"
_NOT_ENOUGH = "Stock insuffisant pour un des variants"


def _not_found(values: Mapping[str, Any]) -> str:
    return f"Variant {without_card_numbers(str(values.get('variant_id', '')))} introuvable"


_STATUSES = {
    400: (
        ErrorCode.CHECKOUT_INCOMPLETE,
        ErrorCode.PRODUCT_NOT_FOUND,
        ErrorCode.VARIANT_NOT_FOUND,
        ErrorCode.SOLD_OUT,
        ErrorCode.NOT_ENOUGH_STOCK,
    )
}
_WORDS: Mapping[ErrorCode, Words] = {
    ErrorCode.CHECKOUT_INCOMPLETE: "Cart is empty",
    ErrorCode.VARIANT_REQUIRED: "Chaque article doit inclure un variant_id.",
    ErrorCode.VARIANT_NOT_FOUND: _not_found,
    ErrorCode.VARIANT_NOT_FOR_SALE: _not_found,
    ErrorCode.VARIANT_MISMATCH: "Variant et produit incompatibles",
    ErrorCode.SOLD_OUT: _NOT_ENOUGH,
    ErrorCode.NOT_ENOUGH_STOCK: _NOT_ENOUGH,
    ErrorCode.NOTHING_TO_PAY: "Invalid amount",
}


@extend_schema_field({"type": "string", "example": "Cart is empty"})
class Message(serializers.CharField):
    pass


class IntentError(serializers.Serializer[Any]):
    """Every refusal of the intent API."""

    error = Message()


def error_body(status: int, message: str) -> dict[str, Any]:  # noqa: ARG001 - other dialects need the status
    return {"error": message}


INTENT = Dialect(
    name="intent",
    error_status={**GUEST.error_status, **{code: status for status, codes in _STATUSES.items() for code in codes}},
    error_message={**SENTENCES, **_WORDS},
    body=error_body,
    error_schema=IntentError,
)


class IntentViewSet(BuyerOnly, DialectViewSet):
    """A resource of the intent API; `request.user` is the Buyer."""

    dialect = INTENT

    def idempotency_caller(self, request: Request) -> str | None:
        return request.user.sub  # type: ignore[union-attr]

    def idempotency_caller_after(self, response: HttpResponseBase) -> str | None:
        return None

    def renew(self, response: HttpResponseBase, caller: str) -> None:
        """Nothing: a buyer brings their own token."""

    def _failed(self, exc: Exception) -> Response:
        response = super()._failed(exc)
        response.data = error_body(response.status_code, FAILED)
        return response
