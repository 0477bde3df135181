"""Background doors of the outbox."""

from __future__ import annotations

import threading
import time
from typing import Any

from celery import shared_task

from common.retention import cut_off
from outbox import delivery, jobs, services
from outbox.kick import DRAIN

HEARTBEAT_SECONDS = 5.0  # a drain is started several times a second; one note now and then says it lives
_beat_lock = threading.Lock()
_next_beat = 0.0


@shared_task(name=DRAIN, ignore_result=True)
def drain() -> None:
    """Delivers what is due. Any number may run side by side."""
    _note_that_we_live()
    delivery.drain()


def _note_that_we_live() -> None:
    global _next_beat
    with _beat_lock:
        if time.monotonic() < _next_beat:
            return
        _next_beat = time.monotonic() + HEARTBEAT_SECONDS
    jobs.heartbeat(DRAIN)


@shared_task(name="outbox.tasks.run_job", ignore_result=True)
def run_job(event_id: int, payload: dict[str, Any]) -> None:  # noqa: ARG001 - as every handler
    """Of a `job.wanted` event."""
    jobs.run_wanted(payload["task"])


@jobs.scheduled_job
def purge_done_events() -> int:
    jobs.forget_runs(cut_off())
    return services.purge_done()
