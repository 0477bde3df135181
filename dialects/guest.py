"""The guest checkout API and its admin side: how it says no, writes numbers and times, and knows its shopper.

Error body: {"success": false, "error": "<sentence>"}. Money is a JSON number of major units, weight of kilograms,
time is UTC with whole seconds. The shopper is known by the cookie `checkout_session_id` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from common.errors import ErrorCode
from common.money import exponent
from dialects.base import Dialect, DialectView, DialectViewSet
from dialects.guest_sentences import SENTENCES

COOKIE = "checkout_session_id"
COOKIE_SECONDS = 7 * 24 * 60 * 60

_STATUS_CODES: Mapping[int, tuple[ErrorCode, ...]] = {
    400: (
        ErrorCode.INVALID_VALUE,
        ErrorCode.VARIANT_NOT_FOR_SALE,
        ErrorCode.VARIANT_REQUIRED,
        ErrorCode.VARIANT_MISMATCH,
        ErrorCode.CURRENCY_UNKNOWN,
        ErrorCode.NOTHING_TO_PAY,
        ErrorCode.LINE_AMBIGUOUS,
        ErrorCode.TOO_MANY_LINES,
        ErrorCode.TOO_MANY_PIECES,
        ErrorCode.NOT_ENOUGH_STOCK,
        ErrorCode.DISCOUNT_INVALID,
        ErrorCode.CHECKOUT_INCOMPLETE,
        ErrorCode.IDEMPOTENCY_KEY_INVALID,
    ),
    402: (
        ErrorCode.PAYMENT_DECLINED,
        ErrorCode.BALANCE_TOO_LOW,
        ErrorCode.BALANCE_CURRENCY,
        ErrorCode.SPENDING_CAP,
    ),
    404: (
        ErrorCode.PRODUCT_NOT_FOUND,
        ErrorCode.VARIANT_NOT_FOUND,
        ErrorCode.CART_NOT_FOUND,
        ErrorCode.CHECKOUT_NOT_FOUND,
        ErrorCode.LINE_NOT_FOUND,
        ErrorCode.SHIPPING_METHOD_NOT_FOUND,
        ErrorCode.ORDER_NOT_FOUND,
        ErrorCode.PAYMENT_NOT_FOUND,
    ),
    409: (
        ErrorCode.CHECKOUT_COMPLETED,
        ErrorCode.PAYMENT_IN_PROGRESS,
        ErrorCode.TOTAL_CHANGED,
        ErrorCode.SOLD_OUT,
        ErrorCode.DISCOUNT_GONE,
        ErrorCode.CART_KEPT,
        ErrorCode.ILLEGAL_MOVE,
        ErrorCode.ORDER_NOT_PAYABLE,
        ErrorCode.CART_CLOSED,
        ErrorCode.LINK_DEAD,
        ErrorCode.ORDER_NOT_PAID,
        ErrorCode.ORDER_SHIPPED,
        ErrorCode.ORDER_HAS_MONEY,
        ErrorCode.GOODS_MISSING,
        ErrorCode.EMAIL_MISSING,
        ErrorCode.PAYMENT_NEEDED,
        ErrorCode.GATEWAY_SILENT,
        ErrorCode.IDEMPOTENCY_KEY_IN_USE,
        ErrorCode.BUSY,
    ),
    422: (
        ErrorCode.PAYMENT_DATA_INVALID,
        ErrorCode.PAYMENT_PROVIDER_UNKNOWN,
        ErrorCode.CAPTURE_TAKEN,
        ErrorCode.CAPTURE_NOT_VERIFIED,
        ErrorCode.REFERENCE_TAKEN,
        ErrorCode.GATEWAY_REFUSED,
        ErrorCode.REFUND_REFUSED,
        ErrorCode.REFUND_TOO_LARGE,
        ErrorCode.IDEMPOTENCY_KEY_REUSED,
    ),
    429: (ErrorCode.TOO_MANY_DECLINES,),
}


@extend_schema_field({"type": "boolean", "enum": [False], "example": False})
class Never(serializers.BooleanField):
    pass


@extend_schema_field({"type": "string", "example": "Checkout not found"})
class Sentence(serializers.CharField):
    pass


class GuestError(serializers.Serializer[Any]):
    """Every refusal of the guest checkout API."""

    success = Never(help_text="Always false.")
    error = Sentence(help_text="For a person.")


def error_body(status: int, message: str) -> dict[str, Any]:  # noqa: ARG001 - other dialects need the status
    return {"success": False, "error": message}


GUEST = Dialect(
    name="guest",
    error_status={code: status for status, codes in _STATUS_CODES.items() for code in codes},
    error_message=SENTENCES,
    body=error_body,
    error_schema=GuestError,
)


def number(amount: int, currency: str) -> int | float:
    """Minor units as a JSON number of major units: 2499 -> 24.99, 1250 -> 12.5, 0 -> 0."""
    return _divided(amount, 10 ** exponent(currency))


def kilograms(grams: int) -> int | float:
    """300 -> 0.3, 2000 -> 2."""
    return _divided(grams, 1000)


def _divided(value: int, by: int) -> int | float:
    # The float nearest to the exact quotient prints as the decimal number that was meant.
    return value / by if value % by else value // by


def moment(value: datetime) -> str:
    """2025-05-24T10:30:00Z: UTC, whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def session_from(request: HttpRequest | Request) -> UUID | None:
    """The shopper's session as the cookie says it; None without one or with a malformed one."""
    text = request.COOKIES.get(COOKIE, "")
    try:
        key = UUID(text)
    except ValueError:
        return None
    return key if str(key) == text.lower() else None  # UUID() also takes braces and missing dashes


def set_session(response: HttpResponseBase, key: UUID) -> None:
    """Hands the shopper their session, or renews it: seven days from now."""
    response.set_cookie(
        COOKIE,
        str(key),
        max_age=COOKIE_SECONDS,
        path="/",
        secure=settings.BASE_URL_IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def end_session(response: HttpResponseBase) -> None:
    """Takes the cookie away: this browser is nobody's from now on."""
    response.delete_cookie(COOKIE, path="/", samesite="Lax")


class GuestMixin:
    """What a guest view and a guest resource share: the dialect, and whom an Idempotency-Key belongs to."""

    dialect = GUEST

    def idempotency_caller(self, request: Request) -> str | None:
        session = session_from(request)
        return str(session) if session else None

    def renew(self, response: HttpResponseBase, caller: str) -> None:
        """The cookie, where the caller is a shopper's session; staff is `user:1` and has none."""
        with suppress(ValueError):
            set_session(response, UUID(caller))

    def idempotency_caller_after(self, response: HttpResponseBase) -> str | None:
        """The session this answer hands out, if it hands one out."""
        cookie = response.cookies.get(COOKIE)
        return cookie.value if cookie else None


class GuestView(GuestMixin, DialectView):
    """A single endpoint of the guest checkout API."""


class GuestViewSet(GuestMixin, DialectViewSet):
    """A resource of the guest checkout API."""
