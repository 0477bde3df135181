"""Mailed people against the control group, from the rows: who was compared, who of them bought, what they paid.

Who is compared, and since when, is written down by recovery.comparison before anything differs between the groups.
A purchase is an order that was accepted under the person's address, whichever cart it came from, or of the cart they
were first written about, in their time; both groups by this one rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from analytics import lift
from analytics.definitions import COMPARE_WINDOW, Period
from analytics.lift import Estimate, Group, Money, Verdict
from carts.models import Cart
from orders.models import Order
from payments.net import net_amounts
from recovery.models import Enrolment

Side = tuple[int, bool]  # the control group's share in per cent; whether in it


@dataclass(frozen=True)
class InCurrency:
    """What each group paid together, and the difference per person. Minor units."""

    currency: str
    mailed: int
    held_out: int
    difference: Estimate | None
    verdict: Verdict


@dataclass(frozen=True)
class Comparison:
    """`extra`: purchases that the mails added among the people who may get them; None where it cannot be said."""

    mailed: Group
    held_out: Group
    waiting: int  # people whose time is not over yet
    difference: Estimate | None
    verdict: Verdict
    money: tuple[InCurrency, ...] = ()

    @property
    def extra(self) -> Estimate | None:
        found, people = self.difference, self.mailed.people
        return Estimate(*(round(each * people, 1) for each in vars(found).values())) if found else None


# --- who ------------------------------------------------------------------------------------------
def compared_in(period: Period) -> QuerySet[Enrolment]:
    """One row a person, by the day they entered."""
    return Enrolment.objects.filter(
        compared_at__gte=period.start, compared_at__lt=period.end, drawn_percent__isnull=False
    )


def over(people: QuerySet[Enrolment], now: datetime) -> QuerySet[Enrolment]:
    """Those whose time is over."""
    return people.filter(compared_at__lte=now - COMPARE_WINDOW)


def who_bought(people: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Those who bought in their time."""
    since = OuterRef("compared_at")
    until = _moved(since, COMPARE_WINDOW)
    accepted = Order.objects.filter(accepted_at__gte=since, accepted_at__lt=until)
    # Looked up cart by cart: joined, a database would rather read all carts there are.
    in_time = Cart.objects.filter(pk=OuterRef("cart"), bought_at__gte=since, bought_at__lt=until)
    by_address = Exists(accepted.filter(~Q(person=""), person=OuterRef("person")))
    return people.filter(by_address | Exists(accepted.filter(cart=OuterRef("cart"))) | Exists(in_time))


def _moved(moment: F, by: timedelta) -> ExpressionWrapper:
    return ExpressionWrapper(moment + by, output_field=DateTimeField())


# --- counting -------------------------------------------------------------------------------------
def count(period: Period, *, now: datetime) -> Comparison:
    """Of the people who entered in the period. Seven queries, however many."""
    everybody = compared_in(period)
    people = over(everybody, now)
    groups = _groups(people)
    found = compare(groups)
    waiting = everybody.filter(compared_at__gt=now - COMPARE_WINDOW).count()
    return replace(found, waiting=waiting, money=tuple(_money(people, groups, _strata(groups))))


def compare(groups: Mapping[Side, Group]) -> Comparison:
    """Of people whose time is over, counted elsewhere."""
    strata = _strata(groups)
    difference = lift.rates(strata)
    return Comparison(
        mailed=_sum(mailed for mailed, _ in strata),
        held_out=_sum(held for _, held in strata),
        waiting=0,
        difference=difference,
        verdict=lift.verdict(strata, difference),
    )


def _strata(groups: Mapping[Side, Group]) -> list[lift.Pair[Group]]:
    """People drawn at one share of the control group are compared among themselves."""
    return [(groups.get((share, False), _NOBODY), groups.get((share, True), _NOBODY)) for share in _shares(groups)]


_NOBODY = Group(0, 0)


def _groups(people: QuerySet[Enrolment]) -> dict[Side, Group]:
    sizes, buyers = _sizes(people), _sizes(who_bought(people))
    return {side: Group(size, buyers.get(side, 0)) for side, size in sizes.items()}


def _sizes(people: QuerySet[Enrolment]) -> dict[Side, int]:
    rows = people.order_by().values_list("drawn_percent", "is_held_out").annotate(n=Count("pk"))
    return {(share, is_held_out): n for share, is_held_out, n in rows}


def _shares(groups: Iterable[Side]) -> list[int]:
    return sorted({share for share, _ in groups})


def _sum(groups: Iterable[Group]) -> Group:
    found = list(groups)
    return Group(sum(group.people for group in found), sum(group.buyers for group in found))


def _money(
    people: QuerySet[Enrolment], groups: dict[Side, Group], strata: Sequence[lift.Pair[Group]]
) -> Iterable[InCurrency]:
    paid = _paid(people)
    sides = _sides(people, (owner for owner, _ in paid))
    for currency in sorted({currency for _, currency in paid}):
        sums = _sums([(sides[owner], amount) for (owner, code), amount in paid.items() if code == currency], groups)
        nothing = Money(0)
        pairs = [(sums.get((share, False), nothing), sums.get((share, True), nothing)) for share in _shares(groups)]
        mailed, held_out = (sum(pair[number].total for pair in pairs) for number in (0, 1))
        difference = lift.per_person(pairs)
        yield InCurrency(currency, mailed, held_out, difference, lift.verdict(strata, difference))


Paid = dict[tuple[int, str], int]  # (enrolment, currency) -> minor units
Pairs = set[tuple[int, int, str]]  # (enrolment, order, currency)


def _paid(people: QuerySet[Enrolment]) -> Paid:
    """What each person paid in their time, net of what went back. Three queries."""
    by_address, by_cart = _by_address(people), _by_cart(people)
    net = net_amounts(Order.objects.filter(Q(pk__in=by_address.values("pk")) | Q(pk__in=by_cart.values("pk"))))
    pairs: Pairs = {*by_address.values_list("owner", "pk", "currency")}
    pairs |= {*by_cart.values_list("cart__enrolments", "pk", "currency")}
    found: Paid = {}
    for owner, order, currency in pairs:
        if amount := net.get(order):
            found[owner, currency] = found.get((owner, currency), 0) + amount
    return found


def _by_address(people: QuerySet[Enrolment]) -> QuerySet[Any]:
    """Orders accepted under the address of one of them, in their time; `owner`: the enrolment."""
    at = OuterRef("accepted_at")
    watched = people.order_by().filter(compared_at__lte=at, compared_at__gt=_moved(at, -COMPARE_WINDOW))
    owner = watched.filter(person=OuterRef("person")).values("pk")[:1]  # a person is compared once
    orders = Order.objects.filter(~Q(person=""), person__in=people.order_by().values("person"))
    return orders.filter(accepted_at__isnull=False).order_by().annotate(owner=Subquery(owner)).exclude(owner=None)


def _by_cart(people: QuerySet[Enrolment]) -> QuerySet[Any]:
    """Orders of the carts they were first written about, accepted in their time."""
    since = F("cart__enrolments__compared_at")
    return Order.objects.order_by().filter(
        cart__enrolments__in=people.order_by(), accepted_at__gte=since, accepted_at__lt=_moved(since, COMPARE_WINDOW)
    )


def _sides(people: QuerySet[Enrolment], owners: Iterable[int]) -> dict[int, Side]:
    wanted = set(owners)
    rows = who_bought(people).values_list("pk", "drawn_percent", "is_held_out")
    return {pk: (share or 0, is_held_out) for pk, share, is_held_out in rows if pk in wanted}


def _sums(paid: Iterable[tuple[Side, int]], groups: dict[Side, Group]) -> dict[Side, Money]:
    amounts: dict[Side, list[int]] = {side: [] for side in groups}
    for side, amount in paid:
        amounts[side].append(amount)
    return {
        side: Money(groups[side].people, sum(own), sum(each * each for each in own)) for side, own in amounts.items()
    }
