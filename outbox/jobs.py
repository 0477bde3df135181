"""Scheduled jobs: each run is written down, and one job never runs twice at the same time."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from common.cards import without_card_numbers
from common.errors import DomainError, ErrorCode
from outbox.kick import DRAIN
from outbox.models import JobRun, OutboxEvent
from outbox.services import record

RUN_WANTED = "job.wanted"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One line of the schedule: the Celery task's name, what it does in a few words that staff read, and every how many
    seconds it is started."""

    task: str
    does: str
    every: float


def scheduled_job(function: Callable[[], object]) -> Any:
    """Makes a Celery task, named `module.function`, that records its runs under that name as a JobRun.

    A run that finds another one going on does nothing and answers None.
    """
    name = f"{function.__module__}.{function.__name__}"

    @functools.wraps(function)
    def run() -> object:
        return run_recorded(name, function)

    return shared_task(name=name, ignore_result=True)(run)


def run_recorded(name: str, function: Callable[[], object]) -> object:
    """Runs `function` as the job `name` unless it is running already; an error is recorded and raised."""
    started_at = _start(name)
    if started_at is None:
        logger.info("%s is still running: not started again", name)
        return None
    try:
        result = function()
    except Exception as error:
        _finish(name, started_at, error=without_card_numbers(f"{type(error).__name__}: {error}")[:600])
        raise
    _finish(name, started_at, error="")
    return result


def has_run_wanted(task: str) -> bool:
    """Whether somebody wanted it run and no worker has taken that up yet."""
    waiting = OutboxEvent.objects.filter(done_at__isnull=True, failed_at__isnull=True, name=RUN_WANTED)
    return waiting.filter(payload__task=task).exists()


def want_run(task: str, *, wish: str) -> bool:
    """Has a scheduled job run by a worker as soon as one can. False where that is wanted already, by this wish or
    another; the job's row is locked until the transaction ends. Raises DomainError(INVALID_VALUE) where there is no
    such job."""
    if task not in {job.task for job in schedule().values()} - {DRAIN}:
        raise DomainError(ErrorCode.INVALID_VALUE, reason="There is no such job.")
    JobRun.objects.bulk_create([JobRun(name=task)], ignore_conflicts=True)
    JobRun.objects.select_for_update(no_key=True).get(name=task)
    key = f"job:{wish}"
    if has_run_wanted(task) or OutboxEvent.objects.filter(key=key).exists():
        return False
    record(RUN_WANTED, {"task": task}, key=key)
    return True


def run_wanted(task: str) -> None:
    """By the worker. How it went is on the job's own record, and it is not tried again: its next turn is."""
    if task not in {job.task for job in schedule().values()}:
        return
    try:
        current_app.tasks[task]()
    except Exception:
        logger.exception("%s failed, run because staff wanted it", task)


def schedule() -> Mapping[str, Job]:
    jobs: Mapping[str, Job] = import_string(settings.SCHEDULED_JOBS)
    return jobs


def heartbeat(name: str) -> None:
    """Records a run that needs no lease: it may overlap, and its start and end are one moment."""
    now = timezone.now()
    beat = JobRun(name=name, started_at=now, finished_at=now, succeeded_at=now)
    fields = ["started_at", "finished_at", "succeeded_at"]
    JobRun.objects.bulk_create([beat], update_conflicts=True, unique_fields=["name"], update_fields=fields)


def forget_runs(before: datetime) -> int:
    """Of jobs that ran last before then: nobody schedules them any more. How many."""
    return JobRun.objects.filter(finished_at__lte=before).delete()[0]


def _start(name: str) -> datetime | None:
    now = timezone.now()
    JobRun.objects.bulk_create([JobRun(name=name)], ignore_conflicts=True)
    free = JobRun.objects.filter(Q(leased_until__isnull=True) | Q(leased_until__lte=now), name=name)
    lease = now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    return now if free.update(started_at=now, leased_until=lease) else None


def _finish(name: str, started_at: datetime, *, error: str) -> None:
    now = timezone.now()
    values: dict[str, Any] = {"finished_at": now, "leased_until": None, "error": error}
    if not error:
        values["succeeded_at"] = now
    JobRun.objects.filter(name=name, started_at=started_at).update(**values)
