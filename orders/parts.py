"""Orders that several payments add up to. They hold no stock: it is taken when they are paid in full.

Where it cannot be had any more the order stands all the same, paid and without `fulfilled_at`, and the merchant sees
it among "paid, goods missing": goods come and `fulfil` takes them, or the money is paid back.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog import stock
from common.errors import DomainError
from common.transactions import in_transaction
from orders.models import Order
from orders.states import OrderStatus

GOODS_MISSING = Q(takes_parts=True, status=OrderStatus.ACCEPTED, fulfilled_at__isnull=True)


def demand_of(order: Order) -> dict[int, int]:
    """{variant id: pieces} over all lines."""
    demand: Counter[int] = Counter()
    for line in order.lines.all():
        if line.variant_id is not None:  # another store's thing has no shelf here
            demand[line.variant_id] += line.quantity
    return dict(demand)


def take_goods(order: Order, *, now: datetime) -> None:
    """All its pieces leave the shelf and `fulfilled_at` says when; or none does. Needs the order's row lock."""
    try:
        with transaction.atomic():
            stock.reserve(holder=order.source, demand=demand_of(order))
    except DomainError:  # SOLD_OUT
        return
    stock.commit(order.source)
    order.fulfilled_at = now


@in_transaction
def fulfil(order_id: int) -> bool:
    """Takes the goods of a paid order that had to wait for them. False where they are still not there.

    Doing it twice is harmless. Raises DomainError(BUSY).
    """
    order = Order.objects.select_for_update(no_key=True).filter(GOODS_MISSING, pk=order_id).first()
    if order is None:
        return True
    take_goods(order, now=timezone.now())
    order.save(update_fields=["fulfilled_at", "updated_at"])
    return order.fulfilled_at is not None


def of_cart(cart_id: int) -> QuerySet[Order]:
    """The cart's orders of this kind, newest first. The one that counts is the newest that is not canceled."""
    return Order.objects.filter(takes_parts=True, cart_id=cart_id).order_by("-id")


def is_replaced(order: Order) -> bool:
    """Whether a newer order took this one's place: then nothing brings it back."""
    return order.cart_id is not None and of_cart(order.cart_id).filter(pk__gt=order.pk).exists()
