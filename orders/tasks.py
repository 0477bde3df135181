"""Background doors of orders."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from orders import mails


@shared_task(name="orders.tasks.send_confirmation", ignore_result=True)
def send_confirmation(event_id: int, payload: dict[str, Any]) -> str:  # noqa: ARG001 - every handler gets both
    """Of an `order.accepted` event. A repeat carries the same Message-ID, so that mailboxes show one mail."""
    return mails.send_confirmation(payload["order"])


@shared_task(name="orders.tasks.send_confirmation_again", ignore_result=True)
def send_confirmation_again(event_id: int, payload: dict[str, Any]) -> str:  # noqa: ARG001
    """Of an `order.confirmation_wanted` event: staff sends it once more, under a Message-ID of that wish's own."""
    return mails.send_confirmation(payload["order"], again=payload["wish"])


@shared_task(name="orders.tasks.tell_shipped", ignore_result=True)
def tell_shipped(event_id: int, payload: dict[str, Any]) -> str:  # noqa: ARG001
    """Of an `order.shipped` event."""
    return mails.send_shipped(payload["order"])
