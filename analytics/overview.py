"""A period's figures beside those of the period before it, from what is kept and what is open (analytics.kept).

A period that is not over yet stands beside the same part of the one before: of its last day what was there by the same
time, counted from the rows of that day. Else a day that has just begun would always look like a bad one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.utils import timezone

from analytics import comparison, figures, kept
from analytics.changes import Changes
from analytics.comparison import Comparison
from analytics.definitions import Period
from analytics.figures import ByCurrency, Figures
from analytics.kept import Facts, Key, Kind
from analytics.lift import Group


def before(period: Period) -> Period:
    """As many days, up to the one before it."""
    length = period.last - period.first
    last = period.first - timedelta(days=1)
    return Period(last - length, last)


def same_part(period: Period, now: datetime) -> datetime | None:
    """Where the period before has to stop to be as long as this one is so far; None where this one is over."""
    today = figures.shop_day(now)
    if not period.first <= today <= period.last:
        return None
    return figures.same_time_on(before(period).first + (today - period.first), now)


Sums = Mapping[Key, int]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Beside:
    """One kind's figures: day by day in the period, its sum, and the sum of the period before."""

    days: Mapping[date, Facts]
    now: Sums
    before: Sums
    at: datetime  # when it was counted

    def currencies(self, name: str) -> list[str]:
        """Those in which there is anything under this name."""
        found = {key[2] for sums in (self.now, self.before) for key in sums if key[0] == name}
        return sorted(found)

    def count(self, name: str, *, was: bool = False) -> int:
        """Over all it is told apart by. Of counts only: amounts of several currencies make no sum."""
        return sum(value for key, value in (self.before if was else self.now).items() if key[0] == name)


def of(kind: Kind, period: Period, changes: Changes) -> Beside:
    at = timezone.now()
    days = kept.by_day(kind, before(period).first, period.last, changes)
    now = {day: facts for day, facts in days.items() if day >= period.first}
    until = same_part(period, at)
    if until and figures.shop_day(until) < kind.first_whole_day():
        until = None  # its rows are removed: what was kept of the whole day is all there is
    return Beside(now, kept.total(now), kept.total(_before(period, days, until, kind.count)), at)


def _before(
    period: Period,
    days: Mapping[date, Found],
    until: datetime | None,
    count: Callable[[Sequence[date], datetime | None], Mapping[date, Found]],
) -> dict[date, Found]:
    """Those of the days that are before the period; what was later than `until` is left out."""
    earlier = {day: found for day, found in days.items() if day < period.first}
    if until is None:
        return earlier
    last = figures.shop_day(until)
    return {**{day: found for day, found in earlier.items() if day < last}, **count([last], until)}


@dataclass(frozen=True)
class Abandonment:
    """Carts by the day they were first abandoned (analytics.figures)."""

    days: Mapping[date, ByCurrency]
    now: ByCurrency
    before: ByCurrency

    def all_currencies(self, *, was: bool = False) -> Figures:
        """For its counts alone."""
        return sum((self.before if was else self.now).values(), start=Figures())


def abandonment(period: Period) -> Abandonment:
    days = figures.by_day(before(period).first, period.last)
    now = {day: found for day, found in days.items() if day >= period.first}
    earlier = _before(period, days, same_part(period, timezone.now()), figures.count)
    return Abandonment(now, _sums(now), _sums(earlier))


def _sums(days: Mapping[date, ByCurrency]) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for by_currency in days.values():
        for currency, own in by_currency.items():
            found[currency] = found.get(currency, Figures()) + own
    return found


def compared(people: Sums) -> Comparison:
    """What the mails added, from the kept counts of people."""
    groups = {}
    for (name, of, _), count in people.items():
        if name == "people":
            share, is_held_out = of.split(":")
            groups[int(share), is_held_out == "1"] = Group(count, people.get(("buyers", of, ""), 0))
    return comparison.compare(groups)
