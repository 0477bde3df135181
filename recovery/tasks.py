"""Background doors of recovery."""

from __future__ import annotations

from django.utils import timezone

from outbox.jobs import scheduled_job
from recovery import detection, enrolment, sending


@scheduled_job
def mark_abandoned() -> int:
    return detection.mark_abandoned()


@scheduled_job
def expire_carts() -> int:
    return detection.expire_abandoned()


@scheduled_job
def send_mails() -> int:
    """First who is to get mails, then the mails that are due."""
    while enrolment.enrol(now=timezone.now()) == enrolment.BATCH:
        pass
    return sending.send_due()
