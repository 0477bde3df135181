"""Which carts were left: the carts' own sweep, with what only an upper app knows (whose money is on its way)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.lookups import IsNull
from django.utils import timezone

from carts import abandonment
from payments.models import Payment
from payments.states import REFUSED, PaymentStatus
from recovery import bots


def money_is_on_its_way() -> IsNull:
    """Of a cart: a payment is under way, in doubt or with a person, or a part was paid. Nobody left this cart.

    No EXISTS: PostgreSQL makes a join of it and may go through every payment there is. This it looks up cart by cart.
    """
    goes_back = Q(status=PaymentStatus.CAPTURED, surplus_amount=F("captured_amount"))
    of_cart = Payment.objects.filter(order__cart=OuterRef("pk"))
    moving = of_cart.exclude(status__in=REFUSED).exclude(goes_back).order_by()
    return IsNull(Subquery(moving.values("pk")[:1]), False)


def mark_abandoned() -> int:
    """All carts that are idle by now. How many."""
    busy = money_is_on_its_way()
    return _in_batches(lambda now: abandonment.mark_idle(now=now, busy=busy, is_nobody=bots.is_bot))


def expire_abandoned() -> int:
    """All abandoned carts that nobody came back for in time. How many."""
    return _in_batches(lambda now: abandonment.expire(now=now))


def _in_batches(move: Callable[[datetime], int]) -> int:
    moved = 0
    while (batch := move(timezone.now())) == abandonment.BATCH:
        moved += batch
    return moved + batch
