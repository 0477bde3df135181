"""Background doors of analytics."""

from __future__ import annotations

from analytics import checking, counting
from outbox.jobs import scheduled_job


@scheduled_job
def count_closed_days() -> int:
    return counting.count_closed_days()


@scheduled_job
def check_counted_days() -> int:
    return counting.check_counted_days()


@scheduled_job
def check_kept_figures() -> int:
    return checking.check_kept_figures()


@scheduled_job
def check_recovery_figures() -> int:
    return checking.check_recovery_figures()
