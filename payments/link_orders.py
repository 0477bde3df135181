"""A cart becomes the order that its payment link asks for: one order a version of the cart, however often pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils import timezone

from carts import services as carts
from carts.models import Cart, Door
from carts.queries import BasketLine, basket
from carts.states import BOUGHT, CartStatus
from catalog.pricing import PricedLine, price
from common import languages
from common.errors import DomainError, ErrorCode
from orders import services as orders
from orders.models import Order, OrderLine
from orders.services import Draft, DraftLine
from payments import one_purchase, owed, services

DraftOf = Callable[[Cart], Draft]
_NAME_LENGTH = 200  # of an order's line; another store's names may be longer


# --- what a cart would be as an order -------------------------------------------------------------
def goods_of(cart: Cart) -> Draft:
    """Its things alone, at the catalog's prices or the other store's. Raises DomainError(VARIANT_NOT_FOR_SALE).

    `checkouts` knows more of our own shop's carts: where they go, how, and with which code.
    """
    lines = _told_lines(cart) if cart.door == Door.TRACKER else _own_lines(cart)
    totals = price([PricedLine(line.unit_amount, line.quantity) for line in lines])
    draft = Draft(
        source="",
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
        language=languages.of_shopper() or cart.language,
        lines=tuple(lines),
    )
    return from_cart(cart, draft)


def from_cart(cart: Cart, draft: Draft) -> Draft:
    """The draft as an order of this cart: the same for the same things at the same prices."""
    return replace(draft, source=f"cart:{cart.pk}:v{owed.of_draft(draft).version[:32]}")


def must_be_for_sale(lines: list[BasketLine]) -> None:
    """Raises DomainError(VARIANT_NOT_FOR_SALE)."""
    for line in lines:
        if not line.offer.can_be_bought:
            raise DomainError(ErrorCode.VARIANT_NOT_FOR_SALE, variant_id=line.variant_id, variant=line.offer.full_name)


def _own_lines(cart: Cart) -> list[DraftLine]:
    lines = basket(cart.pk, cart.currency)
    must_be_for_sale(lines)
    return [_own_line(line) for line in lines]


def _own_line(line: BasketLine) -> DraftLine:
    offer = line.offer
    return DraftLine(
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


def _told_lines(cart: Cart) -> list[DraftLine]:
    return [
        DraftLine(
            product_id=None,
            variant_id=None,
            product_name=item.name[:_NAME_LENGTH],
            variant_name="",
            sku="",
            unit_amount=item.unit_amount,
            quantity=item.quantity,
            discount_amount=0,
            weight_grams=0,
        )
        for item in cart.items.all()
    ]


# --- placing it -----------------------------------------------------------------------------------
def is_open(cart: Cart) -> bool:
    return cart.status not in (*BOUGHT, CartStatus.EXPIRED)


def must_be_open(cart: Cart) -> None:
    """Raises DomainError(CART_CLOSED)."""
    if not is_open(cart):
        raise DomainError(ErrorCode.CART_CLOSED, status=cart.status)


def place(cart: Cart, draft: Draft) -> Order:
    """The cart's order, its code used and its pieces held; whatever else the cart was to become is canceled.

    Needs the cart's row lock; the unique source decides that there is one order a version. One that ran out is placed
    anew. Raises DomainError: CHECKOUT_COMPLETED, PAYMENT_IN_PROGRESS, SOLD_OUT, DISCOUNT_GONE.
    """
    one_purchase.take_the_place(cart.pk, source=draft.source)
    before = Order.objects.select_for_update(no_key=True).filter(source=draft.source).first()
    if before is not None and services.stands_in_the_way(before):
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS, order=before.pk)
    order = orders.rewrite(before.pk, draft) if before else orders.place(draft)
    _hold(order)
    carts.touch(cart, now=timezone.now())
    return order


def _hold(order: Order) -> None:
    try:
        orders.hold(order)
    except DomainError as error:
        raise _with_name(error, list(order.lines.all())) from error


def _with_name(error: DomainError, lines: list[OrderLine]) -> DomainError:
    """The refusal in the shopper's words: stock knows ids only."""
    short = error.values.get("variant_id")
    names = [f"{line.product_name} ({line.variant_name})" for line in lines if line.variant_id == short]
    return DomainError(error.code, **error.values, **({"variant": names[0]} if short and names else {}))
