"""Carts known by a short code: `CART_1A2B3C4D`. They have no shopper's session; who knows the code knows the cart."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from django.db import IntegrityError, transaction

from carts.models import Cart, CartLine, Door
from catalog.queries import Offer, offers
from common.errors import DomainError, ErrorCode

_SHOWN = re.compile(r"CART_([0-9A-Fa-f]{8})")
_CODE_TRIES = 5
_EDGE_CASES = (90, 93)  # products of the demo shop that are for trying out sold out, free and retired things
_MOST_PIECES = 5
_dice = secrets.SystemRandom()


def shown(cart: Cart) -> str:
    return f"CART_{cart.code}"


def find(shown_id: str) -> Cart:
    """By what `shown` gave; small letters do as well. Raises DomainError(CART_NOT_FOUND)."""
    found = _SHOWN.fullmatch(shown_id)
    cart = Cart.objects.filter(code=found[1].upper()).first() if found else None
    if cart is None:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    return cart


@transaction.atomic
def start(demand: Mapping[int, int], *, currency: str) -> Cart:
    """A cart that comes filled: {variant id: pieces}."""
    cart = _new_cart(currency)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant_id=variant_id, quantity=pieces) for variant_id, pieces in demand.items()
    )
    return cart


def _new_cart(currency: str) -> Cart:
    """Of four thousand million codes the unique index refuses one that is in use."""
    for _ in range(_CODE_TRIES):
        try:
            with transaction.atomic():
                return Cart.objects.create(currency=currency, door=Door.CART2TABLE, code=secrets.token_hex(4).upper())
        except IntegrityError:
            continue
    raise DomainError(ErrorCode.BUSY)


def random_demand(*, currency: str) -> dict[int, int]:
    """{variant id: pieces} of 2 to 5 products that can be bought now, each with 1 to 5 pieces.

    Raises DomainError(PRODUCT_NOT_FOUND) where fewer than two can.
    """
    by_product: dict[int, list[Offer]] = {}
    for offer in offers(currency=currency, is_active=True, product__is_active=True, stock__on_hand__gt=0):
        if offer.unit_amount and offer.available >= _MOST_PIECES and not _is_edge_case(offer):
            by_product.setdefault(offer.product_id, []).append(offer)
    if len(by_product) < 2:
        raise DomainError(ErrorCode.PRODUCT_NOT_FOUND)
    drawn = _dice.sample(sorted(by_product), _dice.randint(2, min(5, len(by_product))))
    return {_dice.choice(by_product[product]).variant_id: _dice.randint(1, _MOST_PIECES) for product in drawn}


def _is_edge_case(offer: Offer) -> bool:
    first, last = _EDGE_CASES
    return first <= offer.product_id <= last
