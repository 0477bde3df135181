"""Background doors of recovery."""

from __future__ import annotations

import functools
import time
from typing import Any

from celery import shared_task
from django.utils import timezone

from carts.retention import forget_identities
from checkouts import retention as carts
from common.retention import cut_off, in_batches
from outbox.jobs import scheduled_job
from outbox.models import OutboxEvent
from recovery import consents, detection, enrolment, retention, sending


@shared_task(name="recovery.tasks.note_consent", ignore_result=True)
def note_consent(event_id: int, payload: dict[str, Any]) -> None:
    """Of a `shopper.agreed` event: they agreed when it was recorded, whenever we hear of it."""
    agreed_at = OutboxEvent.objects.values_list("created_at", flat=True).get(pk=event_id)
    consents.give(payload, at=agreed_at)


@scheduled_job
def mark_abandoned() -> int:
    return detection.mark_abandoned()


@scheduled_job
def expire_carts() -> int:
    return detection.expire_abandoned()


@scheduled_job
def send_mails() -> int:
    """First who is to get mails, then the mails that are due."""
    stop_at = time.monotonic() + sending.run_seconds()
    while enrolment.enrol(now=timezone.now()) == enrolment.BATCH and time.monotonic() < stop_at:
        pass
    return sending.send_due()


@scheduled_job
def forget_shoppers() -> int:
    """Of carts older than PERSONAL_DATA_RETENTION_DAYS: first their names, then they, then what was about them."""
    before = cut_off()
    works = (
        carts.anonymise,
        carts.remove,
        retention.forget_enrolments,
        retention.forget_groups,
        retention.forget_consents,
        forget_identities,
    )
    return in_batches(*(functools.partial(work, before) for work in works))
