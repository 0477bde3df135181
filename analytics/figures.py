"""What became of abandoned carts, by the day they were first abandoned: exact at the moment of the question.

A cart counts on the day it was first abandoned, in the shop's time zone; its recovery counts on that day too, so the
recovered are always some of the abandoned. Its value is what it was worth then. Closed days are counted once
(`analytics.counting`); the open one, and those of which something changed since, are counted anew at each question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from analytics.models import CountedDay, DayFigures
from carts.models import Cart, ChangedCohort, RemovedCohort
from carts.states import CartStatus
from common import retention
from common.changes import GRACE


@dataclass(frozen=True)
class Figures:
    """Amounts in minor units of one currency."""

    abandoned: int = 0
    recovered: int = 0
    abandoned_amount: int = 0
    recovered_amount: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.abandoned + other.abandoned,
            self.recovered + other.recovered,
            self.abandoned_amount + other.abandoned_amount,
            self.recovered_amount + other.recovered_amount,
        )


ByCurrency = Mapping[str, Figures]


def shop_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def today() -> date:
    return shop_day(timezone.now())


def last_closed_day() -> date:
    """The newest day to which nothing can be added unnoticed."""
    return shop_day(timezone.now() - GRACE) - timedelta(days=1)


def first_whole_day() -> date:
    """Of earlier days some rows may have been removed since, as old as they are."""
    return shop_day(retention.cut_off()) + timedelta(days=1)


def days_from(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def by_day(first: date, last: date) -> dict[date, ByCurrency]:
    """Each day of the window in order, with its figures by currency; a day without carts has none. Four queries."""
    changed = changed_days()  # first: what changes after this is counted by the next question
    days = days_from(first, last)
    counted = set(CountedDay.objects.filter(day__range=(first, last)).values_list("day", flat=True)) - changed
    found = kept(counted) | count([day for day in days if day not in counted])
    return {day: found.get(day, {}) for day in days}


def changed_days() -> set[date]:
    """Days of which something was noted that their kept figures do not know yet."""
    moments = ChangedCohort.objects.values_list("first_abandoned_at", flat=True).distinct()
    return {shop_day(moment) for moment in moments}


def kept(days: Collection[date]) -> dict[date, ByCurrency]:
    """The kept figures of these days; days without carts are left out."""
    found: dict[date, dict[str, Figures]] = {}
    for row in DayFigures.objects.filter(day__in=days):
        figures = Figures(row.abandoned, row.recovered, row.abandoned_amount, row.recovered_amount)
        found.setdefault(row.day_id, {})[row.currency] = figures
    return dict(found)


def count(days: Sequence[date], until: datetime | None = None) -> dict[date, ByCurrency]:
    """From the carts themselves and the sums of those removed, in one query whatever the number of days: a cart that
    is being removed is in one of them. Days without carts are left out. `until`: nothing from then on."""
    if not days:
        return {}
    found: dict[date, dict[str, Figures]] = {}
    for day, currency, *figures in _of_carts(days, until).union(_of_removed(days, until), all=True):
        own = found.setdefault(day, {})
        own[currency] = own.get(currency, Figures()) + Figures(*figures)
    return dict(found)


def _of_carts(days: Iterable[date], until: datetime | None) -> QuerySet[Cart, Any]:
    is_recovered = Q(status=CartStatus.RECOVERED)
    carts = Cart.objects.filter(within("first_abandoned_at", days, until), first_abandoned_at__isnull=False)
    return _by_day_and_currency(carts, "first_abandoned_at").annotate(
        n_abandoned=Count("pk"),
        n_recovered=Count("pk", filter=is_recovered),
        sum_abandoned=Sum("abandoned_amount", default=0),
        sum_recovered=Sum("abandoned_amount", filter=is_recovered, default=0),
    )


def _of_removed(days: Iterable[date], until: datetime | None) -> QuerySet[RemovedCohort, Any]:
    removed = RemovedCohort.objects.filter(within("quarter", days, until))
    return _by_day_and_currency(removed, "quarter").annotate(
        n_abandoned=Sum("abandoned"),
        n_recovered=Sum("recovered"),
        sum_abandoned=Sum("abandoned_amount"),
        sum_recovered=Sum("recovered_amount"),
    )


def _by_day_and_currency(rows: QuerySet[Any], moment: str) -> QuerySet[Any, Any]:
    day = TruncDate(moment, tzinfo=ZoneInfo(settings.TIME_ZONE))
    return rows.annotate(day=day).order_by().values_list("day", "currency")


def within(moment: str, days: Iterable[date], until: datetime | None = None) -> Q:
    """On these days, and before `until`. Neighbouring days are one range of the index."""
    wanted = Q(pk__in=[])
    for first, last in _ranges(sorted(days)):
        end = start_of(last + timedelta(days=1))
        wanted |= Q(**{f"{moment}__gte": start_of(first), f"{moment}__lt": min(end, until or end)})
    return wanted


def _ranges(days: Sequence[date]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def start_of(day: date) -> datetime:
    """The day's first moment in the shop's time zone, in UTC: where clocks change, a day has 23 or 25 hours."""
    return _moment(day, time())


def same_time_on(day: date, moment: datetime) -> datetime:
    """When the clocks of the shop showed on that day what they show at `moment`."""
    return _moment(day, moment.astimezone(ZoneInfo(settings.TIME_ZONE)).time())


def _moment(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(settings.TIME_ZONE)).astimezone(UTC)
