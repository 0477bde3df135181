"""Every night: is each figure what a plain count of the rows says? Four weeks at a time, for a year."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from analytics import changes, comparison, counting, credits, daily, figures, kept, plain
from analytics.credits import Results
from analytics.definitions import ASSIST_WINDOW, COMPARE_WINDOW, STEPS, Period
from analytics.kept import Kind

logger = logging.getLogger(__name__)

WEEKS = 4  # looked at together
TIMES = 14
LOOKS = 3
Figures = dict[tuple[Any, ...], int]  # (name of the figure, of what it is) -> the figure


def check_recovery_figures(now: datetime | None = None) -> int:
    """Says aloud which figures of the last year differ from a plain count of their rows. How many do.

    Figures are counted from the rows each time they are shown: nothing is kept that could be mended.
    """
    now = now or timezone.now()
    periods = _periods(figures.shop_day(now))
    differing = [line for period in periods for line in _lasting(partial(differences, period, now))]
    for line in differing:
        logger.error("A recovery figure is not what its rows say: %s", line)
    return len(differing)


def _lasting(look: Callable[[], list[str]]) -> list[str]:
    """What differs in each of several looks: in one alone, a mail may have gone out between the two counts."""
    lines: list[str] = []
    for _ in range(LOOKS):
        lines = look()
        if not lines:
            break
    return lines


def differences(period: Period, now: datetime) -> list[str]:
    """A sentence for each figure of the period that differs."""
    shown, counted = _shown(period, now), _counted(period, now)
    return [
        f"{' '.join(map(str, name))} from {period.first} to {period.last}: {shown.get(name, 0)} shown, "
        f"{counted.get(name, 0)} counted"
        for name in sorted(shown | counted, key=str)
        if shown.get(name, 0) != counted.get(name, 0)
    ]


def check_kept_figures() -> int:
    """Says aloud which figures of the home page differ from a plain count of the rows of the last year, and counts the
    kept days they come from anew. How many differ."""
    wrong = 0
    for period in _periods(figures.today()):
        for kind in daily.KINDS:
            if period.first < kind.first_whole_day():
                continue  # rows of the days before are removed
            lines = _lasting(partial(kept_differences, kind, period))
            for line in lines:
                logger.error("A kept figure is not what its rows say, and is counted anew: %s", line)
            if lines:
                counting.count_again(kind, period.first, period.last)
            wrong += len(lines)
    return wrong


def kept_differences(kind: Kind, period: Period) -> list[str]:
    """A sentence for each figure of that kind and period that differs from a plain count."""
    shown = {key: value for key, value in _as_shown(kind, period).items() if value}
    counted = {key: value for key, value in _PLAIN[kind.name](period).items() if value}
    return [
        f"{kind.name} {' '.join(map(str, key))} from {period.first} to {period.last}: {shown.get(key, 0)} kept, "
        f"{counted.get(key, 0)} counted"
        for key in sorted(shown | counted, key=str)
        if shown.get(key, 0) != counted.get(key, 0)
    ]


def _periods(today: date) -> list[Period]:
    monday = today - timedelta(days=today.weekday() + (WEEKS - 1) * 7)
    firsts = (monday - timedelta(weeks=number * WEEKS) for number in range(TIMES))
    return [Period(first, first + timedelta(days=WEEKS * 7 - 1)) for first in firsts]


# --- as they are shown ----------------------------------------------------------------------------
def _shown(period: Period, now: datetime) -> Figures:
    found: Figures = {}
    for (sequence, step, language, code, _), results in credits.count(period).items():
        for name, amount in _told(results):
            _add(found, (*name, sequence, step, language, code), amount)
    compared = comparison.count(period, now=now)
    for side, group in (("mailed", compared.mailed), ("held out", compared.held_out)):
        found |= {("people", side): group.people, ("buyers", side): group.buyers}
    for money in compared.money:
        found |= {("paid by", "mailed", money.currency): money.mailed}
        found |= {("paid by", "held out", money.currency): money.held_out}
    return found


def _told(results: Results) -> Iterator[tuple[tuple[str, ...], int]]:
    for name, value in vars(results).items():
        if isinstance(value, int):
            yield (name,), value
        else:
            yield from (((name, currency), amount) for currency, amount in value.items())


# --- as the rows say ------------------------------------------------------------------------------
def _counted(period: Period, now: datetime) -> Figures:
    start, end = period.start, period.end
    found: Figures = {}
    for *kind, considered, sent, clicked in plain.mails(start, end):
        found |= {("considered", *kind): considered, ("sent", *kind): sent, ("clicked", *kind): clicked}
    for way in ("direct", "assisted"):
        for *kind, carts in plain.credited(way, start, end, days=ASSIST_WINDOW.days):
            found[(way, *kind)] = carts
        for *kind, currency, amount in plain.credited_amounts(way, start, end, days=ASSIST_WINDOW.days):
            found[(f"{way}_amounts", currency, *kind)] = amount
    return found | _counted_people(start, end, now)


def _counted_people(start: datetime, end: datetime, now: datetime) -> Figures:
    found: Figures = {}
    for held_out, people, buyers in plain.people(start, end, now, days=COMPARE_WINDOW.days):
        found |= {("people", _side(held_out)): people, ("buyers", _side(held_out)): buyers}
    for held_out, currency, amount in plain.peoples_amounts(start, end, now, days=COMPARE_WINDOW.days):
        found[("paid by", _side(held_out), currency)] = amount
    return found


def _side(is_held_out: bool) -> str:
    return "held out" if is_held_out else "mailed"


def _add(found: Figures, name: tuple[Any, ...], amount: int) -> None:
    found[name] = found.get(name, 0) + amount


# --- the kinds that are kept by day ---------------------------------------------------------------
def _as_shown(kind: Kind, period: Period) -> Figures:
    found: Figures = {}
    days = kept.by_day(kind, period.first, period.last, changes.noted())
    for (name, of, currency), value in kept.total(days).items():
        group = _side(of.endswith(":1")) if kind is daily.PEOPLE else of
        _add(found, (name, group, currency), value)
    return found


def _plain_sales(period: Period) -> Figures:
    found: Figures = {}
    for currency, orders, revenue in plain.sales(period.start, period.end):
        found |= {("orders", "", currency): orders, ("revenue", "", currency): int(revenue)}
    return found


def _plain_checkouts(period: Period) -> Figures:
    counts = plain.checkouts(period.start, period.end)
    return {(name, "", ""): count for name, count in zip(STEPS, counts, strict=True)}


def _plain_mails(period: Period) -> Figures:
    found: Figures = {}
    start, end = period.start, period.end
    for _, step, _, _, *counts in plain.mails(start, end):
        for name, count in zip(("considered", "sent", "clicked"), counts, strict=True):
            _add(found, (name, str(step), ""), count)
    for way in ("direct", "assisted"):
        for _, step, _, _, carts in plain.credited(way, start, end, days=ASSIST_WINDOW.days):
            _add(found, (way, str(step), ""), carts)
        for _, step, _, _, currency, amount in plain.credited_amounts(way, start, end, days=ASSIST_WINDOW.days):
            _add(found, (f"{way}_amounts", str(step), currency), int(amount))
    return found


def _plain_people(period: Period) -> Figures:
    found: Figures = {}
    for held_out, people, buyers in plain.people(period.start, period.end, timezone.now(), days=COMPARE_WINDOW.days):
        found |= {("people", _side(held_out), ""): people, ("buyers", _side(held_out), ""): buyers}
    return found


_PLAIN = {
    daily.SALES.name: _plain_sales,
    daily.CHECKOUTS.name: _plain_checkouts,
    daily.MAILS.name: _plain_mails,
    daily.PEOPLE.name: _plain_people,
}
