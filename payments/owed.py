"""What somebody is asked to pay: lines, sums, and a digest that changes when any of it does.

Amounts are whole minor units of `currency`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.pricing import Totals
from orders.models import Order, OrderLine
from orders.services import Draft, DraftLine


@dataclass(frozen=True)
class OwedLine:
    name: str
    detail: str  # which variant; '' where there is none
    quantity: int
    unit_amount: int
    variant_id: int | None

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity


@dataclass(frozen=True)
class Owed:
    currency: str
    lines: tuple[OwedLine, ...]
    totals: Totals
    discount_code: str
    shipping_method_name: str
    paid_amount: int = 0

    @property
    def due_amount(self) -> int:
        return max(self.totals.total_amount - self.paid_amount, 0)

    @property
    def version(self) -> str:
        """64 hex digits: the same for the same things at the same prices, whatever they are called meanwhile."""
        totals = self.totals
        sums = (totals.items_amount, totals.discount_amount, totals.shipping_amount, totals.tax_amount)
        things = [(line.variant_id or line.name, line.quantity, line.unit_amount) for line in self.lines]
        text = json.dumps([self.currency, things, sums, self.paid_amount])
        return hashlib.sha256(text.encode()).hexdigest()


def of_draft(draft: Draft) -> Owed:
    """What an order would say."""
    return Owed(
        currency=draft.currency,
        lines=_lines(draft.lines),
        totals=draft.totals,
        discount_code=draft.discount_code,
        shipping_method_name=draft.shipping_method_name,
    )


def of_order(order: Order) -> Owed:
    """What an order says, less what was paid of it."""
    return Owed(
        currency=order.currency,
        lines=_lines(order.lines.all()),
        totals=order.totals,
        discount_code=order.discount_code,
        shipping_method_name=order.shipping_method_name,
        paid_amount=order.kept_amount,
    )


def _lines(lines: Iterable[DraftLine | OrderLine]) -> tuple[OwedLine, ...]:
    return tuple(
        OwedLine(line.product_name, line.variant_name, line.quantity, line.unit_amount, line.variant_id)
        for line in lines
    )
