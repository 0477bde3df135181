"""The cart2table API: a cart, its order, and the PayPal captures that pay it. Nobody signs in.

Error body: {"message": "Cart not found"}, and on 422 {"message": ["Paypal order can't be blank", ...]}, all problems at
once, in the manner of Rails. Money is whole cents; time is the shop's, with its offset: 2025-01-23T12:00:00-05:00.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.fields import empty
from rest_framework.request import Request
from rest_framework.response import Response

from common.client import address_of
from common.errors import ErrorCode
from dialects.base import Dialect, DialectViewSet
from dialects.base import Sentence as Words
from dialects.fields import StrictInteger, StrictSerializer, StrictText
from dialects.guest import GUEST
from dialects.guest_sentences import SENTENCES
from dialects.parser import MEDIA_TYPE

_STATUSES = {422: (ErrorCode.NOTHING_TO_PAY, ErrorCode.VARIANT_NOT_FOR_SALE)}
TAKEN = "has already been taken"
_WORDS: Mapping[ErrorCode, Words] = {
    ErrorCode.NOTHING_TO_PAY: "Total due must be greater than or equal to 1",
    ErrorCode.PAYMENT_IN_PROGRESS: "A payment for this cart is in progress. Its outcome is not known yet.",
    ErrorCode.CAPTURE_TAKEN: f"Capture {TAKEN}",
    ErrorCode.CAPTURE_NOT_VERIFIED: "Capture could not be verified",
    ErrorCode.REFERENCE_TAKEN: f"Paypal order {TAKEN}",
}


@extend_schema_field(
    {
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
        "description": "On 422 every problem, one text each; else one text.",
    }
)
class Message(serializers.Field[Any, Any, Any, Any]):
    pass


class Cart2TableError(serializers.Serializer[Any]):
    """Every refusal of the cart2table API."""

    message = Message()


def error_body(status: int, message: str) -> dict[str, Any]:
    return {"message": [message] if status == HTTPStatus.UNPROCESSABLE_ENTITY else message}


CART2TABLE = Dialect(
    name="cart2table",
    error_status={**GUEST.error_status, **{code: status for status, codes in _STATUSES.items() for code in codes}},
    error_message={**SENTENCES, **_WORDS},
    body=error_body,
    error_schema=Cart2TableError,
)


def moment(value: datetime) -> str:
    """In the shop's time zone, whole seconds, with its offset; UTC is +00:00."""
    return timezone.localtime(value, timezone.get_default_timezone()).isoformat(timespec="seconds")


# --- bodies ---------------------------------------------------------------------------------------
class Invalid(exceptions.ValidationError):
    """What is wrong with a body, whole sentences, in the order of the document."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)


class Name(StrictText):
    """An id that somebody else gave: a text, trimmed. `label` begins the sentences about it."""

    default_error_messages = {
        "required": "can't be blank",
        "null": "can't be blank",
        "blank": "can't be blank",
        "invalid": "is invalid",
        "control": "is invalid",
        "card_number": "is invalid",
        "max_length": "is too long (maximum is {max_length} characters)",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=120, **kwargs)


class Cents(StrictInteger):
    """A whole number of cents, at least 1."""

    default_error_messages = {
        "invalid": "is not a number",
        "fraction": "must be an integer",
        "min_value": "must be greater than 0",
        "max_value": "must be less than or equal to {max_value}",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=10**12 - 1, **kwargs)  # millions of such add up within 64 bits

    def run_validation(self, data: Any = empty) -> Any:
        if data is empty or data is None:
            raise exceptions.ValidationError(["can't be blank", "is not a number"])
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, Decimal):
            self.fail("fraction")
        return super().to_internal_value(data)


def read(body: StrictSerializer, data: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What can be read of a body (an object), and what is wrong with the rest: {field: whole sentences}."""
    values, problems = {}, {}
    for name, field in body.fields.items():
        try:
            values[name] = field.run_validation(data.get(name, empty))
        except exceptions.ValidationError as error:
            problems[name] = [f"{field.label} {words}" for words in error.detail]
    return values, problems


def is_json(request: Request) -> bool:
    return str(request.content_type).lower().startswith(MEDIA_TYPE)


# --- views ----------------------------------------------------------------------------------------
class Cart2TableViewSet(DialectViewSet):
    """A resource of the cart2table API."""

    dialect = CART2TABLE

    def idempotency_caller(self, request: Request) -> str | None:
        """Nobody signs in here: a key belongs to the address it came from. None where the server knows none."""
        return address_of(request._request) or None

    def idempotency_caller_after(self, response: HttpResponseBase) -> str | None:
        return None

    def _refused(self, exc: exceptions.APIException) -> Response:
        if isinstance(exc, Invalid):
            response = Response({"message": exc.problems}, status=exc.status_code)
            response.exception = True
            return response
        return super()._refused(exc)
