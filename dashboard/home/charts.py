"""The home page's charts, as numbers for a drawing the page brings along, and as the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format

from analytics import rows
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
    said: str
    tone: int = 0


@dataclass(frozen=True)
class Chart:
    """`summary`: what a drawing says in a sentence, for those who do not see it."""

    title: str
    summary: str
    table: Any
    bars: list[Bar]
    series: tuple[str, ...] = ()
    begins: str = ""
    ends: str = ""
    most: str = ""
    height: int = HEIGHT
    labels: list[tuple[str, str]] = field(default_factory=list)  # of bars one below the other: (name, figure)

    @property
    def rows_of_bars(self) -> list[tuple[Bar, str, str]]:
        return [(bar, *label) for bar, label in zip(self.bars, self.labels, strict=True)]


# --- by day ---------------------------------------------------------------------------------------
def revenue(found: Beside) -> list[Chart]:
    """One a currency: amounts of several make no common scale."""
    return [_revenue(found, currency) for currency in found.currencies("revenue")]


def _revenue(found: Beside, currency: str) -> Chart:
    days = list(found.days)
    amounts = [found.days[day].get(("revenue", "", currency), 0) for day in days]
    orders = [found.days[day].get(("orders", "", currency), 0) for day in days]
    lines = [
        (_day(day), money(amount, currency), count) for day, amount, count in zip(days, amounts, orders, strict=True)
    ]
    said = [f"{_day(day)}: {money(amount, currency)}" for day, amount in zip(days, amounts, strict=True)]
    most = money(max(amounts, default=0), currency)
    return Chart(
        title=f"Revenue by day, {currency}",
        summary=f"{money(sum(amounts), currency)} in {_days(days)}, at most {most} on a day.",
        table=table(("Day", "Revenue", "Orders"), lines),
        bars=_columns([amounts], [said]),
        most=most,
        **_ends(days),
    )


def abandonment(found: Abandonment) -> list[Chart]:
    days = list(found.days)
    counts = [_counts(found, day) for day in days]
    lines = [(_day(day), left, back) for day, (left, back) in zip(days, counts, strict=True)]
    stays = [left - back for left, back in counts]
    said = [
        [
            f"{_day(day)}: {left} abandoned, {back} of them recovered"
            for day, (left, back) in zip(days, counts, strict=True)
        ]
    ] * 2
    left_in_all, back_in_all = (sum(pair[number] for pair in counts) for number in (0, 1))
    return [
        Chart(
            title="Carts abandoned by day",
            summary=f"{_carts(left_in_all)} abandoned in {_days(days)}, {back_in_all:,} of them recovered.",
            table=table(("Day", "Abandoned", "Recovered"), lines),
            bars=_columns([[back for _, back in counts], stays], said),
            series=("Recovered", "Not recovered"),
            most=str(max((left for left, _ in counts), default=0)),
            **_ends(days),
        )
    ]


def _counts(found: Abandonment, day: date) -> tuple[int, int]:
    own = found.days[day].values()
    return sum(each.abandoned for each in own), sum(each.recovered for each in own)


def _columns(series: Sequence[Sequence[int]], said: Sequence[Sequence[str]]) -> list[Bar]:
    """A column a day; several series stand on each other."""
    sums = [sum(values) for values in zip(*series, strict=True)]
    highest, step = max(sums, default=0) or 1, WIDTH / max(len(sums), 1)
    bars: list[Bar] = []
    floors = [0] * len(sums)
    for tone, values in enumerate(series):
        for place, value in enumerate(values):
            height = value * HEIGHT / highest
            top = HEIGHT - floors[place] * HEIGHT / highest - height
            if value > 0:
                bars.append(_bar(place * step + step * 0.1, top, step * 0.8, height, said[tone][place], tone))
            floors[place] += value
    return bars


def _bar(x: float, y: float, width: float, height: float, said: str, tone: int = 0) -> Bar:
    return Bar(round(x, 2), round(y, 2), round(width, 2), round(height, 2), said, tone)


def _ends(days: Sequence[date]) -> dict[str, Any]:
    return {"begins": _day(days[0]), "ends": _day(days[-1]) if len(days) > 1 else ""}


def _days(days: Sequence[date]) -> str:
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
            [(STEP_TITLES[name], count) for name, count in counts.items()],
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
    won = [(str(step), _won(found, step)) for step in ordered]
    said = _carts(sum(count for _, count in won))
    return [
        _rows_of_bars(
            "Carts won back by step",
            f"{said} put down to mails of {several(len(won), 'step', 'steps')}, directly or assisted.",
            table(("Step", "Sent", "Button pressed", "Bought directly", "Bought, assisted"), lines),
            won,
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


def _rows_of_bars(title: str, summary: str, as_table: Any, counts: Sequence[tuple[str, int]]) -> Chart:
    """One below the other, each beside its name, which the page writes: letters in a drawing would be stretched."""
    highest = max((count for _, count in counts), default=0) or 1
    bars = [_bar(0, 0, count * WIDTH / highest, 1, f"{name}: {count}") for name, count in counts]
    labels = [(name, f"{count:,}") for name, count in counts]
    return Chart(title, summary, as_table, bars, height=1, labels=labels)
