"""Request bodies: strict JSON, so that what reaches a serializer is a value every part of the shop can hold.

Refused with a sentence: more than 256 kB, not UTF-8, not JSON, nested deeper than 32, the same name twice in one
object, NaN and Infinity, numbers beyond 64 bits (whole) or a double's range (with decimals), NUL and lone surrogates.
Numbers with decimals arrive as `Decimal`: 24.99 stays 24.99.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any, NoReturn

from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MEDIA_TYPE = "application/json"
MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
_WHOLE_RANGE = range(-(2**63), 2**63)
_MAX_DIGITS = 64
_EXPONENTS = range(-324, 309)  # what a double can hold


class PayloadTooLarge(APIException):
    status_code = 413
    default_detail = f"The body is larger than {MAX_BYTES // 1024} kB."
    default_code = "payload_too_large"


class StrictJSONParser(BaseParser):
    """The body must be an object unless the view says `body_must_be_object = False`."""

    media_type = MEDIA_TYPE

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError (400) or PayloadTooLarge (413)."""
        value = parse(_read(stream))
        view = (parser_context or {}).get("view")
        if not isinstance(value, dict) and getattr(view, "body_must_be_object", True):
            raise ParseError("The body must be a JSON object.")
        return value


def _read(stream: IO[Any]) -> bytes:
    try:
        body: bytes = stream.read(MAX_BYTES + 1)
    except UnreadablePostError as error:
        raise ParseError("The body could not be read.") from error
    if len(body) > MAX_BYTES:
        raise PayloadTooLarge
    return body


def parse(body: bytes) -> Any:
    """The value of a JSON text. Raises ParseError with a sentence for the caller."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ParseError("The body is not valid UTF-8.") from error
    try:
        value = json.loads(
            text,
            parse_int=_whole_number,
            parse_float=_decimal_number,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not valid JSON (line {error.lineno}, column {error.colno}).") from error
    except RecursionError as error:
        raise ParseError(_TOO_DEEP) from error
    # Both faults leave a trace in the text, so that the usual small body is never walked.
    if "\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        _check(value)
    return value


_TOO_DEEP = f"The body is nested deeper than {MAX_DEPTH} levels."


def _whole_number(text: str) -> int:
    # The length first: converting a very long number takes Python seconds, then it refuses.
    if len(text) > 20 or (number := int(text)) not in _WHOLE_RANGE:
        raise ParseError("The body has a number beyond 64 bits.")
    return number


def _decimal_number(text: str) -> Decimal:
    if len(text) > _MAX_DIGITS:
        raise ParseError("The body has a number with too many digits.")
    number = Decimal(text)
    if number and number.adjusted() not in _EXPONENTS:
        raise ParseError("The body has a number beyond range.")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ParseError(f"The body is not valid JSON: {name} is not a number.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ParseError("The body names the same field twice in one object.")
    return result


def _check(value: Any) -> None:
    """Walks level by level (never by recursion): depth, NUL and lone surrogates."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for item in level for child in _children(item)]
        if not level:
            return
    raise ParseError(_TOO_DEEP)


def _children(item: Any) -> list[Any]:
    if isinstance(item, str):
        _check_text(item)
    elif isinstance(item, dict):
        return [*item.keys(), *item.values()]
    elif isinstance(item, list):
        return item
    return []


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError("The body has a NUL character in a text.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ParseError("The body has half of a surrogate pair in a text.") from error
