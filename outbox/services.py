"""Writing facts down, and asking for failed ones to be tried again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from common import rows
from outbox.kick import wake_the_worker
from outbox.models import OutboxEvent

KEPT = timedelta(days=30)  # done events: long enough to see what was told when


def record(name: str, payload: Mapping[str, Any], key: str | None = None) -> None:
    """Writes one event in the caller's transaction, with one query. The same key again changes nothing.

    `payload` is plain JSON, by convention ids rather than copies. Raises TransactionManagementError
    outside a transaction: there a crash could keep the fact and lose the event, or the reverse.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(f"The event {name} must be recorded in the transaction that causes it.")
    rows.insert_if_new(OutboxEvent(name=name, payload=dict(payload), key=key))
    if settings.OUTBOX_KICKS_WORKER:
        transaction.on_commit(wake_the_worker, robust=True)


def run_again(event_ids: Iterable[int]) -> int:
    """Makes failed events due now, with all their attempts before them, and those that wait for their next attempt.
    Answers how many there were; one that is due, is being handled or is done stays as it is."""
    now = timezone.now()
    events = OutboxEvent.objects.filter(pk__in=list(event_ids), done_at__isnull=True)
    waiting = events.filter(failed_at__isnull=True, available_at__gt=now)
    hurried = waiting.filter(Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)).update(available_at=now)
    revived = events.filter(failed_at__isnull=False).update(
        failed_at=None, attempts=0, claimed_until=None, available_at=now
    )
    return hurried + revived


def purge_done(*, batch: int = 1000) -> int:
    """Removes events done longer ago than KEPT, a batch at a time so that no lock is held long. Answers how many."""
    old = OutboxEvent.objects.filter(done_at__lte=timezone.now() - KEPT)
    removed = 0
    while ids := list(old.values_list("pk", flat=True)[:batch]):
        removed += OutboxEvent.objects.filter(pk__in=ids).delete()[0]
    return removed
