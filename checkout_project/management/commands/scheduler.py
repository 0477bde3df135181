"""`manage.py scheduler`: starts scheduled jobs through Redis; run one of it."""

from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from checkout_project.celery import app


class Command(BaseCommand):
    help = "Starts scheduled jobs in time. Without Redis the worker does that and this process only waits."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REDIS_URL:
            signal.sigwait({signal.SIGTERM, signal.SIGINT})
            return
        app.Beat(loglevel="WARNING", quiet=True, scheduler=app.conf.beat_scheduler).run()
