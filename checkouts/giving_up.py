"""A program's checkout comes to nothing: its pieces and its code are free again, and nobody is reminded of it."""

from __future__ import annotations

import uuid

from django.utils import timezone

from carts import services as carts
from checkouts import services
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.transactions import in_transaction
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from payments.services import stands_in_the_way


@in_transaction
def give_up(session_key: uuid.UUID, *, and_cart: bool = True) -> bool:
    """Doing it twice is harmless. False where money may still be on its way for it: then it stays as it is.

    `and_cart`: not where the cart is its shopper's own. Raises DomainError(BUSY).
    """
    checkout = services.lock_latest(session_key)
    if checkout is None or checkout.status == CheckoutStatus.PAYING:
        return checkout is None
    order = Order.objects.select_for_update(no_key=True).filter(checkout=checkout).first()
    if order is not None and order.status == OrderStatus.PENDING:
        if stands_in_the_way(order):
            return False
        orders.cancel(order, now=timezone.now())
    if checkout.status == CheckoutStatus.ACTIVE:
        Checkout.objects.filter(pk=checkout.pk).update(status=CheckoutStatus.EXPIRED, updated_at=timezone.now())
        if and_cart:
            carts.give_up(checkout.cart_id)
    return True
