"""The page "Needs you": everything about money that waits for a person, on one screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from common import moments
from common.admin import link_to, table
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
        waiting = [need for need in _needs() if need.count]
        context = {**model_admin.admin_site.each_context(request), "title": "Needs you", "needs": waiting}
        return TemplateResponse(request, "admin/needs_you.html", context)


# --- the lists ------------------------------------------------------------------------------------
def _needs() -> Iterator[Need]:
    payments = reverse("admin:payments_payment_changelist")
    yield _need(
        "Payments in review",
        "The gateway says another amount or currency than asked. Open the payment and settle it.",
        ("Payment", "Order", "What the gateway says", "Since"),
        needs.in_review().select_related("order"),
        _review_row,
        f"{payments}?status__exact=review",
    )
    yield _need(
        "Money that did not go back",
        "It has no order, and the gateway would not pay it back. Pay it back in the gateway's own pages; where nobody "
        "vouches for it (unverified), look for it there first, and then say so in the list of payments.",
        ("Payment", "Order", "Still here", "What the gateway said", "Since"),
        needs.money_that_stays().select_related("order").prefetch_related("refunds"),
        _stays_row,
        f"{payments}?without_order=1",
    )
    yield _need(
        "Refunds nobody knows the outcome of",
        "The gateway never said clearly. Look there; what it lists is taken in by the next look at the payment.",
        ("Payment", "Order", "Refund", "Wanted by", "Since"),
        needs.refunds_unknown().select_related("payment__order"),
        _refund_row,
        "",
    )
    yield _need(
        "Differences",
        "Our books and the gateway's say different things. Open the difference: take the gateway's word, or leave it.",
        ("Difference", "Payment", "Here", "At the gateway", "Found"),
        needs.differences().select_related("payment"),
        _difference_row,
        f"{reverse('admin:payments_difference_changelist')}?state=open",
    )

    yield _need(
        "Paid, and the goods are missing",
        "Paid in full by captures that others reported, but sold out by then. When the goods have come, have the order "
        "take them in the list of orders; or pay the money back.",
        ("Order", "Total", "Paid at"),
        needs.goods_missing(),
        _goods_row,
        f"{reverse('admin:orders_order_changelist')}?goods=missing",
    )


def _need(title: str, advice: str, headers: tuple[str, ...], rows: QuerySet[Any], row_of: Any, more: str) -> Need:
    found = list(rows[: SHOWN + 1])
    shown: Iterable[Row] = (row_of(row) for row in found[:SHOWN])
    return Need(title, advice, table(headers, shown) if found else "", len(found), more if len(found) > SHOWN else "")


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
