"""What can be asked of payments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from orders.models import Order
from orders.states import OrderStatus
from payments.models import Payment, Refund
from payments.states import ON_ITS_WAY, REFUSED


def money_without_order() -> QuerySet[Payment]:
    """Payments whose money came for nothing and is not all paid back yet: should be empty within minutes."""
    return Payment.objects.filter(surplus_amount__gt=F("refunded_amount"))


def refunds_on_their_way(payment_ids: list[int]) -> dict[int, int]:
    """{payment id: minor units that the gateway was asked to pay back and has not clearly said yes or no to}"""
    rows = Refund.objects.filter(payment__in=payment_ids, status__in=ON_ITS_WAY)
    return dict(rows.order_by().values_list("payment").annotate(Sum("amount")))


# --- orders with what was paid for them -----------------------------------------------------------
def with_newest_payment(orders: QuerySet[Order]) -> QuerySet[Any]:
    """Orders with `newest_payment_status`, None where nobody tried to pay yet."""
    newest = Payment.objects.filter(order=OuterRef("pk")).order_by("-id").values("status")[:1]
    return orders.annotate(newest_payment_status=Subquery(newest))


def order_of(order_id: int | UUID) -> Order | None:
    """By its database id or its public one, with its lines and `newest_payment_status`."""
    by = {"public_id": order_id} if isinstance(order_id, UUID) else {"pk": order_id}
    return with_newest_payment(Order.objects.filter(**by).prefetch_related("lines")).first()


def payments_of(order: Order) -> list[Payment]:
    """Newest first, with their refunds."""
    return list(order.payments.order_by("-id").prefetch_related("refunds"))


def found_orders(*, status: str = "", search: str = "") -> QuerySet[Any]:
    """`status`: pending, paid, failed (the newest try was a clear no) or canceled. `search`: number or e-mail."""
    orders: QuerySet[Any] = Order.objects.all()
    if search:
        orders = orders.filter(Q(number=search) | Q(email=search) | Q(email=search.lower()))
    if status in {"paid", "canceled"}:
        return orders.filter(status=OrderStatus.ACCEPTED if status == "paid" else OrderStatus.CANCELED)
    if status:
        pending = with_newest_payment(orders.filter(status=OrderStatus.PENDING))
        others = Q(newest_payment_status__isnull=True) | ~Q(newest_payment_status__in=REFUSED)
        return pending.filter(newest_payment_status__in=REFUSED) if status == "failed" else pending.filter(others)
    return orders
