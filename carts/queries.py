"""What can be asked of a cart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, F, FilteredRelation, Q, QuerySet

from carts.models import Cart, CartLine
from carts.states import CartStatus
from catalog.pricing import PricedLine
from catalog.queries import Offer, offer_columns, offer_from
from common.prepared import Given, Prepared


@dataclass
class BasketLine:
    """One line of a cart with what the catalog says of it at this moment. Amounts in minor units."""

    id: int
    quantity: int
    created_at: datetime
    updated_at: datetime
    offer: Offer

    @property
    def variant_id(self) -> int:
        return self.offer.variant_id

    @property
    def unit_amount(self) -> int:
        """0 where the catalog has no price any more; such a line cannot be bought."""
        return self.offer.unit_amount or 0

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity

    @property
    def weight_grams(self) -> int:
        return self.offer.weight_grams * self.quantity

    @property
    def priced(self) -> PricedLine:
        return PricedLine(unit_amount=self.unit_amount, quantity=self.quantity)


_COLUMNS = ("cart_id", "id", "quantity", "created_at", "updated_at", *offer_columns("variant__"))


def _rows(lines: QuerySet[CartLine], price_is: Q) -> QuerySet[CartLine, tuple[Any, ...]]:
    return (
        lines.annotate(price=FilteredRelation("variant__prices", condition=price_is), unit_amount=F("price__amount"))
        .order_by("id")
        .values_list(*_COLUMNS)
    )


def _rows_of_given_cart() -> QuerySet[CartLine, tuple[Any, ...]]:
    lines = CartLine.objects.filter(cart_id=Given("cart", BigIntegerField()))
    return _rows(lines, Q(variant__prices__currency=Given("currency", CharField())))


_OF_CART = Prepared[tuple[Any, ...]](_rows_of_given_cart)


def _line(columns: Sequence[Any]) -> BasketLine:
    line_id, quantity, created_at, updated_at, *of_offer = columns
    return BasketLine(line_id, quantity, created_at, updated_at, offer_from(of_offer))


def basket(cart_id: int, currency: str) -> list[BasketLine]:
    """The cart's lines, oldest first, in one query."""
    return [_line(columns) for _, *columns in _OF_CART.rows(cart=cart_id, currency=currency)]


def baskets(currency_of: Mapping[int, str]) -> dict[int, list[BasketLine]]:
    """The lines of many carts, {cart id: lines}: one query a currency."""
    found: dict[int, list[BasketLine]] = defaultdict(list)
    for currency in sorted(set(currency_of.values())):
        ids = [cart_id for cart_id, own in currency_of.items() if own == currency]
        lines = CartLine.objects.filter(cart_id__in=ids)
        for cart_id, *columns in _rows(lines, Q(variant__prices__currency=currency)):
            found[cart_id].append(_line(columns))
    return found


_ABANDONED_ONCE = (CartStatus.ABANDONED, CartStatus.RECOVERED, CartStatus.EXPIRED)


def listed(status: str | None) -> QuerySet[Cart]:
    """Newest first. Without a status: carts that are or were abandoned, save those whose shopper is back.

    Each way its rows, and their count, are read from one index (cart_by_status, cart_once_abandoned).
    """
    if status is not None:
        return Cart.objects.filter(status=status).order_by("-id")
    return Cart.objects.filter(first_abandoned_at__isnull=False, status__in=_ABANDONED_ONCE).order_by("-id")
