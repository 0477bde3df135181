"""OpenAPI: what every operation of a dialect answers beside its own words, and its statuses in one call.

Said here once, because it is done once: the Idempotency-Key of a repeatable write and its refusals, the refusals of a
body before anybody read it, the headers of a refusal, and 500.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.serializers import CharField, ListSerializer

from dialects.base import READING, Dialect
from dialects.fields import StrictText
from dialects.parser import MAX_BYTES

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description="Optional, 1 to 255 printable ASCII characters. A success and a refusal of the body are "
    "answered the same for 24 hours. A refusal of the moment (402, 409, 429, 5xx, stock, codes) is not kept: the same "
    "key may then be tried again.",
)
_OF_A_BODY = {
    400: "The request is malformed",
    411: "A body was sent without Content-Length",
    413: "The body is larger than {kilobytes} kB",
    415: "The body is not application/json",
}
_OF_THE_KEY = {
    409: "Busy, or a request with this Idempotency-Key is still being worked on",
    422: "This Idempotency-Key was used with another body",
}
_OF_US = {500: "Server error"}


def answer_header(
    name: str, statuses: list[int], description: str, kind: Any = OpenApiTypes.STR, *, required: bool = False
) -> OpenApiParameter:
    """A header of the answers with these statuses."""
    return OpenApiParameter(
        name,
        kind,
        OpenApiParameter.HEADER,
        description=description,
        required=required,
        response=[str(status) for status in statuses],
    )


_HEADERS_OF_REFUSALS = [
    answer_header("WWW-Authenticate", [401], "How to authenticate.", required=True),
    answer_header("Retry-After", [409], "Seconds, where the shop was busy: the same request may be sent again then."),
    answer_header("Retry-After", [429], "Seconds.", OpenApiTypes.INT, required=True),
]
_REPLAYED = answer_header(
    "Idempotent-Replayed",
    [200, 201, 204, 400, 422],
    "`true` where this is the kept answer to an earlier request with the same Idempotency-Key.",
    {"type": "string", "enum": ["true"]},
)


class Words(CharField):
    """In an answer: a text that is one of `words`."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words


class WordsInSchema(OpenApiSerializerFieldExtension):
    target_class = Words

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.target.words)}


def _limits(field: StrictText) -> dict[str, Any]:
    """One schema of a text: blank or not, one line or several."""
    least = max(field.min_length or 0, int(not field.allow_blank))
    pattern = _pattern(multiline=field.multiline, seen=min(least, 2) if field.trim_whitespace else 0)
    return {"minLength": least, "maxLength": field.max_length, **({"pattern": pattern} if pattern else {})}


def _pattern(*, multiline: bool, seen: int) -> str:
    """With at least one character that is no blank, or (seen = 2) none at either end, where trimming would take it."""
    any_character = r"[\s\S]*" if multiline else r"[^\x00-\x1F\x7F]*"
    if not seen:
        return "" if multiline else f"^{any_character}$"
    one = r"\S" if multiline else r"[^\x00-\x1F\x7F\s]"
    return f"^{any_character}{one}{any_character}$" if seen == 1 else f"^{one}{any_character}{one}$"


class DialectSchema(AutoSchema):
    """Adds what the module says to the operations of a dialect's views; other views stay as they are."""

    def get_override_parameters(self) -> list[Any]:
        if not self._dialect():
            return []
        return [*_HEADERS_OF_REFUSALS, *([IDEMPOTENCY_KEY, _REPLAYED] if self._is_idempotent() else [])]

    def _dialect(self) -> Dialect | None:
        return getattr(self.view, "dialect", None)

    def _is_idempotent(self) -> bool:
        handler = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        return getattr(handler, "is_idempotent", False)

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction=direction)
        dialect = self._dialect()
        if dialect is None:
            return bodies
        for status, description in self._refusals_of_all().items():
            if (code := str(status)) not in bodies:
                limit = getattr(self.view, "max_bytes", MAX_BYTES)
                told = description.format(kilobytes=limit // 1024)
                answer = OpenApiResponse(dialect.error_schema, description=told)
                bodies[code] = self._get_response_for_code(answer, code, direction=direction)
        return dict(sorted(bodies.items()))

    def _refusals_of_all(self) -> dict[int, str]:
        of_a_body = {} if self.method in READING else _OF_A_BODY
        return {**of_a_body, **(_OF_THE_KEY if self._is_idempotent() else {}), **_OF_US}

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        if isinstance(field, StrictText) and "enum" not in schema:
            schema.update(_limits(field))
        else:
            super()._insert_field_validators(field, schema)

    def _get_request_body(self, direction: Literal["request", "response"] = "request") -> dict[str, Any] | None:
        body = super()._get_request_body(direction)
        return {**body, "required": True} if body and self._dialect() else body  # all refuse to be sent nothing

    def _is_list_view(self, serializer: Any = None) -> bool:
        """A dialect's lists have a shape of their own; only `many=True` means a bare list."""
        return isinstance(serializer, ListSerializer)


def responses(
    dialect: Dialect, success: Mapping[int, Any], errors: Iterable[int] | Mapping[int, str] = ()
) -> dict[int, OpenApiResponse]:
    """For `@extend_schema(responses=responses(GUEST, {200: Checkout}, {404: "Checkout not found"}))`.

    `errors` needs only what is the operation's own: DialectSchema adds what all have.
    """
    told = errors if isinstance(errors, Mapping) else dict.fromkeys(errors, "")
    answers = {status: OpenApiResponse(body, description=_phrase(status)) for status, body in success.items()}
    for status, description in told.items():
        answers[status] = OpenApiResponse(dialect.error_schema, description=description or _phrase(status))
    return answers


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
