"""The kinds of figures kept by day: what was sold, how far checkouts came, what mails brought, who was compared.

What each of them counts is one condition, here or in analytics.credits and analytics.comparison, and the lists behind
the figures are filtered by the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from analytics import comparison, credits, figures
from analytics.changes import Changes
from analytics.definitions import COMPARE_WINDOW, STEPS
from analytics.kept import Days, Key, Kind
from checkouts.models import Checkout
from checkouts.states import LIVE
from orders.models import Order
from orders.states import OrderStatus
from payments.net import with_net
from recovery.models import Enrolment, Message
from recovery.states import Outcome

Found = dict[date, dict[Key, int]]


def _day_of(moment: str) -> TruncDate:
    return TruncDate(moment, tzinfo=ZoneInfo(settings.TIME_ZONE))


def _add(found: Found, day: date, key: Key, value: int) -> None:
    facts = found.setdefault(day, {})
    facts[key] = facts.get(key, 0) + value


def _days(moments: Iterable[datetime | None]) -> set[date]:
    return {figures.shop_day(moment) for moment in moments if moment is not None}


def _oldest(rows: QuerySet[Any], moment: str) -> datetime | None:
    found: datetime | None = rows.aggregate(at=Min(moment))["at"]
    return found


# --- what was sold --------------------------------------------------------------------------------
def accepted_on(days: Iterable[date], until: datetime | None = None) -> QuerySet[Order]:
    return Order.objects.filter(figures.within("accepted_at", days, until), accepted_at__isnull=False)


def _count_sales(days: Sequence[date], until: datetime | None = None) -> Days:
    """orders, and `revenue`: what was paid for them and stays. Two queries."""
    found: Found = {}
    if not days:
        return {}
    orders = accepted_on(days, until).order_by()
    counted = orders.annotate(day=_day_of("accepted_at")).values_list("day", "currency").annotate(n=Count("pk"))
    for day, currency, count in counted:
        _add(found, day, ("orders", "", currency), count)
    paid = with_net(orders).order_by().annotate(day=_day_of("order__accepted_at"))
    for day, currency, amount in paid.values_list("day", "currency").annotate(n=Sum("net")):
        _add(found, day, ("revenue", "", currency), int(amount))
    return dict(found)


def _open_sales(changes: Changes) -> set[date]:
    return _days(Order.objects.filter(pk__in=changes.orders).values_list("accepted_at", flat=True))


SALES = Kind(
    "sales", _count_sales, _open_sales, lambda: _oldest(Order.objects.all(), "accepted_at"), is_forgotten=False
)


# --- how far checkouts came -----------------------------------------------------------------------
def _count_checkouts(days: Sequence[date], until: datetime | None = None) -> Days:
    """One figure a step, of the checkouts begun on each day. One query."""
    if not days:
        return {}
    begun = Checkout.objects.filter(figures.within("created_at", days, until)).order_by()
    came = {f"n_{name}": Count("pk", filter=condition) for name, condition in STEPS.items()}
    rows: Iterable[Any] = begun.annotate(day=_day_of("created_at")).values("day").annotate(**came)
    return {row["day"]: {(name, "", ""): row[f"n_{name}"] for name in STEPS} for row in rows}


def _open_checkouts(changes: Changes) -> set[date]:
    """Of those that are still under way, too: whether they come further nobody knows yet."""
    under_way = Q(status__in=LIVE)
    unpaid = Q(order__in=Order.objects.filter(status=OrderStatus.PENDING).values("pk"))
    moments = [
        Checkout.objects.filter(condition).order_by().values_list("created_at", flat=True)
        for condition in (under_way, unpaid, Q(pk__in=changes.checkouts) | Q(order__in=changes.orders))
    ]
    return _days(changes.gone_checkouts).union(*map(_days, moments))


CHECKOUTS = Kind("checkouts", _count_checkouts, _open_checkouts, lambda: _oldest(Checkout.objects.all(), "created_at"))


# --- what mails brought ---------------------------------------------------------------------------
def _count_mails(days: Sequence[date], until: datetime | None = None) -> Days:
    """By step: considered, sent, clicked, direct and assisted, the last two also as amounts. Four queries."""
    if not days:
        return {}
    found: Found = {}
    for kind, results in credits.count_of(Message.objects.filter(figures.within("decided_at", days, until))).items():
        for name, value in vars(results).items():
            by_currency: Mapping[str, int] = {"": value} if isinstance(value, int) else value
            for currency, amount in by_currency.items():
                _add(found, kind.day, (name, str(kind.step), currency), amount)
    return dict(found)


def _open_mails(changes: Changes) -> set[date]:
    """Of mails that have no end yet, too."""
    unfinished = Message.objects.filter(outcome__in=(Outcome.WAITING, Outcome.HANDING_OVER))
    concerned = Message.objects.filter(enrolment__cart__in=changes.carts)
    moments = (rows.order_by().values_list("decided_at", flat=True) for rows in (unfinished, concerned))
    return changes.days_of_the_gone.union(*map(_days, moments))


MAILS = Kind("mails", _count_mails, _open_mails, lambda: _oldest(Message.objects.all(), "decided_at"))


# --- who was compared -----------------------------------------------------------------------------
def _count_people(days: Sequence[date], until: datetime | None = None) -> Days:
    """`people` and `buyers` of each group, of those whose time is over. Two queries."""
    now = timezone.now()
    over = [day for day in days if figures.start_of(day) <= now - COMPARE_WINDOW]
    if not over:
        return {}
    found: Found = {}
    entered = Enrolment.objects.filter(
        figures.within("compared_at", over, until), compared_at__isnull=False, drawn_percent__isnull=False
    )
    people = comparison.over(entered, now)
    for name, rows in (("people", people), ("buyers", comparison.who_bought(people))):
        groups = rows.order_by().annotate(day=_day_of("compared_at"))
        for day, share, is_held_out, count in groups.values_list("day", "drawn_percent", "is_held_out").annotate(
            n=Count("pk")
        ):
            _add(found, day, (name, f"{share}:{int(is_held_out)}", ""), count)
    return dict(found)


def _open_people(changes: Changes) -> set[date]:
    """What they bought counts in their time only, and that is over. A cart that is gone was perhaps bought in it."""
    return changes.days_of_the_gone


PEOPLE = Kind(
    "people",
    _count_people,
    _open_people,
    lambda: _oldest(Enrolment.objects.filter(compared_at__isnull=False), "compared_at"),
    closes_after=COMPARE_WINDOW,
)

KINDS = (SALES, CHECKOUTS, MAILS, PEOPLE)
