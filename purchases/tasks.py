"""Background doors of purchases."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from common.retention import cut_off, in_batches
from outbox.jobs import scheduled_job
from purchases import ending, retention, worker
from purchases.models import Purchase
from purchases.sellers import seller_of


@shared_task(name="purchases.tasks.work", ignore_result=True)
def work(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of a `purchase.requested` event."""
    worker.work(payload["purchase"])


@shared_task(name="purchases.tasks.clear_away", ignore_result=True)
def clear_away(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of a `purchase.failed` event: its checkout holds nothing any more."""
    purchase = Purchase.objects.get(pk=payload["purchase"])
    if "seller" in purchase.known:
        seller_of(purchase).clear_away(purchase)


@scheduled_job
def end_overdue() -> int:
    return ending.sweep()


@scheduled_job
def forget_purchases() -> int:
    before = cut_off()
    return in_batches(lambda: retention.forget(before))
