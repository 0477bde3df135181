"""The shop with its guards taken away: no row lock, a moment between looking and taking, and a count that is written
down rather than moved. What goes wrong here is what the guards are for; a race that does not go wrong without them
proves nothing with them."""

from __future__ import annotations

import time

import pytest

from catalog import stock
from catalog.models import Discount, DiscountRedemption, Stock

A_MOMENT = 0.05


def take_stock_locks_away(patch: pytest.MonkeyPatch) -> None:
    def looked_at(variant_ids: list[int]) -> dict[int, Stock]:
        rows = Stock.objects.filter(variant_id__in=variant_ids).order_by("variant_id")
        found = {row.variant_id: row for row in rows}
        time.sleep(A_MOMENT)
        return found

    def write_down(*, on_hand: stock.Demand | None = None, reserved: stock.Demand) -> None:
        """Sums as they were when we looked; kept within the database's own limits, which would notice."""
        for row in Stock.objects.filter(variant_id__in=reserved):
            hand = max(row.on_hand + (on_hand or {}).get(row.variant_id, 0), 0)
            held = min(max(row.reserved + reserved[row.variant_id], 0), hand)
            Stock.objects.filter(pk=row.pk).update(on_hand=hand, reserved=held)

    patch.setattr(stock, "locked_stock", looked_at)
    patch.setattr(stock, "_change", write_down)


def redeem_unguarded(discount: Discount, *, holder: str) -> bool:
    """A code's use as one would write it first: look, then count."""
    current = Discount.objects.get(pk=discount.pk)
    if current.usage_limit is not None and current.used_count >= current.usage_limit:
        return False
    time.sleep(A_MOMENT)
    Discount.objects.filter(pk=discount.pk).update(used_count=current.used_count + 1)
    DiscountRedemption.objects.create(holder=holder, discount=discount)
    return True
