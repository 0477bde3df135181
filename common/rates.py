"""At most N in any stretch of time, counted once for all processes in the database they share.

Each admitted request is a row that counts for the length of the window, so the limit is exact at every moment and not
only between full minutes. Refused ones are not counted: who waits as long as they are told is let in.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.models import RateHit
from common.transactions import in_transaction

Rate = tuple[int, int]  # how many, in how many seconds


def admit(name: str, who: str, rate: Rate) -> float:
    """Counts one request of `who` against the limit `name`: 0.0, or the seconds until there is room, uncounted.

    Raises DomainError(BUSY).
    """
    subject = salted_hmac("common.rates", f"{name}:{who}", algorithm="sha256").hexdigest()
    # A look before the lock: a flood of refused requests writes nothing and keeps nobody waiting.
    return _wait(subject, rate) or _count(subject, rate)


@in_transaction
def _count(subject: str, rate: Rate) -> float:
    _one_at_a_time(subject)
    wait = _wait(subject, rate)
    if not wait:
        RateHit.objects.create(subject=subject, counts_until=timezone.now() + timedelta(seconds=rate[1]))
    return wait


def _wait(subject: str, rate: Rate) -> float:
    """Until the request that fills the last place no longer counts."""
    now = timezone.now()
    counting = RateHit.objects.filter(subject=subject, counts_until__gt=now).order_by("-counts_until")
    last_place = counting.values_list("counts_until", flat=True)[rate[0] - 1 : rate[0]]
    return max(((until - now).total_seconds() for until in last_place), default=0.0)


def _one_at_a_time(subject: str) -> None:
    """SQLite's transactions take turns by themselves; PostgreSQL's do for the same subject, until they end."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject])


def purge(*, batch: int = 1000) -> int:
    """Removes what no longer counts, a batch at a time so that no lock is held long. Answers how many."""
    done = RateHit.objects.filter(counts_until__lte=timezone.now())
    removed = 0
    while ids := list(done.values_list("pk", flat=True)[:batch]):
        removed += RateHit.objects.filter(pk__in=ids).delete()[0]
    return removed
