"""Which days the home page is about: said in its address, so that it can be kept and sent to somebody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analytics import figures
from analytics.days_form import DaysForm
from analytics.definitions import Period

OFFERED = {1: "Today", 7: "7 days", 30: "30 days", 90: "90 days"}
USUAL = 30


@dataclass(frozen=True)
class Chosen:
    """`last`: how many days up to today, None for a range of their own. `complaint`: why the usual days are shown
    instead of the wanted ones, ''."""

    period: Period
    last: int | None
    form: DaysForm
    complaint: str = ""

    @property
    def is_under_way(self) -> bool:
        return self.period.first <= figures.today() <= self.period.last

    @property
    def offered(self) -> list[tuple[int, str, bool]]:
        """(days, name, whether they are shown)"""
        return [(days, name, days == self.last) for days, name in OFFERED.items()]


def chosen(query: Mapping[str, Any]) -> Chosen:
    """`days=30`, or `first=2026-01-01&last=2026-01-31`, both included, in the shop's time zone."""
    if query.get("first") or query.get("last"):
        return _own_range(query)
    wanted = str(query.get("days") or USUAL)
    if wanted not in map(str, OFFERED):
        return _last(
            USUAL, f"Days are {', '.join(map(str, OFFERED))}, or a first and a last day. Shown are {USUAL} days."
        )
    return _last(int(wanted))


def _last(days: int, complaint: str = "") -> Chosen:
    today = figures.today()
    period = Period(today - timedelta(days=days - 1), today)
    return Chosen(period, days, DaysForm(initial={"first": period.first, "last": period.last}), complaint)


def _own_range(query: Mapping[str, Any]) -> Chosen:
    """One day alone is a range up to today, or of one day."""
    first, last = query.get("first"), query.get("last")
    form = DaysForm({"first": first or last, "last": last or str(figures.today())})
    if form.is_valid():
        return Chosen(Period(form.cleaned_data["first"], form.cleaned_data["last"]), None, form)
    said = " ".join(str(error) for errors in form.errors.values() for error in errors)
    usual = _last(USUAL, f"{said} Shown are {USUAL} days.")
    return Chosen(usual.period, usual.last, form, usual.complaint)
