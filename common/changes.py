"""Notes that a record of an earlier day has changed, so that figures kept of that day are counted anew."""

from __future__ import annotations

from datetime import datetime, timedelta

from common.models import ChangedRecord

# A day is counted for good when this long has passed since its end: what still belongs to it comes late by less,
# or is noted here.
GRACE = timedelta(hours=1)
LATE = GRACE / 2  # a transaction takes its time too


def note_order(order_id: int, *, since: datetime | None = None, now: datetime | None = None) -> None:
    """In the transaction of the change, so that both are seen or neither. With `since` and `now`: nothing where the
    order counts since a moment so short ago that its day cannot have been counted."""
    if since is None or now is None or since < now - LATE:
        ChangedRecord.objects.create(what=ChangedRecord.What.ORDER, record=order_id)


def note_checkout(checkout_id: int, *, gone_since: datetime | None = None) -> None:
    """As `note_order`. `gone_since`: when one that is being deleted was begun."""
    ChangedRecord.objects.create(what=ChangedRecord.What.CHECKOUT, record=checkout_id, since=gone_since)
