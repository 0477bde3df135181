"""The tables of the page "What they bring"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html_join

from analytics import comparison, credits, definitions, figures, lift, rows
from analytics.comparison import Comparison
from analytics.credits import Kind, Results
from analytics.cuts import Cut, cut, whole
from analytics.definitions import Period
from analytics.figures import Figures
from analytics.lift import Estimate, Group, Verdict
from common.admin import link_to_list, table
from common.money import MINUS, signed
from common.templatetags.shop import money
from recovery.models import Sequence, Step

COLUMNS = ("considered", "sent", "clicked", "direct", "assisted")
_HEADERS = (
    "Considered",
    "Sent",
    "Button pressed",
    "Bought directly",
    "Bought, assisted",
    "Paid, direct",
    "Paid, assisted",
)
SAID = {
    Verdict.NO_CONTROL: "Not yet known: there are no two groups to compare whose time is over. "
    "RECOVERY_HOLDOUT_PERCENT sets the control group's share.",
    Verdict.TOO_FEW: f"Not yet known: too few people. It takes {lift.LEAST_PEOPLE} in each group and "
    f"{lift.LEAST_BUYERS} who bought in both together.",
    Verdict.NOT_SEEN: "Not yet known: the interval contains zero, so the difference may be chance.",
    Verdict.MORE: "More than without mails.",
    Verdict.FEWER: "Less than without mails.",
}


@dataclass(frozen=True)
class Section:
    title: str
    definitions: tuple[str, ...]
    table: Any
    notes: tuple[Any, ...] = ()


def sections(period: Period, by: str, *, now: datetime) -> list[Section]:
    found = credits.count(period)
    total = whole(found)
    return [
        _recovered(period),
        _credited(period, total),
        _compared(period, comparison.count(period, now=now), now),
        _cut(period, by, found, total),
    ]


# --- recovered ------------------------------------------------------------------------------------
def _recovered(period: Period) -> Section:
    days = figures.by_day(period.first, period.last).values()
    found = sum((each for by_currency in days for each in by_currency.values()), start=Figures())
    lines = [
        ("Abandoned", link_to_list(found.abandoned, rows.carts(period))),
        ("Recovered", link_to_list(found.recovered, rows.carts(period, are_recovered=True))),
    ]
    said = "Carts by the day they were first abandoned; the recovered were bought afterwards, in whatever way."
    return Section("Carts", (said,), table(("", "Carts"), lines))


def _credited(period: Period, total: Results) -> Section:
    lines = [
        ("Directly", link_to_list(total.direct, rows.mails(period, "direct")), _paid(total.direct_amounts)),
        ("Assisted", link_to_list(total.assisted, rows.mails(period, "assisted")), _paid(total.assisted_amounts)),
    ]
    said = (f"Directly: {definitions.DIRECT}", f"Assisted: {definitions.ASSISTED}", definitions.MONEY)
    return Section("Put down to mails", said, table(("", "Carts", "Paid"), lines))


# --- against the control group --------------------------------------------------------------------
def _compared(period: Period, found: Comparison, now: datetime) -> Section:
    headers = ("", "People", "Bought", "Share", *(f"Paid, {each.currency}" for each in found.money))
    lines = [
        _side("May get mails", period, found, now, is_held_out=False),
        _side("Control group", period, found, now, is_held_out=True),
    ]
    notes = [SAID[found.verdict], *_differences(found)]
    if found.waiting:
        notes.append(link_to_list(f"Still being watched: {found.waiting}", rows.waiting(period, now)))
    return Section("Added by the mails", (definitions.EXTRA,), table(headers, lines), tuple(notes))


def _side(title: str, period: Period, found: Comparison, now: datetime, *, is_held_out: bool) -> tuple[object, ...]:
    group: Group = found.held_out if is_held_out else found.mailed
    share = f"{group.buyers * 100 / group.people:.2f} %" if group.people else "-"
    own = [(each.held_out if is_held_out else each.mailed, each.currency) for each in found.money]
    people = rows.people(period, now, is_held_out=is_held_out)
    buyers = rows.people(period, now, is_held_out=is_held_out, have_bought=True)
    return (
        title,
        link_to_list(group.people, people),
        link_to_list(group.buyers, buyers),
        share,
        *(money(*each) for each in own),
    )


def _differences(found: Comparison) -> Iterable[str]:
    if found.difference:
        low, value, high = (signed(each * 100, ".2f") for each in _ordered(found.difference))
        yield f"Share of buyers: {value} percentage points, 95 % interval {low} to {high}."
    if found.extra:
        low, value, high = (signed(each, ".1f") for each in _ordered(found.extra))
        yield f"Purchases added among those who may get mails: {value}, 95 % interval {low} to {high}."
    for each in found.money:
        if each.difference:
            low, value, high = (_difference(part, each.currency) for part in _ordered(each.difference))
            yield f"Paid per person: {value}, 95 % interval {low} to {high}. {SAID[each.verdict]}"


def _difference(amount: float, currency: str) -> str:
    return money(round(amount), currency).replace("-", MINUS)


def _ordered(found: Estimate) -> tuple[float, float, float]:
    return found.low, found.value, found.high


# --- mails, told apart ----------------------------------------------------------------------------
def _cut(period: Period, by: str, found: Mapping[Kind, Results], total: Results) -> Section:
    names = _names(found)
    lines = sorted(cut(found, by), key=lambda line: _order(by, line[0], names))
    shown = [(_title(by, kind, names), *_cells(period, results, by, kind)) for kind, results in lines]
    shown.append(("All", *_cells(period, total)))
    said = "Mails by the day they were decided on, sent or skipped, and what came of them since."
    return Section(f"Mails by {Cut(by).label}", (said,), table((Cut(by).label.capitalize(), *_HEADERS), shown))


def _cells(period: Period, results: Results, by: str = "", kind: Kind | None = None) -> tuple[object, ...]:
    counts = [link_to_list(getattr(results, name), rows.mails(period, name, by=by, kind=kind)) for name in COLUMNS]
    return *counts, _paid(results.direct_amounts), _paid(results.assisted_amounts)


@dataclass(frozen=True)
class _Names:
    steps: Mapping[int, Step]
    sequences: Mapping[int, Sequence]


def _names(found: Mapping[Kind, Results]) -> _Names:
    steps = Step.objects.select_related("sequence").in_bulk({kind.step for kind in found})
    return _Names(steps, Sequence.objects.in_bulk({kind.sequence for kind in found}))


def _order(by: str, kind: Kind, names: _Names) -> tuple[Any, ...]:
    if by == Cut.WEEK:
        return (kind.week,)
    if by == Cut.CODE:
        return (len(kind.code), kind.code)
    if by == Cut.SEQUENCE:
        return (names.sequences[kind.sequence].position, kind.sequence)
    return kind.sequence, names.steps[kind.step].delay_seconds, kind.step, kind.language


def _title(by: str, kind: Kind, names: _Names) -> str:
    if by == Cut.WEEK:
        return f"From {date_format(kind.week)}"
    if by == Cut.CODE:
        return credits.named(kind.code)
    if by == Cut.SEQUENCE:
        return str(names.sequences[kind.sequence])
    step = names.steps[kind.step]
    return f"{step}, {kind.language or 'not written'}" if by == Cut.TEMPLATE else str(step)


def _paid(amounts: Mapping[str, int]) -> Any:
    """Each currency by itself."""
    own = sorted((currency, amount) for currency, amount in amounts.items() if amount)
    return format_html_join(", ", "{}", ((money(amount, currency),) for currency, amount in own)) or "-"
