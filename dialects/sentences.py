"""DRF's nested error details as one sentence that names the field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_SHOWN = 5
_WHOLE = {"non_field_errors", "detail"}


def flatten(detail: Any) -> str:
    """{"quantity": ["must be a whole number"]} -> "quantity: must be a whole number"."""
    messages = [f"{path}: {text}" if path else text for path, text in _walk(detail, "")]
    if len(messages) == 1:
        return messages[0]
    return "; ".join(message.rstrip(".") for message in messages[:_SHOWN]) or "Invalid request"


def _walk(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _walk(inner, path if name in _WHOLE else _join(path, name))
    elif isinstance(detail, (list, tuple)):
        for index, inner in enumerate(detail):
            # A list of texts belongs to the field; a list of objects has one entry for each member.
            yield from _walk(inner, f"{path}[{index}]" if isinstance(inner, dict) else path)
    else:
        yield path, str(detail)


def _join(path: str, name: Any) -> str:
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else str(name)
