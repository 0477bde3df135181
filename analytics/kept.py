"""Figures of days, of any kind: those of closed days are counted once and kept, the others counted at each question.

A kind says how its days are counted and which of them are open: something of theirs is not at its end yet, or was noted
as changed (analytics.changes). An open day is never answered from what was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.utils import timezone

from analytics import figures
from analytics.changes import Changes
from analytics.models import KeptDay, KeptFigure
from common.changes import GRACE

Key = tuple[str, str, str]  # name of the figure, of what, currency
Facts = Mapping[Key, int]
Days = Mapping[date, Facts]


class Count(Protocol):
    """The figures of these days, days without any left out. `until`: of nothing from then on."""

    def __call__(self, days: Sequence[date], until: datetime | None = None) -> Days: ...


@dataclass(frozen=True)
class Kind:
    """`open_days`: those not to be kept.
    `oldest`: the moment of the first row there is. `is_forgotten`: its rows are removed after their time."""

    name: str
    count: Count
    open_days: Callable[[Changes], set[date]]
    oldest: Callable[[], datetime | None]
    is_forgotten: bool = True
    closes_after: timedelta = timedelta()

    def last_closed_day(self) -> date:
        """The newest day to which nothing can be added unnoticed."""
        return figures.shop_day(timezone.now() - GRACE - self.closes_after) - timedelta(days=1)

    def first_whole_day(self) -> date:
        """Of earlier days some rows may have been removed since: what was kept of them stays as it is."""
        return figures.first_whole_day() if self.is_forgotten else date.min


def by_day(kind: Kind, first: date, last: date, changes: Changes) -> dict[date, Facts]:
    """Each day of the window, in order. Two queries more than the kind needs to find its open days and to count."""
    days = figures.days_from(first, last)
    is_open = {day for day in kind.open_days(changes) if day >= kind.first_whole_day()}
    known = set(KeptDay.objects.filter(kind=kind.name, day__range=(first, last)).values_list("day", flat=True))
    known -= is_open
    found = {**kept(kind, known), **kind.count([day for day in days if day not in known])}
    return {day: found.get(day, {}) for day in days}


def kept(kind: Kind, days: Collection[date]) -> dict[date, Facts]:
    """Days of which all is zero are left out."""
    found: dict[date, dict[Key, int]] = {}
    rows = KeptFigure.objects.filter(kept_day__kind=kind.name, kept_day__day__in=days)
    for day, name, of, currency, value in rows.values_list("kept_day__day", "name", "of", "currency", "value"):
        found.setdefault(day, {})[name, of, currency] = value
    return dict(found)


def write(kind: Kind, days: Sequence[date]) -> None:
    """Counts these days and keeps what was found, instead of what was kept before. In the caller's transaction."""
    counted = kind.count(days)
    KeptDay.objects.filter(kind=kind.name, day__in=days).delete()
    rows = KeptDay.objects.bulk_create([KeptDay(kind=kind.name, day=day) for day in days])
    KeptFigure.objects.bulk_create(
        KeptFigure(kept_day=row, name=name, of=of, currency=currency, value=value)
        for row in rows
        for (name, of, currency), value in without_zeros(counted.get(row.day, {})).items()
    )


def without_zeros(facts: Facts) -> dict[Key, int]:
    """As they are kept."""
    return {key: value for key, value in facts.items() if value}


def uncounted(kind: Kind, is_open: Collection[date]) -> list[date]:
    """Closed days since its first row that are not kept yet and can be."""
    oldest = kind.oldest()
    if oldest is None:
        return []
    first = max(figures.shop_day(oldest), kind.first_whole_day())
    days = figures.days_from(first, kind.last_closed_day())
    known = set(KeptDay.objects.filter(kind=kind.name, day__gte=first).values_list("day", flat=True))
    return [day for day in days if day not in known and day not in is_open]


def total(days: Days) -> dict[Key, int]:
    """All days together."""
    found: dict[Key, int] = {}
    for facts in days.values():
        for key, value in facts.items():
            found[key] = found.get(key, 0) + value
    return found
