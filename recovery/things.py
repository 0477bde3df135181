"""What is in a cart, as a mail and a landing page show it: at the price of this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carts.models import Cart, CartItem, Door
from carts.queries import BasketLine, basket
from catalog.pictures import picture_url


@dataclass(frozen=True)
class Thing:
    """`unit_amount` in minor units of the cart's currency; `variant_id` None: another store's, known by name only."""

    name: str
    variant: str
    quantity: int
    unit_amount: int
    picture: str  # an address within this shop; '' where there is none
    variant_id: int | None
    is_for_sale: bool
    available: int

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity

    @property
    def can_be_bought(self) -> bool:
        return self.is_for_sale and self.available > 0


def things_of(cart: Cart) -> list[Thing]:
    """Oldest first, in one query."""
    if cart.door == Door.TRACKER:
        return [_told(item) for item in CartItem.objects.filter(cart=cart)]
    return [_line(line) for line in basket(cart.pk, cart.currency)]


def amount_of(things: Sequence[Thing]) -> int:
    """What those that can still be bought come to."""
    return sum(thing.amount for thing in things if thing.can_be_bought)


def _line(line: BasketLine) -> Thing:
    offer = line.offer
    return Thing(
        name=offer.product_name,
        variant=offer.variant_name,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        picture=picture_url(offer.product_slug, offer.variant_name),
        variant_id=line.variant_id,
        is_for_sale=offer.can_be_bought,
        available=max(offer.available, 0),
    )


def _told(item: CartItem) -> Thing:
    return Thing(item.name, "", item.quantity, item.unit_amount, "", None, is_for_sale=True, available=item.quantity)
