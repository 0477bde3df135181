"""Where the rows behind each figure are: addresses of the admin's lists, filtered to exactly what was counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from analytics import figures
from analytics.credits import Kind
from analytics.cuts import Cut
from analytics.definitions import COMPARE_WINDOW, Period
from carts.models import Refusal
from carts.states import BOUGHT, CartStatus
from recovery.states import Outcome

_OF_COLUMN: dict[str, dict[str, Any]] = {
    "considered": {},
    "sent": {"outcome__exact": Outcome.SENT},
    "clicked": {"came": "clicked"},
    "direct": {"came": "direct"},
    "assisted": {"came": "assisted"},
}


def mails(period: Period, column: str, *, by: str = "", kind: Kind | None = None) -> str:
    """The mails counted in that column; with `kind`, those of its group of the cut alone."""
    start, end = period.start, period.end
    chosen = dict(_OF_COLUMN[column])
    if kind is not None:
        chosen |= _of_kind(by, kind)
        if by == Cut.WEEK:
            start = max(start, figures.start_of(kind.week))
            end = min(end, figures.start_of(kind.week + timedelta(weeks=1)))
    return _list("recovery_message", _within("decided_at", start, end) | chosen)


def _of_kind(by: str, kind: Kind) -> dict[str, Any]:
    if by == Cut.CODE:
        return {"code": kind.code}
    if by == Cut.WEEK:
        return {}
    chosen: dict[str, Any] = {"enrolment__sequence__id__exact": kind.sequence}
    if by != Cut.SEQUENCE:
        chosen["step__id__exact"] = kind.step
    return chosen | ({"language__exact": kind.language} if by == Cut.TEMPLATE else {})


def people(period: Period, now: datetime, *, is_held_out: bool, have_bought: bool = False) -> str:
    """Compared people of one group whose time is over at `now`."""
    chosen = _within("compared_at", period.start, period.end)
    chosen |= {"compared_at__lte": (now - COMPARE_WINDOW).isoformat(), "is_held_out__exact": int(is_held_out)}
    return _list("recovery_enrolment", chosen | ({"bought": "yes"} if have_bought else {}))


def waiting(period: Period, now: datetime) -> str:
    chosen = _within("compared_at", period.start, period.end)
    return _list("recovery_enrolment", chosen | {"compared_at__gt": (now - COMPARE_WINDOW).isoformat()})


def carts(period: Period, *, are_recovered: bool = False, currency: str = "") -> str:
    """Carts first abandoned then; with `are_recovered` those of them that were bought."""
    chosen = _within("first_abandoned_at", period.start, period.end) | _in(currency)
    return _list("carts_cart", chosen | ({"status__exact": CartStatus.RECOVERED} if are_recovered else {}))


def refused(period: Period, kind: Refusal.Kind, *, are_unbought: bool = False) -> str:
    """Carts on which something of the kind was refused then."""
    chosen = {"refused": kind, "refused_from": period.start.isoformat(), "refused_until": period.end.isoformat()}
    unbought = {"status__in": ",".join(status for status in CartStatus if status not in BOUGHT)}
    return _list("carts_cart", chosen | (unbought if are_unbought else {}))


def orders(period: Period, *, currency: str = "") -> str:
    """Orders accepted then."""
    return _list("orders_order", _within("accepted_at", period.start, period.end) | _in(currency))


def orders_with_code(code: str, *, currency: str = "") -> str:
    """Orders accepted with that discount code, whenever."""
    return _list("orders_order", {"discount_code__exact": code, "accepted_at__isnull": 0} | _in(currency))


def checkouts(period: Period, step: str) -> str:
    """Checkouts begun then that came that far (definitions.STEPS)."""
    return _list("checkouts_checkout", _within("created_at", period.start, period.end) | {"came": step})


def _in(currency: str) -> dict[str, str]:
    return {"currency": currency} if currency else {}


def _within(field: str, start: datetime, end: datetime) -> dict[str, Any]:
    return {f"{field}__gte": start.isoformat(), f"{field}__lt": end.isoformat()}


def _list(model: str, chosen: dict[str, Any]) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(chosen)}"
