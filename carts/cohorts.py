"""Which days' figures a change touches: a cart counts on the day it was first abandoned, and its recovery too."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from carts.models import Cart, ChangedCohort

# A day is counted for good when this long has passed since its end: what still belongs to it comes late by less,
# or is noted here.
GRACE = timedelta(hours=1)
_LATE = GRACE / 2  # a transaction takes its time too
_QUARTER = timedelta(minutes=15)  # no time zone's day begins between two quarters of an hour


def note_change(first_abandoned_at: datetime | None) -> None:
    """In the transaction of the change, so that both are seen or neither. Nothing for a cart that was never left."""
    if first_abandoned_at is not None:
        ChangedCohort.objects.create(first_abandoned_at=first_abandoned_at)


def note_late(carts: QuerySet[Cart], *, now: datetime) -> None:
    """Of carts that were found abandoned only now, long after they were. In the transaction that marked them."""
    late = carts.filter(first_abandoned_at__lt=now - _LATE).values_list("first_abandoned_at", flat=True)
    quarters = {at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % _QUARTER for at in late if at is not None}
    ChangedCohort.objects.bulk_create(ChangedCohort(first_abandoned_at=at) for at in sorted(quarters))
