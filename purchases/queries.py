"""What can be asked of purchases."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import QuerySet

from purchases.models import Purchase
from purchases.states import PurchaseStatus


def find(key_id: int, public_id: uuid.UUID) -> Purchase | None:
    """Of this key alone: another's is not there."""
    return Purchase.objects.filter(key=key_id, public_id=public_id).first()


def overdue(now: datetime) -> QuerySet[Purchase]:
    """Still processing though their time is over, the longest overdue first."""
    return Purchase.objects.filter(status=PurchaseStatus.PROCESSING, deadline_at__lte=now).order_by("deadline_at")
