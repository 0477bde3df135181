"""Carts as the tracker API shows them, from whichever door they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carts.contents import Thing, contents, value_of
from carts.models import Cart
from carts.states import CartStatus
from dialects.guest import moment, number
from dialects.tracker import cart_id_of

Json = dict[str, Any]
_CAN_BE_PAID = {CartStatus.ACTIVE, CartStatus.ABANDONED}


def cart_bodies(carts: Sequence[Cart]) -> list[Json]:
    """In the same order; the number of queries does not grow with the carts."""
    things = contents(carts)
    return [_cart_body(cart, things.get(cart.pk, [])) for cart in carts]


def cart_body(cart: Cart, *, is_kept: bool = False) -> Json:
    """`is_kept`: the answer is stored to be repeated, and names no payment link: whoever has it may pay."""
    body = cart_bodies([cart])[0]
    return {**body, "paymentLink": None} if is_kept else body


def _cart_body(cart: Cart, things: Sequence[Thing]) -> Json:
    return {
        "id": cart_id_of(cart.pk),
        "customerEmail": cart.email,
        "customerName": cart.full_name,
        "items": [_item(thing, cart.currency) for thing in things],
        "totalValue": number(value_of(cart, things), cart.currency),
        "currency": cart.currency,
        "status": str(cart.status),
        "abandonedAt": moment(cart.first_abandoned_at) if cart.first_abandoned_at else None,
        "paymentLink": (cart.payment_link or None) if cart.status in _CAN_BE_PAID else None,
        "createdAt": moment(cart.created_at),
        "updatedAt": moment(cart.updated_at),
    }


def _item(thing: Thing, currency: str) -> Json:
    return {"name": thing.name, "quantity": thing.quantity, "price": number(thing.unit_amount, currency)}


def page_body(carts: Sequence[Cart], *, page: int, limit: int, total: int) -> Json:
    pagination = {"page": page, "limit": limit, "total": total, "totalPages": -(-total // limit)}
    return {"carts": cart_bodies(carts), "pagination": pagination}
