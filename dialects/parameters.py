"""Numbers in a query or a path."""

from __future__ import annotations

from rest_framework.request import Request

from common.errors import DomainError, ErrorCode

ID_IN_PATH = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}  # what common.paths takes
_MOST_DIGITS = 19


def whole_number(request: Request, name: str, *, minimum: int, maximum: int) -> int | None:
    """The query's `name`, None where it is absent. Raises DomainError(INVALID_VALUE)."""
    text = request.query_params.get(name)
    if text is None:
        return None
    # The length first: Python refuses to convert very long numbers, and a database to hear of them.
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and minimum <= int(text) <= maximum):
        reason = f"must be a whole number from {minimum} to {maximum}"
        raise DomainError(ErrorCode.INVALID_VALUE, field=name, reason=reason)
    return int(text)
