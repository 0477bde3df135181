"""A cart becomes an order that others take the money for, in one part or several. A newer one takes its place.

What was bought stays bought: a replaced order that is not paid in full is canceled and its money goes back; one that
is paid stands, with its goods, and the cart's next order is another purchase.

No lock on the cart decides which order is the cart's, but the one on its newest order, and the unique source where
there is none yet: payments lock the order first, too, so nobody waits for each other.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from carts import services as carts
from carts.models import Cart
from carts.queries import BasketLine, basket
from catalog.pricing import price
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import parts
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from payments import sums
from payments.gateways import registry
from payments.models import Payment

TRIES = 3


@in_transaction
def order_cart(cart: Cart, *, reference: str) -> Order:
    """The cart's order, known to its caller as `reference`. The same again, of an unchanged cart, is the same order.

    Raises DomainError: NOTHING_TO_PAY, VARIANT_NOT_FOR_SALE, REFERENCE_TAKEN, BUSY.
    """
    lines = basket(cart.pk, cart.currency)
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _placed(cart, reference, lines)
        except IntegrityError:  # a twin placed one at the same moment: now it is there to be locked
            continue
    raise DomainError(ErrorCode.BUSY)


def _placed(cart: Cart, reference: str, lines: list[BasketLine]) -> Order:
    now = timezone.now()
    current = _locked_newest(cart.pk)
    if current is not None and _is_the_same(current, reference, lines):
        return current
    draft = _draft(cart, reference, lines)
    _check_reference(cart, reference)
    if current is not None and current.status == OrderStatus.PENDING:
        _replace(current, now)
    order = orders.place(draft)
    carts.touch(Cart.objects.select_for_update(no_key=True).get(pk=cart.pk), now=now)
    return order


def _locked_newest(cart_id: int) -> Order | None:
    """Whoever waited for a lock may find that the order was replaced meanwhile, and goes on to the newer one."""
    while (newest := parts.of_cart(cart_id).first()) is not None:
        locked = Order.objects.select_for_update(no_key=True).get(pk=newest.pk)
        if not parts.is_replaced(locked):
            return locked
    return None


def _is_the_same(order: Order, reference: str, lines: list[BasketLine]) -> bool:
    """Things and pieces; prices are those of the moment it was ordered."""
    if order.status == OrderStatus.CANCELED or order.reference != reference:
        return False
    wanted = Counter({line.variant_id: line.quantity for line in lines})
    return parts.demand_of(order) == wanted


def _replace(order: Order, now: datetime) -> None:
    orders.cancel(order, now=now)
    sums.let_go(order)


def _check_reference(cart: Cart, reference: str) -> None:
    """Where PayPal vouches for captures, each of its orders pays one order of ours. Without, names mean nothing."""
    if registry.gateway_name_for_reports() == registry.UNVERIFIED:
        return
    others = Order.objects.filter(takes_parts=True, reference=reference).exclude(status=OrderStatus.CANCELED)
    is_ours = Payment.objects.filter(gateway="paypal", gateway_reference=reference).exists()
    if is_ours or others.exclude(cart=cart).exists():
        raise DomainError(ErrorCode.REFERENCE_TAKEN, reference=reference)


def _draft(cart: Cart, reference: str, lines: list[BasketLine]) -> orders.Draft:
    for line in lines:
        if not line.offer.can_be_bought:
            raise DomainError(ErrorCode.VARIANT_NOT_FOR_SALE, variant=line.offer.full_name)
    totals = price([line.priced for line in lines])
    if totals.total_amount < 1:
        raise DomainError(ErrorCode.NOTHING_TO_PAY)
    return orders.Draft(
        source=f"cart:{cart.pk}:v{Order.objects.filter(cart=cart).count() + 1}",
        cart_id=cart.pk,
        currency=cart.currency,
        email=cart.email,
        phone=cart.phone,
        full_name=cart.full_name,
        shipping_address={},
        billing_address={},
        shipping_method_name="",
        discount_code="",
        totals=totals,
        lines=tuple(_draft_line(line) for line in lines),
        reference=reference,
        takes_parts=True,
    )


def _draft_line(line: BasketLine) -> orders.DraftLine:
    offer = line.offer
    return orders.DraftLine(
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        product_name=offer.product_name,
        variant_name=offer.variant_name,
        sku=offer.sku,
        unit_amount=line.unit_amount,
        quantity=line.quantity,
        discount_amount=0,
        weight_grams=offer.weight_grams,
    )
