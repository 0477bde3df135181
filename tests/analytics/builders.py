"""Carts that were abandoned at a given moment, for figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from carts.models import Cart, Door
from carts.states import CartStatus

DAY = date(2024, 1, 15)


def at(day: date = DAY, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def days_later(days: int) -> date:
    return DAY + timedelta(days=days)


def left(
    moment: datetime, *, amount: int = 1000, currency: str = "USD", status: CartStatus = CartStatus.ABANDONED
) -> Cart:
    """A cart of another store, first abandoned at `moment`. `amount`: minor units."""
    return Cart.objects.create(
        door=Door.TRACKER,
        status=status,
        currency=currency,
        email="customer@example.com",
        first_abandoned_at=moment,
        abandoned_at=moment,
        abandoned_amount=amount,
    )
