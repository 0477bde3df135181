"""One purchase a cart: of its orders the one begun last takes the place of those that nobody pays.

A cart that has had a payment link may come to an order by two ways, its checkout and the link. Whoever writes an order
for it says so here, under the cart's row lock; so there is never a second order that could be paid.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from common.errors import DomainError, ErrorCode
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from payments import expiry, services
from payments.models import Payment
from payments.states import PaymentStatus


def take_the_place(cart_id: int, *, source: str) -> None:
    """The cart's other unpaid orders are canceled, their code and their pieces free again: `source` is to hold them.

    Needs the cart's row lock. Raises DomainError(order=id): CHECKOUT_COMPLETED where another order is accepted,
    PAYMENT_IN_PROGRESS where another one may be paid at this moment or is paid in parts.
    """
    others = Order.objects.filter(cart_id=cart_id).exclude(source=source).exclude(status=OrderStatus.CANCELED)
    for order in others.select_for_update(no_key=True).order_by("pk"):
        if order.status == OrderStatus.ACCEPTED:
            raise DomainError(ErrorCode.CHECKOUT_COMPLETED, order=order.pk)
        if order.takes_parts or services.stands_in_the_way(order):
            raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS, order=order.pk)
        orders.cancel(order, now=timezone.now())


def void_waiting(orders_asked: QuerySet[Order]) -> None:
    """What waits at a gateway for a shopper who left is voided; what they did pay meanwhile is taken.

    Calls gateways: not inside a transaction. One that cannot be reached leaves the payment as it is. Raises
    DomainError(BUSY).
    """
    waiting = Payment.objects.filter(order__in=orders_asked, status=PaymentStatus.REQUIRES_ACTION, is_reported=False)
    for payment in waiting.select_related("order").order_by("pk"):
        expiry.give_up(payment)
