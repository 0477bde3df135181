"""A period's figures beside those of the period before it, from what is kept and what is open (analytics.kept)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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


Sums = Mapping[Key, int]


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
    earlier = {day: facts for day, facts in days.items() if day < period.first}
    return Beside(now, kept.total(now), kept.total(earlier), at)


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
    earlier = {day: found for day, found in days.items() if day < period.first}
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
