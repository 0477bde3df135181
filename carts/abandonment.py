"""Which carts are idle, and which are given up for good: found by index and moved in sets.

Any number of workers may do this side by side: each takes rows that nobody else holds, moves them and lets go. No lock
is held for longer than a batch takes, and a worker that dies leaves its batch to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Case,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from carts import cohorts
from carts.models import Cart, CartItem, CartLine, Door
from carts.states import CartStatus

BATCH = 1000
Rows = Sequence[tuple[Any, ...]]


def mark_idle(
    *,
    now: datetime,
    limit: int = BATCH,
    busy: Combinable | None = None,
    is_nobody: Callable[[str], bool] = lambda email: False,  # noqa: ARG005
) -> int:
    """One batch of carts with an address to write to that nobody changed for ABANDON_AFTER_SECONDS is abandoned.

    One with nothing in it is given up instead, and an agent's too: the person behind the address has not seen it. How
    many there were; fewer than `limit` means that there are no more. `busy`: a condition on carts that only look idle
    (their money is on its way). `is_nobody`: of an address that no person reads; its cart is given up, and no figure
    knows it.
    """
    idle_for = timedelta(seconds=settings.ABANDON_AFTER_SECONDS)
    due = Cart.objects.filter(~Q(email=""), status=CartStatus.ACTIVE, last_activity_at__lte=now - idle_for)
    if busy is not None:
        due = due.filter(~busy)
    seen = due.order_by("last_activity_at").annotate(left=_left())
    columns = ("last_activity_at", "first_abandoned_at", "email", "left")

    def abandon(rows: Rows) -> None:
        _abandon([(*row, None if is_nobody(email) else thing) for *row, email, thing in rows], now, idle_for)

    return _move(seen, limit, abandon, *columns)


def expire(*, now: datetime, limit: int = BATCH) -> int:
    """One batch of abandoned carts that nobody came back for is given up. How many; fewer than `limit`: no more."""
    last = now - timedelta(seconds=settings.CART_EXPIRES_AFTER_SECONDS)
    due = Cart.objects.filter(status=CartStatus.ABANDONED, abandoned_at__lte=last)
    return _move(due.order_by("abandoned_at"), limit, lambda rows: _give_up([pk for (pk,) in rows], now))


def worth() -> Combinable:
    """What a cart's things cost at this moment, in minor units of its currency: lines at the catalog's prices, things
    of other stores at their own. An expression for a statement on carts."""
    in_currency = Q(variant__prices__currency=OuterRef("currency"))
    lines = CartLine.objects.filter(in_currency, cart=OuterRef("pk"))
    items = CartItem.objects.filter(cart=OuterRef("pk"))
    of_lines = _sum(lines, F("quantity") * F("variant__prices__amount"))
    return ExpressionWrapper(of_lines + _sum(items, F("quantity") * F("unit_amount")), output_field=BigIntegerField())


def _sum(rows: QuerySet[Any], amount: Combinable) -> Combinable:
    amounts = ExpressionWrapper(amount, output_field=BigIntegerField())
    sums = rows.order_by().values("cart").annotate(n=Sum(amounts)).values("n")
    return Coalesce(Subquery(sums), Value(0), output_field=BigIntegerField())


def _left() -> Combinable:
    """Something that was left in the cart, or null. No EXISTS: PostgreSQL may make a look at every line of that."""
    of_cart = {"cart": OuterRef("pk")}
    lines, items = (rows.objects.filter(**of_cart).order_by().values("pk")[:1] for rows in (CartLine, CartItem))
    return Case(When(door=Door.AGENT, then=None), default=Coalesce(Subquery(lines), Subquery(items)))


def _abandon(rows: Rows, now: datetime, idle_for: timedelta) -> None:
    """A cart was abandoned when its idle time was over, however late we look; the first time is kept for good."""
    since = ExpressionWrapper(F("last_activity_at") + idle_for, output_field=DateTimeField())
    Cart.objects.filter(pk__in=[pk for pk, _, _, thing in rows if thing]).update(
        status=CartStatus.ABANDONED,
        abandoned_at=since,
        abandoned_amount=Case(When(first_abandoned_at__isnull=True, then=worth()), default=F("abandoned_amount")),
        first_abandoned_at=Coalesce(F("first_abandoned_at"), since),
        language=Case(When(language="", then=Value(settings.LANGUAGE_CODE)), default=F("language")),
        is_followed_up=False,
        updated_at=now,
    )
    cohorts.note_late((first or last_activity + idle_for for _, last_activity, first, thing in rows if thing), now=now)
    empty = [pk for pk, _, _, thing in rows if not thing]
    if empty:
        _give_up(empty, now)


def _give_up(ids: Sequence[int], now: datetime) -> None:
    Cart.objects.filter(pk__in=ids).update(status=CartStatus.EXPIRED, updated_at=now)


def _move(due: QuerySet[Cart], limit: int, move: Callable[[Rows], None], *columns: str) -> int:
    """`move` gets (id, *columns) of each."""
    if not due.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    with transaction.atomic():
        # PostgreSQL: rows others hold are skipped. SQLite ignores it: its transaction is exclusive. Whatever changes
        # what is in a cart changes the cart, too: what is read with the lock holds.
        locked = due.select_for_update(skip_locked=True, no_key=True)
        rows = list(locked.values_list("pk", *columns)[:limit])
        move(rows)
    return len(rows)
