"""Forgetting carts with their checkouts, once no checkout is open on them and no order of theirs needs a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from carts import retention
from carts.models import Cart
from checkouts.models import Checkout
from checkouts.states import LIVE
from common.retention import BATCH
from common.transactions import in_transaction
from orders.models import Order


def over(before: datetime) -> QuerySet[Cart]:
    """Carts that are over, with all that became of them: closed checkouts, orders that were anonymised."""
    checkouts = Checkout.objects.filter(cart=OuterRef("pk"))
    open_ones = checkouts.filter(Q(status__in=LIVE) | Q(updated_at__gt=before))
    named = Order.objects.filter(anonymised_at__isnull=True)
    in_use = (open_ones, named.filter(cart=OuterRef("pk")), checkouts.filter(order__in=named))
    return retention.over(before).filter(*(~Exists(rows) for rows in in_use))


def anonymise(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of carts that are over: names and addresses go, of the carts and of their checkouts. How many."""
    return _batch(retention.with_names(over(before)), limit, _anonymise)


def remove(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of carts that are over and bear no names any more, with their checkouts. How many."""
    return _batch(over(before).filter(email="", phone="", full_name=""), limit, _remove)


def _anonymise(ids: list[int]) -> None:
    Checkout.objects.filter(cart__in=ids).update(shipping_address={}, billing_address={})
    retention.anonymise(ids)


def _remove(ids: list[int]) -> None:
    Checkout.objects.filter(cart__in=ids).delete()
    retention.remove(ids)


@in_transaction
def _batch(carts: QuerySet[Cart], limit: int, work: Callable[[list[int]], None]) -> int:
    if not carts.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    locked = carts.order_by("updated_at").select_for_update(skip_locked=True)
    ids = list(locked.values_list("pk", flat=True)[:limit])
    ids = list(carts.filter(pk__in=ids).values_list("pk", flat=True))  # somebody may have come back before the lock
    if ids:
        work(ids)
    return len(ids)
