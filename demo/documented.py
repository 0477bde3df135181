"""The carts that the cart2table document names, so that its examples can be typed in. Safe to run again."""

from __future__ import annotations

from django.conf import settings

from carts.models import Cart, CartLine, Door

CODES = ("1A2B3C4D", "12345678")
CRATE_OF_TOMATOES, PIECES = 60, 2


def load() -> None:
    for code in CODES:
        values = {"door": Door.CART2TABLE, "currency": settings.SHOP_CURRENCY}
        cart, is_new = Cart.objects.get_or_create(code=code, defaults=values)
        if is_new:
            CartLine.objects.create(cart=cart, variant_id=CRATE_OF_TOMATOES, quantity=PIECES)
