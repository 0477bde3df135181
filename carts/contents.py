"""What is in a cart and what it is worth, whichever door it came by: name, quantity and price are enough here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from carts.models import Cart, CartItem, Door
from carts.queries import baskets
from carts.states import CartStatus


@dataclass(frozen=True)
class Thing:
    """A line of our own cart, or an item of another store's. `unit_amount` in minor units."""

    name: str
    quantity: int
    unit_amount: int

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity


Contents = dict[int, list[Thing]]


def contents(carts: Sequence[Cart]) -> Contents:
    """{cart id: things, oldest first}: one query for other stores' carts, one for each currency of our own."""
    found: Contents = defaultdict(list)
    told = [cart.pk for cart in carts if cart.door == Door.TRACKER]
    if told:
        items = CartItem.objects.filter(cart__in=told).order_by("id")
        for item in items:
            found[item.cart_id].append(Thing(item.name, item.quantity, item.unit_amount))
    own = {cart.pk: cart.currency for cart in carts if cart.door != Door.TRACKER}
    for cart_id, lines in baskets(own).items():
        found[cart_id] = [Thing(line.offer.full_name, line.quantity, line.unit_amount) for line in lines]
    return found


def value_of(cart: Cart, things: Sequence[Thing]) -> int:
    """Minor units: what its things come to at the prices of now, until abandonment froze it."""
    is_frozen = cart.first_abandoned_at is not None and cart.status != CartStatus.ACTIVE
    return cart.abandoned_amount if is_frozen else sum(thing.amount for thing in things)
