"""The home page's figures: each with what it means, how it was before, and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from analytics import definitions, overview, rows
from analytics.comparison import Comparison
from analytics.definitions import Period
from analytics.figures import Figures
from analytics.figures_tables import SAID
from analytics.overview import Abandonment, Beside
from common.money import signed
from common.templatetags.shop import money


@dataclass(frozen=True)
class Line:
    """One figure of a card. `change`: how it was in the period before, ''. `address`: the rows it counts."""

    value: str
    change: str = ""
    address: str = ""
    label: str = ""  # where a card has several


@dataclass(frozen=True)
class Card:
    title: str
    definition: str
    lines: list[Line]


# --- sold -----------------------------------------------------------------------------------------
def sales(found: Beside, period: Period) -> list[Card]:
    revenue = [_revenue(found, period, currency) for currency in found.currencies("orders")]
    orders, was = found.count("orders"), found.count("orders", was=True)
    counted = Line(f"{orders:,}", _than(orders, was, f"{was:,}"), rows.orders(period))
    return [
        Card("Revenue", definitions.REVENUE, revenue or [Line("-", address=rows.orders(period))]),
        Card("Orders", definitions.ORDERS, [counted]),
    ]


def _revenue(found: Beside, period: Period, currency: str) -> Line:
    key = ("revenue", "", currency)
    amount, was = found.now.get(key, 0), found.before.get(key, 0)
    return _amount(amount, was, currency, rows.orders(period, currency=currency))


def conversion(found: Beside, period: Period) -> list[Card]:
    paid, begun = found.count("paid"), found.count("begun")
    was = _share(found.count("paid", was=True), found.count("begun", was=True))
    lines = [
        Line(_percent(_share(paid, begun)), _points(_share(paid, begun), was)),
        Line(f"{paid:,}", "", rows.checkouts(period, "paid"), "Bought"),
        Line(f"{begun:,}", "", rows.checkouts(period, "begun"), "Begun"),
    ]
    return [Card("Conversion", definitions.CONVERSION, lines)]


# --- left and won back ----------------------------------------------------------------------------
def abandonment(found: Abandonment, period: Period) -> list[Card]:
    left, back = [], []
    for currency in sorted({*found.now, *found.before}):
        now, was = (each.get(currency, Figures()) for each in (found.now, found.before))
        carts = rows.carts(period, currency=currency)
        won = rows.carts(period, are_recovered=True, currency=currency)
        left.append(_amount(now.abandoned_amount, was.abandoned_amount, currency, carts))
        back.append(_amount(now.recovered_amount, was.recovered_amount, currency, won))
    now, was = found.all_currencies(), found.all_currencies(was=True)
    carts, won = rows.carts(period), rows.carts(period, are_recovered=True)
    left.append(Line(f"{now.abandoned:,}", _than(now.abandoned, was.abandoned, f"{was.abandoned:,}"), carts, "Carts"))
    back.append(Line(f"{now.recovered:,}", _than(now.recovered, was.recovered, f"{was.recovered:,}"), won, "Carts"))
    rate, rate_was = _share(now.recovered, now.abandoned), _share(was.recovered, was.abandoned)
    back.append(Line(_percent(rate), _points(rate, rate_was), label="Rate"))
    return [Card("Abandoned", definitions.ABANDONED, left), Card("Recovered", definitions.RECOVERED, back)]


def mails(found: Beside, period: Period) -> list[Card]:
    return [
        Card("Recovered directly", definitions.DIRECT, _credited(found, period, "direct")),
        Card("Recovered, assisted", definitions.ASSISTED, _credited(found, period, "assisted")),
    ]


def _credited(found: Beside, period: Period, way: str) -> list[Line]:
    carts, was = found.count(way), found.count(way, was=True)
    address = rows.mails(period, way)
    lines = [Line(f"{carts:,}", _than(carts, was, f"{was:,}"), address, "Carts")]
    for currency in found.currencies(f"{way}_amounts"):
        now, earlier = (_sum(sums, f"{way}_amounts", currency) for sums in (found.now, found.before))
        lines.append(_amount(now, earlier, currency, address, label="Paid"))
    sent = found.count("sent")
    rate, rate_was = _share(carts, sent), _share(was, found.count("sent", was=True))
    return [*lines, Line(_percent(rate), _points(rate, rate_was), label="Of the mails sent")]


def _sum(sums: overview.Sums, name: str, currency: str) -> int:
    return sum(value for key, value in sums.items() if key[0] == name and key[2] == currency)


def added(found: Beside, period: Period) -> list[Card]:
    now, was = overview.compared(found.now), overview.compared(found.before)
    lines = [Line(_extra(now) or "Not yet known", _extra_before(was))]
    for label, group, is_held_out in (
        ("May get mails", now.mailed, False),
        ("In the control group", now.held_out, True),
    ):
        people = rows.people(period, found.at, is_held_out=is_held_out)
        buyers = rows.people(period, found.at, is_held_out=is_held_out, have_bought=True)
        lines.append(Line(f"{group.people:,}", "", people, label))
        lines.append(Line(f"{group.buyers:,}", "", buyers, "Of these bought"))
    return [Card("Added by the mails", f"{definitions.EXTRA} {SAID[now.verdict]}", lines)]


def _extra(found: Comparison) -> str:
    """Purchases, with their interval; '' where it cannot be said."""
    if found.extra is None or not found.verdict.is_known:
        return ""
    value, low, high = (signed(each, ",.1f") for each in (found.extra.value, found.extra.low, found.extra.high))
    return f"{value} purchases (95 %: {low} to {high})"


def _extra_before(found: Comparison) -> str:
    return f"before: {_extra(found) or 'not known'}"


# --- how it was before ----------------------------------------------------------------------------
def _amount(now: int, was: int, currency: str, address: str, *, label: str = "") -> Line:
    return Line(money(now, currency), _than(now, was, money(was, currency)), address, label)


def _than(now: int, was: int, written: str) -> str:
    if not was:
        return "none before" if now else "as before"
    return f"{signed((now - was) / was, '.0%')} (before: {written})"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{_shown(share)} %"


def _shown(share: float) -> Decimal:
    return Decimal(f"{share * 100:.1f}")


def _points(now: float | None, was: float | None) -> str:
    """The difference of the two as they are shown: who subtracts the one from the other gets the same."""
    if was is None:
        return "none before"
    change = "" if now is None else f"{signed(_shown(now) - _shown(was), '.1f')} points "
    return f"{change}(before: {_percent(was)})"
