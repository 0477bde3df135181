"""How background work stands, for `/metrics`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.module_loading import import_string

from common.metrics import Gauge
from outbox.jobs import Job
from outbox.models import JobRun, OutboxEvent


def read() -> Iterator[Gauge]:
    now = timezone.now()
    yield from _events(now)
    yield from _jobs(now)


def _events(now: datetime) -> Iterator[Gauge]:
    waiting = OutboxEvent.objects.filter(done_at__isnull=True, failed_at__isnull=True, available_at__lte=now)
    found = waiting.order_by().aggregate(count=Count("pk"), oldest=Min("available_at"))
    failed = OutboxEvent.objects.filter(failed_at__isnull=False).count()
    yield Gauge("shop_outbox_backlog", "Events that are due and not handled yet", found["count"])
    yield Gauge("shop_outbox_age_seconds", "How long the oldest of them has been due", _age(found["oldest"], now))
    yield Gauge("shop_outbox_failed", "Events given up; they can be run again in the admin", failed)


def _jobs(now: datetime) -> Iterator[Gauge]:
    """A job that never succeeded has no age: its absence is what to alert on, as `/readyz` does."""
    schedule: Mapping[str, Job] = import_string(settings.SCHEDULED_JOBS)
    runs = dict(JobRun.objects.filter(succeeded_at__isnull=False).values_list("name", "succeeded_at"))
    for name, job in schedule.items():
        if job.task in runs:
            age = _age(runs[job.task], now)
            yield Gauge("shop_job_age_seconds", "Since the job last succeeded", age, {"job": name})
        yield Gauge("shop_job_every_seconds", "How often the job is started", job.every, {"job": name})


def _age(moment: datetime | None, now: datetime) -> float:
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0
