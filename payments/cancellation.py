"""An order taken back by staff: its goods are on the shelf again, and all that was paid for it goes back.

    no transaction    what waits at a gateway for the shopper is voided
    transaction       lock the order; cancel it; its money is nobody's; write what goes back
    no transaction    money that is held is let go of, what was written is asked for

A process that dies after the transaction leaves rows and events that the reconciler and the outbox go on with.
"""

from __future__ import annotations

from django.utils import timezone

from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import fulfilment
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from outbox import services as outbox
from payments import one_purchase, refunds, sums
from payments.models import Payment, Refund
from payments.states import OPEN, PaymentStatus

TAKEN_BACK_EVENT = "order.taken_back"  # its buyer had a confirmation of it


def free(order_id: int) -> None:
    """What waits at a gateway for the shopper is voided; what they did pay meanwhile is taken. Raises BUSY."""
    one_purchase.void_waiting(Order.objects.filter(pk=order_id))


@in_transaction
def write(
    order_id: int, *, pays_back: bool, reason: str, request_key: str, created_by: str
) -> tuple[list[Refund], bool]:
    """Cancels the order and writes what goes back, to go on with `refunds.pursue`; and whether it was canceled now.

    Doing it twice is harmless. Raises DomainError: ORDER_NOT_FOUND, ORDER_SHIPPED, PAYMENT_IN_PROGRESS (in doubt, in
    review or waiting for the shopper), ORDER_HAS_MONEY where `pays_back` does not say that it goes back, BUSY.
    """
    order = fulfilment.locked(order_id)
    if order.status == OrderStatus.CANCELED:
        return [], False
    if order.shipped_at:
        raise DomainError(ErrorCode.ORDER_SHIPPED)
    if order.payments.filter(status__in=(*OPEN, PaymentStatus.REVIEW)).exists():
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    left = refunds.left_of(order)
    if left and not pays_back:
        raise DomainError(ErrorCode.ORDER_HAS_MONEY, amount=left, currency=order.currency)
    orders.cancel(order, now=timezone.now())
    if order.accepted_at:
        outbox.record(TAKEN_BACK_EVENT, {"order": order.pk}, key=f"{TAKEN_BACK_EVENT}:{order.pk}")
    sums.let_go(order)
    paid = Payment.objects.filter(order=order, captured_amount__gt=0).order_by("-id")
    written = [
        refunds.write_rest(payment, reason=reason, request_key=request_key, created_by=created_by) for payment in paid
    ]
    return [refund for refund in written if refund], True
