"""Which days' figures a change touches: a cart counts on the day it was first abandoned, and its recovery too."""

from __future__ import annotations

from datetime import datetime

from carts.models import ChangedCohort


def note_change(first_abandoned_at: datetime | None) -> None:
    """In the transaction of the change, so that both are seen or neither. Nothing for a cart that was never left."""
    if first_abandoned_at is not None:
        ChangedCohort.objects.create(first_abandoned_at=first_abandoned_at)
