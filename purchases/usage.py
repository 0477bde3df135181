"""What a client did with its key, counted at the moment somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from purchases.models import Purchase
from purchases.states import PurchaseStatus


@dataclass(frozen=True)
class Usage:
    """`spent_amount`: minor units, of completed purchases; what was refunded since is in it."""

    since: str
    completed: int
    failed: int
    processing: int
    spent_amount: int


def of_key(key_id: int, currency: str) -> list[Usage]:
    """Today (the shop's), the last thirty days and ever; amounts of purchases in this currency."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        _counted("Today", Q(key=key_id, created_at__gte=today), currency),
        _counted("30 days", Q(key=key_id, created_at__gte=today - timedelta(days=29)), currency),
        _counted("Ever", Q(key=key_id), currency),
    ]


def _counted(since: str, condition: Q, currency: str) -> Usage:
    found: dict[str, Any] = Purchase.objects.filter(condition).aggregate(
        **{status.value: Count("pk", filter=Q(status=status)) for status in PurchaseStatus},
        spent_amount=Sum("amount", filter=Q(currency=currency)),
    )
    return Usage(since, **(found | {"spent_amount": found["spent_amount"] or 0}))
