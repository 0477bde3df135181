"""Handing recorded events to their handlers: claimed with a lease, done at least once, marked done once.

A handler is a Celery task `task(event_id: int, payload: dict)` that may run twice and must then do
its work once. It runs here, inside the worker's own task, so an event is done only when its
handlers have really finished: a queue or a worker that dies loses nothing, the lease runs out.
A text that it returns is kept as the event's outcome.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from common.cards import without_card_numbers
from common.crash import crash_point
from outbox.models import OutboxEvent

logger = logging.getLogger(__name__)

CLAIM_SIZE = 5  # few: a slow handler holds back at most these
DRAIN_SECONDS = 5.0  # then other jobs of the worker get their turn
FIRST_DELAY_SECONDS = 2
LONGEST_DELAY_SECONDS = 3600
LONGEST_ERROR = 2000
LONGEST_OUTCOME = 200
_ADDRESS = re.compile(r"[^\s<>'\"(){},]+@[^\s<>'\"(){},]+")

Handlers = Mapping[str, tuple[str, ...]]


def due(now: datetime) -> QuerySet[OutboxEvent]:
    """Open events whose time has come and that nobody holds."""
    open_events = OutboxEvent.objects.filter(done_at__isnull=True, failed_at__isnull=True, available_at__lte=now)
    return open_events.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now))


def claim(limit: int = CLAIM_SIZE) -> list[OutboxEvent]:
    """Takes up to `limit` due events for OUTBOX_LEASE_SECONDS; no two claims ever hold the same one."""
    now = timezone.now()
    if not due(now).exists():  # a plain read: an idle worker must not take SQLite's write lock
        return []
    until = now + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    with transaction.atomic():
        # PostgreSQL: rows others are claiming are skipped. SQLite ignores it: its transaction is exclusive.
        events = list(due(now).select_for_update(skip_locked=True).order_by("available_at", "id")[:limit])
        ids = [event.pk for event in events]
        OutboxEvent.objects.filter(pk__in=ids).update(claimed_until=until, attempts=F("attempts") + 1)
    for event in events:
        event.attempts, event.claimed_until = event.attempts + 1, until
    crash_point("events claimed, none handled")
    return events


def deliver(event: OutboxEvent) -> bool:
    """Runs the handlers of a claimed event and writes down how it went. Answers whether it is done."""
    if event.attempts > settings.OUTBOX_MAX_ATTEMPTS:  # its worker died every time
        return _give_up(event, event.last_error or "The worker died while handling this event.")
    handlers: Handlers = import_string(settings.OUTBOX_HANDLERS)
    try:
        said = [current_app.tasks[task_name](event.pk, event.payload) for task_name in handlers.get(event.name, ())]
    except Exception as error:
        logger.warning("%s failed (attempt %s)", event, event.attempts, exc_info=True)
        return _try_later(event, _said_by(error))
    crash_point("event handled, not marked")
    outcome = ", ".join(word for word in said if word and isinstance(word, str))[:LONGEST_OUTCOME]
    return bool(_held(event).update(done_at=timezone.now(), claimed_until=None, last_error="", outcome=outcome))


def drain() -> int:
    """Delivers what is due until nothing is left or DRAIN_SECONDS have passed. Answers how many were done."""
    stop_at = time.monotonic() + DRAIN_SECONDS
    done = 0
    while time.monotonic() < stop_at:
        events = claim()
        if not events:
            break
        for index, event in enumerate(events):
            if time.monotonic() >= stop_at:
                _give_back(events[index:])
                break
            done += deliver(event)
    return done


def _said_by(error: Exception) -> str:
    """For the merchant's eyes: a mail server's refusal names the recipient, and others repeat what they were given."""
    return without_card_numbers(_ADDRESS.sub("<address>", f"{type(error).__name__}: {error}"))[:LONGEST_ERROR]


def _held(event: OutboxEvent) -> QuerySet[OutboxEvent]:
    """The event as long as this claim is the latest one."""
    return OutboxEvent.objects.filter(pk=event.pk, attempts=event.attempts, done_at=None, failed_at=None)


def _try_later(event: OutboxEvent, error: str) -> bool:
    if event.attempts >= settings.OUTBOX_MAX_ATTEMPTS:
        return _give_up(event, error)
    seconds = min(FIRST_DELAY_SECONDS * 2 ** (event.attempts - 1), LONGEST_DELAY_SECONDS)
    available_at = timezone.now() + timedelta(seconds=seconds)
    _held(event).update(available_at=available_at, claimed_until=None, last_error=error)
    return False


def _give_up(event: OutboxEvent, error: str) -> bool:
    _held(event).update(failed_at=timezone.now(), claimed_until=None, last_error=error)
    logger.error("%s failed for good after %s attempts; it can be run again in the admin", event, event.attempts)
    return False


def _give_back(events: list[OutboxEvent]) -> None:
    for event in events:
        _held(event).update(claimed_until=None, attempts=F("attempts") - 1)
