"""What orders brought in: what was paid for them and stays."""

from __future__ import annotations

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from orders.models import Order
from payments.models import Payment, Refund
from payments.refunds import wanted_of_orders
from payments.states import ON_ITS_WAY, PaymentStatus


def net_amounts(orders: QuerySet[Order]) -> dict[int, int]:
    """{order id: minor units of its currency}. Orders that brought nothing in are left out. One query.

    Not counted: what went back or is on its way back, what was too much or came for nothing (surplus, which goes back
    beside whatever is paid back of the order), money in review and in another currency.
    """
    of_payment = Refund.objects.filter(payment=OuterRef("pk")).order_by()
    captured = Payment.objects.filter(order__in=orders, status=PaymentStatus.CAPTURED, currency=F("order__currency"))
    rows = captured.order_by().annotate(
        leaving=_sum(of_payment.filter(status__in=ON_ITS_WAY)),
        wanted=_sum(wanted_of_orders(of_payment)),
    )
    found: dict[int, int] = {}
    names = ("captured_amount", "surplus_amount", "refunded_amount", "leaving", "wanted")
    for order, *sums in rows.values_list("order", *names):
        paid, surplus, back, leaving, wanted = (amount or 0 for amount in sums)
        found[order] = found.get(order, 0) + max(paid - max(surplus + wanted, back + leaving), 0)
    return found


def _sum(refunds: QuerySet[Refund]) -> Subquery:
    return Subquery(refunds.values("payment").annotate(n=Sum("amount")).values("n"))
