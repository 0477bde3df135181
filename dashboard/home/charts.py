"""The home page's charts, as numbers for a drawing the page brings along, and as the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format

from analytics import figures, rows
from analytics.credits import Kind
from analytics.cuts import Cut
from analytics.definitions import STEP_TITLES, Period
from analytics.overview import Abandonment, Beside
from common.admin import link_to_list, several, table
from common.templatetags.shop import money
from recovery.models import Step

WIDTH, HEIGHT = 600, 120  # of a drawing, in its own units: the page stretches it


@dataclass(frozen=True)
class Bar:
    """In units of the drawing. `tone`: which of the chart's series it belongs to, 0 or 1."""

    x: float
    y: float
    width: float
    height: float
    tone: int = 0


@dataclass(frozen=True)
class Column:
    """One day: its bars, one on the other. `address`: of the rows they count. It is as high as the drawing to press."""

    x: float
    width: float
    said: str
    address: str
    bars: list[Bar]


@dataclass(frozen=True)
class Row:
    """A bar beside its name and figure. `address`: of the rows it counts, '' where they are in no one list."""

    name: str
    figure: str
    width: float
    address: str


@dataclass(frozen=True)
class Chart:
    """`summary`: what a drawing says in a sentence, for those who do not see it. `note`: what cannot be opened, and
    why."""

    title: str
    summary: str
    table: Any
    columns: list[Column] = field(default_factory=list)  # by day
    rows: list[Row] = field(default_factory=list)  # one below the other
    series: tuple[str, ...] = ()
    begins: str = ""
    ends: str = ""
    most: str = ""
    note: str = ""
    height: int = HEIGHT


@dataclass(frozen=True)
class _Day:
    """`values`: of each series. `address`: '' where there is nothing to open."""

    said: str
    values: tuple[int, ...]
    address: str


# --- by day ---------------------------------------------------------------------------------------
def revenue(found: Beside) -> list[Chart]:
    """One a currency: amounts of several make no common scale."""
    return [_revenue(found, currency) for currency in found.currencies("revenue")]


def _revenue(found: Beside, currency: str) -> Chart:
    drawn, lines = [], []
    for day, facts in found.days.items():
        amount, orders = (facts.get((name, "", currency), 0) for name in ("revenue", "orders"))
        address = rows.orders(Period(day, day), currency=currency) if orders else ""
        drawn.append(_Day(f"{_day(day)}: {money(amount, currency)}", (amount,), address))
        lines.append((_day(day), _opens(money(amount, currency), address), _opens(orders, address)))
    amounts = [each.values[0] for each in drawn]
    most = money(max(amounts, default=0), currency)
    return Chart(
        title=f"Revenue by day, {currency}",
        summary=f"{money(sum(amounts), currency)} in {_days(drawn)}, at most {most} on a day.",
        table=table(("Day", "Revenue", "Orders"), lines),
        columns=_columns(drawn),
        most=most,
        **_ends(list(found.days)),
    )


def abandonment(found: Abandonment) -> list[Chart]:
    """Carts of a day that is long ago are removed, so that no list has them all."""
    first_whole, drawn, lines = figures.first_whole_day(), [], []
    for day in found.days:
        left, back = _counts(found, day)
        of_day, is_whole = Period(day, day), day >= first_whole
        address = rows.carts(of_day) if left and is_whole else ""
        won = rows.carts(of_day, are_recovered=True) if back and is_whole else ""
        said = f"{_day(day)}: {left} abandoned, {back} of them recovered"
        drawn.append(_Day(said, (back, left - back), address))
        lines.append((_day(day), _opens(left, address), _opens(back, won)))
    back_in_all, stays_in_all = (sum(each.values[number] for each in drawn) for number in (0, 1))
    left_in_all = back_in_all + stays_in_all
    return [
        Chart(
            title="Carts abandoned by day",
            summary=f"{_carts(left_in_all)} abandoned in {_days(drawn)}, {back_in_all:,} of them recovered.",
            table=table(("Day", "Abandoned", "Recovered"), lines),
            columns=_columns(drawn),
            series=("Recovered", "Not recovered"),
            most=str(max((sum(each.values) for each in drawn), default=0)),
            note=_removed(first_whole) if min(found.days) < first_whole else "",
            **_ends(list(found.days)),
        )
    ]


def _removed(first_whole: date) -> str:
    return (
        f"Days before {_day(first_whole)} cannot be opened: carts are removed after PERSONAL_DATA_RETENTION_DAYS, and "
        "only what they came to is kept."
    )


def _counts(found: Abandonment, day: date) -> tuple[int, int]:
    own = found.days[day].values()
    return sum(each.abandoned for each in own), sum(each.recovered for each in own)


def _opens(figure: object, address: str) -> object:
    return link_to_list(figure, address) if address else figure


def _columns(days: Sequence[_Day]) -> list[Column]:
    """One a day; several series stand on each other. A day of which there is nothing has none."""
    highest = max((sum(day.values) for day in days), default=0) or 1
    step = WIDTH / max(len(days), 1)
    return [
        Column(round(place * step, 2), round(step, 2), day.said, day.address, _bars(day, place * step, step, highest))
        for place, day in enumerate(days)
        if day.address or any(day.values)
    ]


def _bars(day: _Day, left: float, step: float, highest: int) -> list[Bar]:
    bars, floor = [], float(HEIGHT)
    for tone, value in enumerate(day.values):
        height = value * HEIGHT / highest
        floor -= height
        if value > 0:
            x, y, width = left + step * 0.1, floor, step * 0.8
            bars.append(Bar(round(x, 2), round(y, 2), round(width, 2), round(height, 2), tone))
    return bars


def _ends(days: Sequence[date]) -> dict[str, Any]:
    return {"begins": _day(days[0]), "ends": _day(days[-1]) if len(days) > 1 else ""}


def _days(days: Sequence[_Day]) -> str:
    return several(len(days), "day", "days")


def _carts(count: int) -> str:
    return several(count, "cart", "carts")


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


# --- by step --------------------------------------------------------------------------------------
def funnel(found: Beside, period: Period) -> list[Chart]:
    counts = {name: found.count(name) for name in STEP_TITLES}
    begun = counts["begun"]
    lines = [
        (title, link_to_list(f"{counts[name]:,}", rows.checkouts(period, name)), _of(counts[name], begun))
        for name, title in STEP_TITLES.items()
    ]
    return [
        _rows_of_bars(
            "How far checkouts came",
            f"{several(begun, 'checkout', 'checkouts')} begun, {counts['paid']:,} of them paid.",
            table(("Step", "Checkouts", "Of those begun"), lines),
            [(STEP_TITLES[name], count, rows.checkouts(period, name)) for name, count in counts.items()],
        )
    ]


def _of(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f} %" if whole else "-"


def steps(found: Beside, period: Period) -> list[Chart]:
    """What each step of each sequence sent, and what it won back."""
    ids = {int(of) for _, of, _ in found.now}
    known = Step.objects.select_related("sequence").in_bulk(ids)
    ordered = sorted(known.values(), key=lambda step: (step.sequence.position, step.sequence_id, step.delay_seconds))
    lines = [_step_line(found, period, step) for step in ordered]
    won = [(str(step), _won(found, step), "") for step in ordered]
    said = _carts(sum(count for _, count, _ in won))
    return [
        _rows_of_bars(
            "Carts won back by step",
            f"{said} put down to mails of {several(len(won), 'step', 'steps')}, directly or assisted.",
            table(("Step", "Sent", "Button pressed", "Bought directly", "Bought, assisted"), lines),
            won,
            note="Bars are of both kinds together, which are never in one list: the table opens each." if won else "",
        )
    ]


def _won(found: Beside, step: Step) -> int:
    return sum(found.now.get((way, str(step.pk), ""), 0) for way in ("direct", "assisted"))


def _step_line(found: Beside, period: Period, step: Step) -> tuple[object, ...]:
    kind = Kind(step.sequence_id, step.pk, "", "", period.first)
    cells = [
        link_to_list(
            f"{found.now.get((name, str(step.pk), ''), 0):,}", rows.mails(period, name, by=Cut.STEP, kind=kind)
        )
        for name in ("sent", "clicked", "direct", "assisted")
    ]
    return str(step), *cells


def _rows_of_bars(
    title: str, summary: str, as_table: Any, counts: Sequence[tuple[str, int, str]], note: str = ""
) -> Chart:
    """One below the other, each beside its name, which the page writes: letters in a drawing would be stretched."""
    highest = max((count for _, count, _ in counts), default=0) or 1
    found = [
        Row(name, f"{count:,}", round(count * WIDTH / highest, 2), address if count else "")
        for name, count, address in counts
    ]
    return Chart(title, summary, as_table, rows=found, note=note, height=1)
