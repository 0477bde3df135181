"""Ninety days of a shop's life: orders with their payments, carts in every state, and the recovery mails that went out
about them. The same each time, counted back from the day it is loaded; written in bulk, once. Nothing is sent."""

from __future__ import annotations

from django.utils import timezone

from carts.models import Cart
from demo.past import carts, mails, refused, stories


def load() -> None:
    """Writes the history unless there are orders or carts already."""
    if Cart.objects.exists():
        return
    now = timezone.now()
    told, mailing = stories.tell(now), mails.begin(now, stories.CURRENCY)
    mailing.play(told, now)
    carts.write(told, now)
    refused.write(told, now)
    mails.write(mailing)
