"""`manage.py worker`: carries background work; without Redis it carries the schedule too."""

from __future__ import annotations

import warnings
from typing import Any

from celery.beat import EmbeddedService, Scheduler
from django.conf import settings
from django.core.management.base import BaseCommand

from checkout_project.celery import app

THREADS = 4


class Command(BaseCommand):
    help = "Delivers recorded events and runs scheduled jobs (four threads)."

    def handle(self, *args: Any, **options: Any) -> None:
        # About root in a container: messages here are JSON, never pickle.
        warnings.filterwarnings("ignore", message="You're running the worker with superuser")
        worker = app.Worker(
            pool="threads",
            concurrency=THREADS,
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=not settings.REDIS_URL,
        )
        # Without Redis the messages live in this process, so the clock must live here as well.
        clock: Any = None if settings.REDIS_URL else EmbeddedService(app, thread=True, scheduler_cls=Scheduler)
        if clock:
            clock.start()
        worker.start()  # returns after SIGTERM or SIGINT, when the tasks at hand are finished
        if clock:
            clock.stop()
        raise SystemExit(worker.exitcode or 0)
