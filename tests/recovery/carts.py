"""Carts for tests of recovery: left some time ago, by somebody with an address."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from carts.models import Cart, CartLine
from carts.states import CartStatus
from tests.factories import MEDIUM_BLUE_ID

ADA = "ada@example.com"
PAST_IDLE = timedelta(seconds=60)  # so much longer than needed nobody did anything


def idle_since(now: datetime | None = None) -> datetime:
    return (now or timezone.now()) - timedelta(seconds=settings.ABANDON_AFTER_SECONDS) - PAST_IDLE


def make_cart(email: str = ADA, *, pieces: int = 2, variant_id: int = MEDIUM_BLUE_ID, **values: object) -> Cart:
    """An idle cart with `pieces` demo shirts; 0: with nothing in it."""
    cart = Cart.objects.create(**{"currency": "USD", "email": email, "last_activity_at": idle_since()} | values)
    if pieces:
        CartLine.objects.create(cart=cart, variant_id=variant_id, quantity=pieces)
    return cart


def make_abandoned(email: str = ADA, *, ago: timedelta = timedelta(0), **values: object) -> Cart:
    """A cart that was abandoned `ago`."""
    at = timezone.now() - ago
    return make_cart(
        email,
        **{
            "status": CartStatus.ABANDONED,
            "abandoned_at": at,
            "first_abandoned_at": at,
            "last_activity_at": at - timedelta(seconds=settings.ABANDON_AFTER_SECONDS),
            "language": "en",
        }
        | values,
    )
