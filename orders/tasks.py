"""Background doors of orders."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from orders import mails


@shared_task(name="orders.tasks.send_confirmation", ignore_result=True)
def send_confirmation(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - every handler gets both
    """Of an `order.accepted` event. A repeat carries the same Message-ID, so that mailboxes show one mail."""
    mails.send_confirmation(payload["order"])
