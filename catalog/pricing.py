"""What a basket costs. One pure function: minor units in, minor units out, nothing read, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.money import allocate, share_of


@dataclass(frozen=True)
class PricedLine:
    unit_amount: int
    quantity: int

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity


@dataclass(frozen=True)
class DiscountOffer:
    """What a code gives in the basket's currency: `basis_points` of the items, or `off_amount`."""

    basis_points: int = 0
    off_amount: int = 0
    minimum_amount: int = 0

    def amount_for(self, items_amount: int) -> int:
        """Never more than the items; nothing below the minimum."""
        if items_amount < self.minimum_amount:
            return 0
        return min(items_amount, share_of(items_amount, self.basis_points) + self.off_amount)


@dataclass(frozen=True)
class Totals:
    """items - discount + shipping + tax = total, always, to the last minor unit."""

    items_amount: int
    discount_amount: int
    shipping_amount: int
    tax_amount: int
    total_amount: int
    line_discounts: tuple[int, ...]  # the discount's share of each line, in the order of the lines; sums exactly


def price(
    lines: Sequence[PricedLine],
    *,
    discount: DiscountOffer | None = None,
    shipping_amount: int = 0,
    tax_amount: int = 0,
) -> Totals:
    """The totals of a basket; the discount is divided among the lines by largest remainder."""
    line_amounts = [line.amount for line in lines]
    items_amount = sum(line_amounts)
    discount_amount = discount.amount_for(items_amount) if discount else 0
    return Totals(
        items_amount=items_amount,
        discount_amount=discount_amount,
        shipping_amount=shipping_amount,
        tax_amount=tax_amount,
        total_amount=items_amount - discount_amount + shipping_amount + tax_amount,
        line_discounts=tuple(allocate(discount_amount, line_amounts)),
    )
