"""Closed days are counted once and kept; one of which something changed is counted anew.

The figures that are kept may be thrown away at any time: the next run counts them again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from django.db.models import Min

from analytics import figures
from analytics.models import CountedDay, DayFigures
from carts.models import Cart, ChangedCohort, RemovedCohort
from common.transactions import in_transaction

logger = logging.getLogger(__name__)

BATCH = 31  # days counted in one transaction
CHANGES = 1000  # notes taken up in one transaction


def count_closed_days() -> int:
    """Counts every closed day that is not counted yet, or no longer right. How many were counted."""
    done = 0
    while ids := list(ChangedCohort.objects.order_by("pk").values_list("pk", flat=True)[:CHANGES]):
        done += _take_up(ids)
    missing = _uncounted()
    for start in range(0, len(missing), BATCH):
        _count(missing[start : start + BATCH])
    return done + len(missing)


@in_transaction
def _take_up(ids: Sequence[int]) -> int:
    """The days of these notes, counted anew where they were counted; the notes go in the same transaction. One written
    meanwhile is another note, and stays."""
    notes = ChangedCohort.objects.filter(pk__in=ids)
    days = {figures.shop_day(note.first_abandoned_at) for note in notes}
    counted = sorted(CountedDay.objects.filter(day__in=days).values_list("day", flat=True))
    notes.delete()
    _write(counted)
    return len(counted)


def _uncounted() -> list[date]:
    """Closed days since the first cart that was ever abandoned which have no figures yet."""
    moments = (Cart.objects.aggregate(at=Min("first_abandoned_at")), RemovedCohort.objects.aggregate(at=Min("quarter")))
    first = min((moment["at"] for moment in moments if moment["at"]), default=None)
    if first is None:
        return []
    days = figures.days_from(figures.shop_day(first), figures.last_closed_day())
    counted = set(CountedDay.objects.values_list("day", flat=True))
    return [day for day in days if day not in counted]


@in_transaction
def _count(days: Sequence[date]) -> None:
    _write(days)


def _write(days: Sequence[date]) -> None:
    counted = figures.count(days)
    CountedDay.objects.bulk_create(
        [CountedDay(day=day) for day in days],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["counted_at"],
    )
    DayFigures.objects.filter(day__in=days).delete()
    DayFigures.objects.bulk_create(
        DayFigures(day_id=day, currency=currency, **vars(found))
        for day, by_currency in counted.items()
        for currency, found in by_currency.items()
    )


def check_counted_days() -> int:
    """Holds every kept day against the carts themselves and the sums of those removed. A day that differs is a fault
    of ours: it is said aloud and counted anew. How many differed."""
    days = sorted(CountedDay.objects.values_list("day", flat=True))
    wrong = [day for start in range(0, len(days), BATCH) for day in _wrong(days[start : start + BATCH])]
    if wrong:
        logger.error("The kept figures of %s were not what the carts say: counted anew.", ", ".join(map(str, wrong)))
        _count(wrong)
    return len(wrong)


def _wrong(days: Sequence[date]) -> list[date]:
    kept, changed, counted = figures.kept(days), figures.changed_days(), figures.count(days)
    return [day for day in days if day not in changed and kept.get(day, {}) != counted.get(day, {})]
