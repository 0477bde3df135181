"""What shoppers were refused in a period: a count of carts for each kind, from an index of the rows, in one query.

Which of them are bought is not counted: it would have to read each of the carts.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from analytics.definitions import Period
from carts.models import Refusal


@dataclass(frozen=True)
class Refused:
    """`carts` on which something of the kind was refused."""

    kind: Refusal.Kind
    carts: int


def counted(period: Period) -> list[Refused]:
    """What nobody was refused is left out; in the order of the kinds."""
    rows = Refusal.objects.filter(first_at__gte=period.start, first_at__lt=period.end).order_by()
    found = dict(rows.values_list("kind").annotate(carts=Count("cart", distinct=True)))
    return [Refused(kind, found[kind]) for kind in Refusal.Kind if kind.value in found]
