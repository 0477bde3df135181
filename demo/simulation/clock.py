"""Time in the simulation: stands still within a moment, and is set on from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone

from demo.simulation.plan import START


class Clock:
    """Called, it says what time it is."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def told_by(clock: Clock) -> Iterator[None]:
    """All services of this process ask this clock. Defaults of models do not; nothing decides by those."""
    real = timezone.now
    timezone.now = clock
    try:
        yield
    finally:
        timezone.now = real
