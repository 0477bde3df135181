"""The tracker API: carts of many stores, told by another program that shows a key.

Every answer is an envelope: {"success": true, "data": ...} or {"success": false, "error": {"code", "message"}}. Money
is a JSON number of major units, time is UTC with whole seconds, a cart's id is `cart_<n>`. What is wrong with the query
is 400, with the body 422. Each request counts against its address's limit before anything else is looked at.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema_field, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import DomainError, ErrorCode
from dialects import parameters
from dialects.base import Dialect, DialectViewSet
from dialects.guest import GUEST, Never
from dialects.guest_sentences import SENTENCES
from dialects.schema import Words
from dialects.sentences import flatten
from dialects.tracker_keys import UNAUTHORIZED, TrackerKey, check_limit

_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMITED",
    500: "INTERNAL_ERROR",
}
# Like the guest API, save that a wrong body has a status of its own here, and nobody pays.
_STATUSES = {code: 422 if status in (400, 402) else status for code, status in GUEST.error_status.items()} | {
    ErrorCode.IDEMPOTENCY_KEY_INVALID: 400,
    ErrorCode.ILLEGAL_MOVE: 422,
    # A payment link is asked for without a body: what is wrong is the cart.
    ErrorCode.NOTHING_TO_PAY: 409,
    ErrorCode.VARIANT_NOT_FOR_SALE: 409,
}


def error_body(status: int, message: str) -> dict[str, Any]:
    code = _CODES.get(status) or ("BAD_REQUEST" if status < 500 else "INTERNAL_ERROR")
    return {"success": False, "error": {"code": code, "message": message}}


class TrackerFault(serializers.Serializer[Any]):
    code = Words(*_CODES.values())
    message = serializers.CharField(help_text="For a person.")


class TrackerError(serializers.Serializer[Any]):
    """Every refusal of the tracker API."""

    success = Never(help_text="Always false.")
    error = TrackerFault()


TRACKER = Dialect(
    name="tracker",
    error_status=_STATUSES,
    error_message=SENTENCES,
    body=error_body,
    error_schema=TrackerError,
)


def success(data: Any, status: int = HTTPStatus.OK) -> Response:
    return Response({"success": True, "data": data}, status=status)


@extend_schema_field({"type": "boolean", "enum": [True], "example": True})
class Always(serializers.BooleanField):
    pass


def enveloped(name: str, data: serializers.BaseSerializer[Any]) -> Any:
    """For OpenAPI: the envelope around this data. `name`: how the component is called, before `Answer`."""
    return inline_serializer(f"{name}Answer", {"success": Always(help_text="Always true."), "data": data})


# --- ids and queries --------------------------------------------------------------------------------
_ID = re.compile(r"cart_([1-9][0-9]{0,17})")
CART_ID = OpenApiParameter(
    "cart_id",
    {"type": "string", "pattern": f"^{_ID.pattern}$", "example": "cart_123"},
    OpenApiParameter.PATH,
    description="As the API gave it.",
)


def cart_id_of(number: int) -> str:
    """5 -> cart_5"""
    return f"cart_{number}"


def cart_number(cart_id: str) -> int:
    """cart_5 -> 5. Raises DomainError(CART_NOT_FOUND) for what no cart can be called."""
    found = _ID.fullmatch(cart_id)
    if not found:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    return int(found[1])


def whole_number(request: Request, name: str, *, minimum: int, maximum: int) -> int | None:
    """The query's `name`, None where it is absent. Raises ParseError (400)."""
    try:
        return parameters.whole_number(request, name, minimum=minimum, maximum=maximum)
    except DomainError as error:
        raise ParseError(TRACKER.sentence(error)) from error


def one_of(request: Request, name: str, words: tuple[str, ...]) -> str | None:
    """The query's `name`, None where it is absent. Raises ParseError (400)."""
    word = request.query_params.get(name)
    if word is not None and word not in words:
        raise ParseError(f"{name}: must be one of {', '.join(words)}")
    return word


# --- views ----------------------------------------------------------------------------------------------
COMMON_ERRORS = {401: UNAUTHORIZED, 429: "More requests from this address than API_RATE_LIMIT allows"}
NOT_FOUND_TOO = {**COMMON_ERRORS, 404: "Cart not found"}


class TrackerViewSet(DialectViewSet):
    """A resource of the tracker API; `request.user` is the Caller. Answers with `success(...)`."""

    dialect = TRACKER
    authentication_classes: Any = (TrackerKey,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        check_limit(request)
        super().initial(request, *args, **kwargs)

    def _refused(self, exc: APIException) -> Response:
        if isinstance(exc, ValidationError):
            return self.dialect.refusal(HTTPStatus.UNPROCESSABLE_ENTITY, flatten(exc.detail))
        return super()._refused(exc)

    def idempotency_caller(self, request: Request) -> str:
        caller: Any = request.user
        return caller.text

    def idempotency_caller_after(self, response: HttpResponseBase) -> None:
        return None


class UnknownPath(TrackerViewSet):
    """Whatever is below the tracker API's paths and is none of them."""

    schema = None

    def not_there(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("Not found")

    @classmethod
    def answer(cls) -> Any:
        """Its view, whatever the method."""
        return cls.as_view(dict.fromkeys(("get", "post", "put", "patch", "delete", "options", "trace"), "not_there"))
