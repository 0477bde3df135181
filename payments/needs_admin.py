"""The page "Money to settle": everything about money that waits for a person, on one screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from common import moments
from common.admin import counted, link_to, sight, table
from common.templatetags.shop import money
from orders.models import Order
from payments import needs
from payments.models import Difference, Payment, Refund
from payments.states import RefundStatus

SHOWN = 50
Row = tuple[object, ...]


@dataclass(frozen=True)
class Need:
    """One list of the page. `more`: the address where all of it is, '' where this is all."""

    name: str
    title: str
    advice: str
    table: str
    count: int
    more: str


class ShowsNeeds:
    """Of the payments' admin: adds the page."""

    def get_urls(self) -> list[URLPattern]:
        model_admin: Any = self
        page = model_admin.admin_site.admin_view(require_safe(self.needs_you))
        return [path("needs-you/", page, name="payments_needs_you"), *super().get_urls()]  # type: ignore[misc]

    def needs_you(self, request: HttpRequest) -> HttpResponse:
        model_admin: Any = self
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        kinds = needs.seen(sight(request))
        found = (_need(kind, is_theirs=request.user.has_perm(kind.settles)) for kind in kinds)
        waiting = [need for need in found if need.count]
        context = {**model_admin.admin_site.each_context(request), "title": "Money to settle", "needs": waiting}
        return TemplateResponse(request, "admin/needs_you.html", context)


# --- the lists ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Table:
    """How a kind's rows are shown. `everywhere`: the list where all of them are, '' where there is none; `is_exact`:
    it shows these and no others."""

    headers: tuple[str, ...]
    row_of: Callable[[Any], Row]
    everywhere: str = ""
    is_exact: bool = True
    with_one: tuple[str, ...] = ("order",)
    with_many: tuple[str, ...] = ()


def address_of(kind: needs.Kind) -> str:
    """Where exactly these rows are: their list, else their part of the page."""
    shown = _TABLES[kind.name]
    return _list(shown) if shown.everywhere and shown.is_exact else f"{reverse('admin:payments_needs_you')}#{kind.name}"


def _list(shown: _Table) -> str:
    model, _, chosen = shown.everywhere.partition("?")
    return f"{reverse(f'admin:{model}_changelist')}?{chosen}" if model else ""


def _need(kind: needs.Kind, *, is_theirs: bool) -> Need:
    shown = _TABLES[kind.name]
    rows = kind.rows().prefetch_related(*shown.with_many)
    rows = rows.select_related(*shown.with_one) if shown.with_one else rows
    found, count = list(rows[:SHOWN]), counted(rows)
    return Need(
        kind.name,
        kind.title,
        needs.advice(kind.what, kind.todo, kind.settling, is_theirs=is_theirs),
        table(shown.headers, map(shown.row_of, found)) if found else "",
        count,
        _list(shown) if count > SHOWN else "",
    )


def _review_row(payment: Payment) -> Row:
    return _payment(payment), link_to(payment.order), payment.message, moments.written(payment.updated_at)


def _stays_row(payment: Payment) -> Row:
    refused = [refund.message for refund in payment.refunds.all() if refund.status == RefundStatus.REFUSED]
    left = money(payment.surplus_amount - payment.refunded_amount, payment.currency)
    return (
        _payment(payment),
        link_to(payment.order),
        left,
        next(iter(refused), "-"),
        moments.written(payment.updated_at),
    )


def _refund_row(refund: Refund) -> Row:
    payment = refund.payment
    amount = money(refund.amount, payment.currency)
    return (
        _payment(payment),
        link_to(payment.order),
        amount,
        refund.created_by or "-",
        moments.written(refund.created_at),
    )


def _difference_row(difference: Difference) -> Row:
    named = link_to(difference, difference.kind)
    return named, _payment(difference.payment), difference.ours, difference.theirs, moments.written(difference.found_at)


def _goods_row(order: Order) -> Row:
    return link_to(order), money(order.total_amount, order.currency), moments.written(order.accepted_at)


def _payment(payment: Payment) -> object:
    return link_to(payment, f"#{payment.pk}")


_TABLES = {
    "review": _Table(
        ("Payment", "Order", "What the gateway says", "Since"), _review_row, "payments_payment?status__exact=review"
    ),
    "money_that_stays": _Table(
        ("Payment", "Order", "Still here", "What the gateway said", "Since"),
        _stays_row,
        "payments_payment?without_order=1",
        is_exact=False,
        with_many=("refunds",),
    ),
    "refund_unknown": _Table(
        ("Payment", "Order", "Refund", "Wanted by", "Since"), _refund_row, with_one=("payment__order",)
    ),
    "difference": _Table(
        ("Difference", "Payment", "Here", "At the gateway", "Found"),
        _difference_row,
        "payments_difference?state=open",
        with_one=("payment",),
    ),
    "goods_missing": _Table(("Order", "Total", "Paid at"), _goods_row, "orders_order?goods=missing", with_one=()),
}
