"""Which mail a purchase is put down to: directly (its link led to it), or assisted (it came soon after the mail).

A cart that was bought is credited to one mail at most, and directly goes before assisted, so the two are never mixed
and never add up to more than the recovered. All is counted on the day the mail was decided on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from analytics.definitions import ASSIST_WINDOW, Period
from catalog.models import Discount
from orders.models import Order
from payments.net import net_amounts, net_by_currency
from recovery.models import Click, Message
from recovery.states import Outcome

NO_CODE, FIXED = "none", "fixed"


class Kind(NamedTuple):
    """By what mails are told apart. `day`: when they were decided on. `code`: NO_CODE, FIXED or basis points off."""

    sequence: int
    step: int
    language: str  # '' of a mail that was never written
    code: str
    day: date

    @property
    def week(self) -> date:
        """Its Monday."""
        return self.day - timedelta(days=self.day.weekday())


@dataclass(frozen=True)
class Results:
    """What became of some mails. Amounts in minor units, by currency."""

    considered: int = 0
    sent: int = 0
    clicked: int = 0
    direct: int = 0
    assisted: int = 0
    direct_amounts: Mapping[str, int] = field(default_factory=dict)
    assisted_amounts: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Results) -> Results:
        mine, theirs = vars(self), vars(other)
        return Results(**{name: _added(mine[name], theirs[name]) for name in mine})


def _added(one: Any, other: Any) -> Any:
    if isinstance(one, int):
        return one + other
    return {currency: one.get(currency, 0) + other.get(currency, 0) for currency in {**one, **other}}


# Said so that no database takes the index by outcome for it: nearly all mails were sent, those of a cart are few.
_WAS_SENT = ~Q(outcome__in=[outcome for outcome in Outcome if outcome != Outcome.SENT])


# --- which mails ----------------------------------------------------------------------------------
def decided_in(period: Period) -> QuerySet[Message]:
    return Message.objects.filter(decided_at__gte=period.start, decided_at__lt=period.end)


def clicked(mails: QuerySet[Message]) -> QuerySet[Message]:
    """Somebody pressed the button behind its link."""
    return mails.filter(Exists(Click.objects.filter(link__message=OuterRef("pk"))))


def direct(mails: QuerySet[Message]) -> QuerySet[Message]:
    """Its link was the last one whose button was pressed before the cart was bought."""
    last = _presses_before_the_purchase().order_by("-at", "-pk").values("link")[:1]
    return mails.filter(enrolment__cart__bought_at__isnull=False, link=Subquery(last))


def assisted(mails: QuerySet[Message]) -> QuerySet[Message]:
    """The last one sent before the cart was bought, soon before it, and no button was pressed."""
    bought_at = "enrolment__cart__bought_at"
    sent = Message.objects.filter(_WAS_SENT, enrolment__cart=OuterRef("enrolment__cart"))
    last = sent.filter(decided_at__lte=OuterRef(bought_at)).order_by("-decided_at", "-pk").values("pk")[:1]
    soon = mails.filter(
        Q(**{f"{bought_at}__gte": F("decided_at"), f"{bought_at}__lt": F("decided_at") + ASSIST_WINDOW}),
        _WAS_SENT,
    )
    return soon.filter(~Exists(_presses_before_the_purchase()), pk=Subquery(last))


def _presses_before_the_purchase() -> QuerySet[Click]:
    return Click.objects.filter(link__cart=OuterRef("enrolment__cart"), at__lte=OuterRef("enrolment__cart__bought_at"))


def with_code(mails: QuerySet[Message], code: str) -> QuerySet[Message]:
    """`code` as in Kind; nothing for what is none."""
    if code == NO_CODE:
        return mails.filter(link__discount__isnull=True)
    if code == FIXED:
        return mails.filter(link__discount__method=Discount.Method.FIXED)
    points = int(code) if code.isascii() and code.isdigit() and len(code) < 6 else -1
    return mails.filter(link__discount__method=Discount.Method.PERCENTAGE, link__discount__basis_points=points)


# --- counting -------------------------------------------------------------------------------------
_KIND = ("enrolment__sequence", "step", "language", "link__discount__method", "link__discount__basis_points", "day")


def count(period: Period) -> dict[Kind, Results]:
    """What became of the period's mails, by kind. Five queries, however many mails."""
    return count_of(decided_in(period))


def count_of(chosen: QuerySet[Message]) -> dict[Kind, Results]:
    """The same of any mails."""
    mails = _by_day(chosen)
    found: dict[Kind, Results] = {}
    pressed = Exists(Click.objects.filter(link__message=OuterRef("pk")))
    rows = mails.annotate(pressed=pressed).values_list(*_KIND).order_by()
    for *kind, considered, sent, presses in rows.annotate(
        n=Count("pk"), n_sent=Count("pk", filter=Q(outcome=Outcome.SENT)), n_pressed=Count("pk", filter=Q(pressed=True))
    ):
        _add(found, _kind(kind), Results(considered, sent, presses))
    money = _paid_for(chosen)
    for way, credited in (("direct", direct(mails)), ("assisted", assisted(mails))):
        for *kind, cart in credited.values_list(*_KIND, "enrolment__cart").order_by():
            _add(found, _kind(kind), _credit(way, money.get(cart, {})))
    return found


def _credit(way: str, amounts: Mapping[str, int]) -> Results:
    if way == "direct":
        return Results(direct=1, direct_amounts=amounts)
    return Results(assisted=1, assisted_amounts=amounts)


def _by_day(mails: QuerySet[Message]) -> QuerySet[Message]:
    return mails.annotate(day=TruncDate("decided_at", tzinfo=ZoneInfo(settings.TIME_ZONE)))


def _kind(row: Iterable[Any]) -> Kind:
    sequence, step, language, method, basis_points, day = row
    code = NO_CODE if method is None else FIXED if method == Discount.Method.FIXED else str(basis_points)
    return Kind(sequence, step, language, code, day)


def _add(found: dict[Kind, Results], kind: Kind, more: Results) -> None:
    found[kind] = found.get(kind, Results()) + more


def _paid_for(mails: QuerySet[Message]) -> dict[int, dict[str, int]]:
    """{cart: {currency: what was paid for its orders and stays}}, of the bought carts these mails were about."""
    carts = mails.filter(enrolment__cart__bought_at__isnull=False).order_by().values("enrolment__cart")
    orders = Order.objects.filter(cart__in=carts, accepted_at__isnull=False)
    net = net_amounts(orders)
    found: dict[int, dict[str, int]] = {}
    for order, cart, currency in orders.order_by().values_list("pk", "cart", "currency"):
        if amount := net.get(order):
            sums = found.setdefault(cart, {})
            sums[currency] = sums.get(currency, 0) + amount
    return found


def paid_for(mails: QuerySet[Message]) -> dict[str, int]:
    """{currency: what was paid for the carts of these mails and stays}. Each cart once. One query."""
    carts = mails.order_by().values("enrolment__cart")
    orders = Order.objects.filter(cart__in=carts, accepted_at__isnull=False)
    return net_by_currency(orders)


def named(code: str) -> str:
    """A Kind's code for people."""
    if code.isascii() and code.isdigit():
        return f"{Decimal(code) / 100:f} % off"
    return "An amount off" if code == FIXED else "No code"
