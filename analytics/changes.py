"""What was noted as changed since its day was counted: which carts, orders and checkouts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from analytics import figures
from carts.models import Cart, ChangedCohort
from common.models import ChangedRecord
from orders.models import Order


@dataclass(frozen=True)
class Changes:
    """`gone_since`: when carts that are no longer there were first abandoned; what mails about them were, nobody knows
    any more."""

    carts: frozenset[int]  # also those of the orders
    orders: frozenset[int]
    checkouts: frozenset[int]
    gone_checkouts: frozenset[datetime] = frozenset()  # when those that were deleted were begun
    gone_since: datetime | None = None

    @property
    def days_of_the_gone(self) -> set[date]:
        if self.gone_since is None:
            return set()
        return set(figures.days_from(figures.shop_day(self.gone_since), figures.today()))


NOTHING = Changes(frozenset(), frozenset(), frozenset())


def noted() -> Changes:
    """All that waits to be taken up. Four queries."""
    return of(
        ChangedCohort.objects.filter(cart_id__isnull=False).values_list("cart_id", "first_abandoned_at"),
        ChangedRecord.objects.values_list("what", "record", "since"),
    )


def of(carts: Iterable[tuple[int | None, datetime]], records: Iterable[tuple[str, int, datetime | None]]) -> Changes:
    firsts = {cart: at for cart, at in carts if cart is not None}
    noted = list(records)
    orders = frozenset(record for what, record, _ in noted if what == ChangedRecord.What.ORDER)
    there = set(Cart.objects.filter(pk__in=firsts).values_list("pk", flat=True))
    of_orders = Order.objects.filter(pk__in=orders, cart__isnull=False).values_list("cart_id", flat=True)
    return Changes(
        carts=frozenset({*there, *(cart for cart in of_orders if cart is not None)}),
        orders=orders,
        checkouts=frozenset(record for what, record, _ in noted if what == ChangedRecord.What.CHECKOUT),
        gone_checkouts=frozenset(since for _, _, since in noted if since is not None),
        gone_since=min((at for cart, at in firsts.items() if cart not in there), default=None),
    )
