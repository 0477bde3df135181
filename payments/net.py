"""What orders brought in: what was paid for them and stays."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest

from orders.models import Order
from payments.models import Payment, Refund
from payments.refunds import wanted_of_orders
from payments.states import ON_ITS_WAY, PaymentStatus


def net_amounts(orders: QuerySet[Order]) -> dict[int, int]:
    """{order id: minor units of its currency}. Orders that brought nothing in are left out. One query.

    Not counted: what went back or is on its way back, what was too much or came for nothing (surplus, which goes back
    beside whatever is paid back of the order), money in review and in another currency.
    """
    rows = with_net(orders).order_by().values_list("order").annotate(n=Sum("net"))
    return {order: int(amount) for order, amount in rows}


def net_by_currency(orders: QuerySet[Order]) -> dict[str, int]:
    """{currency: minor units}, as above, of all these orders. One query."""
    rows = with_net(orders.order_by()).order_by().values_list("currency").annotate(n=Sum("net"))
    return {currency: int(amount) for currency, amount in rows}


def with_net(orders: QuerySet[Order]) -> QuerySet[Payment, Any]:
    """The payments that count for these orders, each with `net`: what was paid by it and stays, as above."""
    of_payment = Refund.objects.filter(payment=OuterRef("pk")).order_by()
    captured = Payment.objects.filter(order__in=orders, status=PaymentStatus.CAPTURED, currency=F("order__currency"))
    leaving, wanted = _sum(of_payment.filter(status__in=ON_ITS_WAY)), _sum(wanted_of_orders(of_payment))
    gone = Greatest(F("surplus_amount") + wanted, F("refunded_amount") + leaving, output_field=_WHOLE)
    return captured.annotate(net=Greatest(F("captured_amount") - gone, _NOTHING, output_field=_WHOLE))


_WHOLE = BigIntegerField()
_NOTHING = Value(0, output_field=_WHOLE)


def _sum(refunds: QuerySet[Refund]) -> Coalesce:
    return Coalesce(
        Subquery(refunds.values("payment").annotate(n=Sum("amount")).values("n")), _NOTHING, output_field=_WHOLE
    )
