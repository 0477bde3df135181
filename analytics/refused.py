"""What shoppers were refused in a period: a count of carts for each kind, from the rows, in one query."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from analytics.definitions import Period
from carts.models import Refusal
from carts.states import BOUGHT


@dataclass(frozen=True)
class Refused:
    """`carts` on which something of the kind was refused; `unbought`: those of them that are not bought so far."""

    kind: Refusal.Kind
    carts: int
    unbought: int


def counted(period: Period) -> list[Refused]:
    """What nobody was refused is left out; in the order of the kinds."""
    rows = Refusal.objects.filter(first_at__gte=period.start, first_at__lt=period.end).order_by()
    is_unbought = ~Q(cart__status__in=BOUGHT)
    counts = rows.values("kind").annotate(
        carts=Count("cart", distinct=True), unbought=Count("cart", distinct=True, filter=is_unbought)
    )
    found = {row["kind"]: row for row in counts}
    return [
        Refused(kind, found[kind]["carts"], found[kind]["unbought"]) for kind in Refusal.Kind if kind.value in found
    ]
