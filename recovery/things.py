"""What is in a cart, as a mail and a landing page show it: at the price of this moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from carts.models import Cart, CartItem, Door
from carts.queries import BasketLine, basket
from catalog.models import Reservation
from catalog.pictures import mail_picture_url, picture_url
from catalog.states import ReservationStatus
from orders.models import Order
from orders.states import OrderStatus


@dataclass(frozen=True)
class Thing:
    """`unit_amount` in minor units of the cart's currency; `variant_id` None: another store's, known by name only."""

    name: str
    variant: str
    quantity: int
    unit_amount: int
    slug: str  # of the product; '': another store's
    variant_id: int | None
    is_for_sale: bool
    available: int

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity

    @property
    def can_be_bought(self) -> bool:
        return self.is_for_sale and self.available > 0

    # Addresses within this shop; '' where there is no picture.
    @property
    def picture(self) -> str:
        return picture_url(self.slug, self.variant) if self.slug else ""

    @property
    def mail_picture(self) -> str:
        return mail_picture_url(self.slug, self.variant)


def things_of(cart: Cart) -> list[Thing]:
    """Oldest first, in one query; in two where pieces are short: an order of this cart may hold them."""
    if cart.door == Door.TRACKER:
        return [_told(item) for item in CartItem.objects.filter(cart=cart)]
    lines = basket(cart.pk, cart.currency)
    is_short = any(line.offer.available < line.quantity for line in lines)
    held = _held_by_own_orders(cart) if is_short else {}
    return [_line(line, held.get(line.variant_id, 0)) for line in lines]


def _held_by_own_orders(cart: Cart) -> dict[int, int]:
    """{variant id: pieces} that an earlier try of this shopper still holds: they do not stand in their own way."""
    sources = Order.objects.filter(cart=cart, status=OrderStatus.PENDING).values("source")
    rows = Reservation.objects.filter(holder__in=sources, status=ReservationStatus.HELD).values_list(
        "stock", "quantity"
    )
    held: Counter[int] = Counter()
    for variant_id, pieces in rows:
        held[variant_id] += pieces
    return held


def amount_of(things: Sequence[Thing]) -> int:
    """What those that can still be bought come to."""
    return sum(thing.amount for thing in things if thing.can_be_bought)


def _line(line: BasketLine, held: int) -> Thing:
    offer = line.offer
    return Thing(
        name=offer.product_name,
        variant=offer.variant_name,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        slug=offer.product_slug,
        variant_id=line.variant_id,
        is_for_sale=offer.can_be_bought,
        available=max(offer.available + held, 0),
    )


def _told(item: CartItem) -> Thing:
    return Thing(item.name, "", item.quantity, item.unit_amount, "", None, is_for_sale=True, available=item.quantity)
