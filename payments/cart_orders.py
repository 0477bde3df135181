"""A cart becomes an order that others take the money for, in one part or several. A newer one takes its place.

What was bought stays bought: a replaced order that is not paid in full is canceled and its money goes back; one that
is paid stands, with its goods, and the cart's next order is another purchase.

The lock on the cart's newest order comes first, as with payments, so nobody waits for each other; the cart's own lock
comes after it. Under both it is seen whether somebody was quicker: where there was no order yet, or a payment link made
one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from carts import refusals
from carts import services as carts
from carts.models import Cart
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import parts
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from payments import services, sums
from payments.gateways import registry
from payments.link_orders import goods_of
from payments.models import Payment
from payments.states import OPEN

TRIES = 3


def _id_of(cart: Cart) -> int:
    return cart.pk


@in_transaction
@refusals.noted_on(_id_of)
def order_cart(cart: Cart, *, reference: str) -> Order:
    """The cart's order, known to its caller as `reference`. The same again, of an unchanged cart, is the same order.

    Raises DomainError: NOTHING_TO_PAY, VARIANT_NOT_FOR_SALE, REFERENCE_TAKEN, PAYMENT_IN_PROGRESS, BUSY.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _placed(cart, reference)
        except _Overtaken:  # by the first order of the cart: now it is there to be locked
            continue
    raise DomainError(ErrorCode.BUSY)


class _Overtaken(Exception):
    pass


def _placed(cart: Cart, reference: str) -> Order:
    now = timezone.now()
    current = _locked_newest(cart.pk)
    if current is not None and _is_the_same(current, cart, reference):
        return current
    draft = _draft(cart, reference)
    _check_reference(cart, reference)
    locked = Cart.objects.select_for_update(no_key=True).get(pk=cart.pk)
    if current is None and parts.of_cart(cart.pk).exists():
        raise _Overtaken
    _cancel_what_a_link_made(locked, now)
    if current is not None and current.status == OrderStatus.PENDING:
        _replace(current, now)
    order = orders.place(draft)
    carts.touch(locked, now=now)
    return order


def _locked_newest(cart_id: int) -> Order | None:
    """Whoever waited for a lock may find that the order was replaced meanwhile, and goes on to the newer one."""
    while (newest := parts.of_cart(cart_id).first()) is not None:
        locked = Order.objects.select_for_update(no_key=True).get(pk=newest.pk)
        if not parts.is_replaced(locked):
            return locked
    return None


def _is_the_same(order: Order, cart: Cart, reference: str) -> bool:
    """Things and pieces; prices are those of the moment it was ordered."""
    if order.status == OrderStatus.CANCELED or order.reference != reference:
        return False
    return parts.demand_of(order) == dict(cart.lines.values_list("variant_id", "quantity"))


def _replace(order: Order, now: datetime) -> None:
    """Unless somebody is paying the rest by a link at this moment: what they pay would go back. Raises DomainError."""
    if order.payments.filter(status__in=OPEN, is_reported=False).exists():
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS, order=order.pk)
    orders.cancel(order, now=now)
    sums.let_go(order)


def _cancel_what_a_link_made(cart: Cart, now: datetime) -> None:
    """Unless somebody may be paying it at this moment: a cart is bought once."""
    unpaid = Order.objects.filter(cart=cart, takes_parts=False, status=OrderStatus.PENDING)
    for order in unpaid.select_for_update(no_key=True).order_by("pk"):
        if services.stands_in_the_way(order):
            raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS, order=order.pk)
        orders.cancel(order, now=now)


def _check_reference(cart: Cart, reference: str) -> None:
    """Where PayPal vouches for captures, each of its orders pays one order of ours. Without, names mean nothing."""
    if registry.gateway_name_for_reports() == registry.UNVERIFIED:
        return
    others = Order.objects.filter(takes_parts=True, reference=reference).exclude(status=OrderStatus.CANCELED)
    is_ours = Payment.objects.filter(gateway="paypal", gateway_reference=reference).exists()
    if is_ours or others.exclude(cart=cart).exists():
        raise DomainError(ErrorCode.REFERENCE_TAKEN, reference=reference)


def _draft(cart: Cart, reference: str) -> orders.Draft:
    draft = goods_of(cart)
    if draft.totals.total_amount < 1:
        raise DomainError(ErrorCode.NOTHING_TO_PAY)
    number = Order.objects.filter(cart=cart).count() + 1
    return replace(draft, source=f"cart:{cart.pk}:v{number}", reference=reference, takes_parts=True)
