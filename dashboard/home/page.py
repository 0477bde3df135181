"""The admin's first page: how the shop does, what needs the merchant, and the way to everything else.

Who looks sees a figure where they may open the rows behind it, and nothing of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from analytics import changes, daily, overview
from common.admin import sight
from dashboard.home import cards, charts, needs
from dashboard.home.days import Chosen, chosen

May = Callable[[str], bool]


def context(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    """What the template of the admin's index is given."""
    days = chosen(request.GET)
    may = sight(request)
    waiting = needs.waiting(may, request.user.has_perm)
    return {
        **given,
        "title": "Home",
        "days": days,
        "needs": [need for need in waiting if need.is_theirs],
        "others": [need for need in waiting if not need.is_theirs],
        **_figures(days, may),
    }


def _figures(days: Chosen, may: May) -> dict[str, Any]:
    """Each kind is counted once, for its cards and its charts."""
    period, noted = days.period, changes.noted()
    shown: list[cards.Card] = []
    drawn: list[charts.Chart] = []
    if may("orders.order"):
        sales = overview.of(daily.SALES, period, noted)
        shown += cards.sales(sales, period)
        drawn += charts.revenue(sales)
    if may("checkouts.checkout"):
        checkouts = overview.of(daily.CHECKOUTS, period, noted)
        shown += cards.conversion(checkouts, period)
        drawn += charts.funnel(checkouts, period)
    if may("carts.cart"):
        left = overview.abandonment(period)
        shown += cards.abandonment(left, period)
        drawn += charts.abandonment(left)
    if may("recovery.message"):
        mails = overview.of(daily.MAILS, period, noted)
        shown += cards.mails(mails, period)
        drawn += charts.steps(mails, period)
    if may("recovery.enrolment"):
        shown += cards.added(overview.of(daily.PEOPLE, period, noted), period)
    return {"cards": shown, "charts": drawn}
