"""Background doors of checkouts."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from checkouts import completion, link_mail, services
from outbox.jobs import scheduled_job


@shared_task(name="checkouts.tasks.follow_payment", ignore_result=True)
def follow_payment(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of a `payment.settled` event: the checkout it belongs to goes on."""
    completion.follow(payload["source"])


@shared_task(name="checkouts.tasks.send_payment_link", ignore_result=True)
def send_payment_link(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001
    """Of a `payment_link.mail_wanted` event."""
    link_mail.send(payload["link"], wish=payload["wish"])


BATCH = 1000


@scheduled_job
def expire_checkouts() -> int:
    """All that are due, in batches that hold their locks for a moment each."""
    expired = 0
    while (batch := services.expire_due(limit=BATCH)) == BATCH:
        expired += batch
    return expired + batch
