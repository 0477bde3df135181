"""When staff pressed the button whose work is being done: what they did stands before whatever came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_AT: ContextVar[datetime | None] = ContextVar("pressed_at", default=None)


@contextmanager
def pressing() -> Iterator[None]:
    before = _AT.set(timezone.now())
    try:
        yield
    finally:
        _AT.reset(before)


def pressed_at() -> datetime:
    """This moment, where nobody presses."""
    return _AT.get() or timezone.now()
