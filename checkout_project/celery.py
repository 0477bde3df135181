"""The Celery application: who carries background work, and when scheduled work is started.

With REDIS_URL the messages go through Redis; without it they never leave the one worker process.
Either way a message is only a hint: what must not be lost is a row of the outbox.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "checkout_project.settings")

from celery import Celery
from django.conf import settings

from checkout_project.schedule import JOBS

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def _beat_entry(task: str, every: float) -> dict[str, Any]:
    """Due at once when the scheduler starts; a message nobody took before the next one is dropped."""
    return {"task": task, "schedule": every, "last_run_at": LONG_AGO, "options": {"expires": max(every, 1.0)}}


def _queue_name() -> str:
    """Shops that share one Redis server do not take each other's messages."""
    shop = settings.DATABASE_URL or str(settings.DATA_DIR)
    return "shop-" + hashlib.sha256(shop.encode()).hexdigest()[:12]


def _broker() -> dict[str, Any]:
    if settings.REDIS_URL:
        options = {"socket_connect_timeout": 2, "socket_keepalive": True, "health_check_interval": 30}
        return {"broker_url": settings.REDIS_URL, "broker_transport_options": options}
    return {"broker_url": "memory://localhost/", "broker_transport_options": {"polling_interval": 0.1}}


app = Celery("checkout_project", set_as_current=True)
app.set_default()  # threads of the web server see this application too
app.conf.update(
    **_broker(),
    task_default_queue=_queue_name(),
    task_ignore_result=True,
    timezone="UTC",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    beat_scheduler="celery.beat:Scheduler",  # keeps nothing on disk: when a job last ran is in JobRun
    beat_schedule={name: _beat_entry(job.task, job.every) for name, job in JOBS.items()},
)
