"""What `/readyz` asks of background work: does the queue answer, has every scheduled job run lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import redis
from django.conf import settings
from django.utils import timezone

from outbox.jobs import Job, schedule
from outbox.kick import DRAIN
from outbox.models import JobRun

GRACE_SECONDS = 30  # beside three missed turns: a worker that starts, a machine that sleeps


class NotReady(Exception):  # noqa: N818 (a finding, with its details as the argument)
    """Carries the details to show as its only argument."""


def queue() -> dict[str, Any]:
    """Raises NotReady when no worker drains the outbox, redis.RedisError when the server is silent."""
    if settings.REDIS_URL:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
        with client:
            client.ping()
    run = JobRun.objects.filter(name=DRAIN).first()
    if run is None or run.succeeded_at is None or run.succeeded_at < timezone.now() - timedelta(seconds=GRACE_SECONDS):
        raise NotReady({"last_drain": run and run.succeeded_at})
    return {"last_drain": run.succeeded_at}


def jobs() -> dict[str, Any]:
    """Every scheduled job with its last success. Raises NotReady when one is overdue."""
    runs = {run.name: run for run in JobRun.objects.all()}
    report = {name: _job(job, runs.get(job.task)) for name, job in schedule().items()}
    if any(job["overdue"] for job in report.values()):
        raise NotReady(report)
    return report


def overdue_jobs() -> list[str]:
    """The names of scheduled jobs that have not succeeded for three turns and some seconds. One query."""
    runs = {run.name: run for run in JobRun.objects.all()}
    return [name for name, job in schedule().items() if _job(job, runs.get(job.task))["overdue"]]


def _job(job: Job, run: JobRun | None) -> dict[str, Any]:
    longest = timedelta(seconds=3 * job.every + GRACE_SECONDS)
    succeeded = run.succeeded_at if run else None
    return {
        "last_start": run.started_at if run else None,
        "last_success": succeeded,
        "last_run_failed": bool(run and run.error),
        "overdue": succeeded is None or succeeded < timezone.now() - longest,
    }
