"""How long what is known of a person is kept, and removing it without keeping anybody waiting.

Each app removes its own rows (`<app>/retention.py`), in batches that hold their locks for a moment. Rows that somebody
else holds are left for the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

BATCH = 1000
RUN_SECONDS = 50.0  # then other jobs of the worker get their turn; the next run goes on


def cut_off() -> datetime:
    """What was last touched before this moment is to be forgotten."""
    return timezone.now() - timedelta(days=settings.PERSONAL_DATA_RETENTION_DAYS)


def in_batches(*works: Callable[[], int], seconds: float = RUN_SECONDS) -> int:
    """Each work in turn, batch after batch, until it finds nothing more or the time is over. How many rows in all."""
    stop_at = time.monotonic() + seconds
    done = 0
    for work in works:
        while time.monotonic() < stop_at and (batch := work()):
            done += batch
    return done
