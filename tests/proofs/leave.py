"""Called inside a proof's shop: many people who left a cart two hours ago, and a sequence that is on."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

from django.utils import timezone

from carts.models import Cart, CartLine
from carts.states import CartStatus
from tests.factories import MEDIUM_BLUE_ID, demo_shirt
from tests.recovery.sequences import DAY, HOUR, make_sequence


def leave_many(count: int) -> None:
    """Prints how many mails are wanted."""
    demo_shirt(on_hand=1_000_000)
    make_sequence(HOUR, DAY)
    at = timezone.now() - timedelta(hours=2)
    carts = Cart.objects.bulk_create(
        Cart(
            currency="USD",
            email=f"person.{number}@example.com",
            status=CartStatus.ABANDONED,
            abandoned_at=at,
            first_abandoned_at=at,
            last_activity_at=at,
            language="en",
        )
        for number in range(count)
    )
    CartLine.objects.bulk_create(CartLine(cart=cart, variant_id=MEDIUM_BLUE_ID, quantity=1) for cart in carts)
    json.dump(count, sys.stdout)
