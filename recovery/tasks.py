"""Background doors of recovery."""

from __future__ import annotations

from outbox.jobs import scheduled_job
from recovery import detection


@scheduled_job
def mark_abandoned() -> int:
    return detection.mark_abandoned()


@scheduled_job
def expire_carts() -> int:
    return detection.expire_abandoned()
