"""What was not paid in time comes to nothing: first what waits at the gateway is voided, then the order is canceled."""

from __future__ import annotations

import logging

from django.db.models import F, Q
from django.utils import timezone

from common.crash import crash_point
from common.transactions import in_transaction
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from payments import reconcile, services
from payments.gateways import registry
from payments.gateways.base import GatewayRefused, GatewayUnavailable
from payments.models import Payment
from payments.states import IN_DOUBT, PaymentStatus

logger = logging.getLogger(__name__)


def cancel_unpaid(order_id: int) -> bool:
    """An order not paid in time comes to nothing: what waits at the gateway is voided first. True when it is canceled.

    An order with a payment in doubt stays until the doubt is settled, and one that has its time again stays as it is.
    """
    waiting = Payment.objects.filter(order_id=order_id, status=PaymentStatus.REQUIRES_ACTION)
    # Asked in one statement: an open payment keeps its order from being given more time.
    for payment in waiting.filter(order__status=OrderStatus.PENDING, order__expires_at__lte=timezone.now()):
        give_up(payment)
    crash_point("payments voided, order not canceled")
    return _cancel_if_nothing_open(order_id)


def give_up(payment: Payment) -> None:
    """The shopper comes back without having approved, or the time is over: what waits at the gateway is voided.

    One that was approved after all is looked up instead, and taken. Raises DomainError(BUSY).
    """
    services.must_not_hold_a_transaction()
    try:
        result = registry.gateway(payment.gateway).void(
            payment.gateway_reference, key=payment.idempotency_key.replace("_purchase", "_void")
        )
    except (GatewayUnavailable, GatewayRefused):
        reconcile.look_up(payment.pk)  # perhaps the shopper has just approved it
        return
    crash_point("payment voided, nothing written")
    services.apply_result(payment.pk, result, heard_from="answer")


@in_transaction
def _cancel_if_nothing_open(order_id: int) -> bool:
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    still_unpaid = order.status == OrderStatus.PENDING and order.is_over(timezone.now())
    if not still_unpaid or services.stands_in_the_way(order):
        return False
    orders.cancel(order, now=timezone.now())
    crash_point("order canceled, not committed")
    return True


def cancel_expired(*, limit: int = 100) -> int:
    """Cancels unpaid orders past their time. How many were canceled.

    One that could not be canceled is not looked at again for a while, so that it keeps none behind it waiting.
    """
    now = timezone.now()
    due = Order.objects.filter(status=OrderStatus.PENDING, expires_at__lte=now).order_by("expires_at")
    due = due.filter(Q(sweep_again_at__isnull=True) | Q(sweep_again_at__lte=now))
    due = due.exclude(payments__status__in=(*IN_DOUBT, PaymentStatus.REVIEW))  # others are waiting behind these
    due = due.exclude(takes_parts=True, captured_amount__gt=F("surplus_amount"))  # a part came: it waits for the rest
    return sum(_cancel_or_leave(order_id) for order_id in due.values_list("pk", flat=True)[:limit])


def _cancel_or_leave(order_id: int) -> bool:
    try:
        is_canceled = cancel_unpaid(order_id)
    except Exception:  # one order's trouble must not keep the others waiting
        logger.exception("Order %s could not be canceled.", order_id)
        is_canceled = False
    if not is_canceled:
        Order.objects.filter(pk=order_id).update(sweep_again_at=timezone.now() + services.FIRST_LOOK_AFTER)
    return is_canceled
