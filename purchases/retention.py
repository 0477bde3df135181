"""Forgetting what an agent asked for, once its purchase ended long ago. Who bought, what became of it and for how much
stay; the order it led to has rules of its own (`payments.retention`)."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone

from common.retention import BATCH
from common.transactions import in_transaction
from purchases.models import Purchase, PurchaseEvent


@in_transaction
def forget(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of purchases that ended before then: of the address its shop is left, of what was noted nothing. How
    many."""
    old = Purchase.objects.filter(ended_at__lte=before, forgotten_at__isnull=True)
    if not old.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    rows = list(old.order_by("ended_at").select_for_update(skip_locked=True)[:limit])
    now = timezone.now()
    for row in rows:
        row.url, row.notes, row.forgotten_at = _shop_of(row.url), "", now
    Purchase.objects.bulk_update(rows, ["url", "notes", "forgotten_at"])
    PurchaseEvent.objects.filter(purchase__in=rows).delete()
    return len(rows)


def _shop_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"
