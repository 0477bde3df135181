"""Closed days are counted once and kept; one of which something changed is counted anew.

The figures that are kept may be thrown away at any time: the next run counts them again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Min

from analytics import changes, daily, figures, kept
from analytics.changes import NOTHING, Changes
from analytics.kept import Kind
from analytics.models import CountedDay, DayFigures, KeptDay
from carts.models import Cart, ChangedCohort, RemovedCohort
from common.models import ChangedRecord
from common.transactions import in_transaction

logger = logging.getLogger(__name__)

BATCH = 31  # days counted in one transaction
CHANGES = 1000  # notes taken up in one transaction


def count_closed_days() -> int:
    """Counts every closed day that is not counted yet, or no longer right. How many were counted, over all kinds."""
    done = 0
    while (notes := _oldest_notes()).are_any:
        done += _take_up(notes)
    missing = _uncounted()
    for start in range(0, len(missing), BATCH):
        _count(missing[start : start + BATCH])
    return done + len(missing) + sum(_count_uncounted(kind) for kind in daily.KINDS)


@dataclass(frozen=True)
class _Notes:
    cohorts: list[int]
    records: list[int]

    @property
    def are_any(self) -> bool:
        return bool(self.cohorts or self.records)


def _oldest_notes() -> _Notes:
    return _Notes(
        list(ChangedCohort.objects.order_by("pk").values_list("pk", flat=True)[:CHANGES]),
        list(ChangedRecord.objects.order_by("pk").values_list("pk", flat=True)[:CHANGES]),
    )


@in_transaction
def _take_up(notes: _Notes) -> int:
    """The days of these notes, counted anew where they were counted; the notes go in the same transaction. One written
    meanwhile is another note, and stays."""
    cohorts = ChangedCohort.objects.filter(pk__in=notes.cohorts)
    records = ChangedRecord.objects.filter(pk__in=notes.records)
    told = list(cohorts.values_list("cart_id", "first_abandoned_at"))
    found = changes.of(told, records.values_list("what", "record", "since"))
    days = {figures.shop_day(first_abandoned_at) for _, first_abandoned_at in told}
    counted = sorted(CountedDay.objects.filter(day__in=days).values_list("day", flat=True))
    cohorts.delete()
    records.delete()
    _write(counted)
    return len(counted) + sum(_count_anew(kind, found) for kind in daily.KINDS)


def _count_anew(kind: Kind, found: Changes) -> int:
    """The kept days that are open now. One that has something under way is kept again when that is at its end."""
    days = [day for day in kind.open_days(found) if day >= kind.first_whole_day()]
    kept_days = KeptDay.objects.filter(kind=kind.name, day__in=days)
    is_under_way = kind.open_days(NOTHING)
    counted = sorted(kept_days.values_list("day", flat=True))
    kept_days.delete()
    kept.write(kind, [day for day in counted if day not in is_under_way])
    return len(counted)


def _count_uncounted(kind: Kind) -> int:
    missing = kept.uncounted(kind, kind.open_days(changes.noted()))
    for start in range(0, len(missing), BATCH):
        _keep(kind, missing[start : start + BATCH])
    return len(missing)


def count_again(kind: Kind, first: date, last: date) -> None:
    """What is kept of these days is thrown away, and counted by the next run."""
    KeptDay.objects.filter(kind=kind.name, day__range=(first, last)).delete()


@in_transaction
def _keep(kind: Kind, days: Sequence[date]) -> None:
    kept.write(kind, days)


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
    return len(wrong) + sum(map(check_kept, daily.KINDS))


def check_kept(kind: Kind) -> int:
    """The same for one of the kinds, as far back as all its rows are there."""
    known = KeptDay.objects.filter(kind=kind.name, day__gte=kind.first_whole_day())
    days = sorted(known.values_list("day", flat=True))
    wrong = [day for start in range(0, len(days), BATCH) for day in _differing(kind, days[start : start + BATCH])]
    if wrong:
        told = ", ".join(map(str, wrong))
        logger.error("The kept figures of %s of %s were not what the rows say: counted anew.", kind.name, told)
        _keep(kind, wrong)
    return len(wrong)


def _differing(kind: Kind, days: Sequence[date]) -> list[date]:
    known, is_open, counted = kept.kept(kind, days), kind.open_days(changes.noted()), kind.count(days)
    return [
        day for day in days if day not in is_open and known.get(day, {}) != kept.without_zeros(counted.get(day, {}))
    ]


def _wrong(days: Sequence[date]) -> list[date]:
    kept, changed, counted = figures.kept(days), figures.changed_days(), figures.count(days)
    return [day for day in days if day not in changed and kept.get(day, {}) != counted.get(day, {})]
