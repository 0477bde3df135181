"""Doing a thing once, however often it is asked for.

A call is known by its *scope*: API, caller, method, path and the caller's key. The same scope with another body is
refused; with the same body it gets the answer that was stored. Two ways of working:

`in_one_transaction`  for ordinary writes. The record and the work stand or fall together; a twin that comes at the
                      same moment waits at the unique index and then gets the first one's answer.
`claimed_first`       for work that has transactions of its own and calls others. The record is committed before the
                      work with a lease; a twin is told that the key is in use. What a crash left behind may be taken
                      over when the lease has run out. The answer is stored afterwards.

An answer is a number and a text; which answers are worth keeping is for the caller of this module to say.
Card numbers and security codes are left out of the fingerprint, so that no digest of them is stored either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.cards import has_card_number
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.models import IdempotencyRecord
from common.transactions import in_transaction

KEPT = timedelta(hours=24)
MAX_KEY_LENGTH = 255
SECRET_NAMES = frozenset({"card_number", "cvv"})


@dataclass(frozen=True)
class Call:
    """One repeatable call: where it stands (`scope`) and what it asks for (`fingerprint`)."""

    scope: str
    fingerprint: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: str


@dataclass(frozen=True)
class Outcome:
    """What the work came to. `keep` says where to store the answer: under which scope, or nowhere (None)."""

    answer: Answer
    keep: str | None


@dataclass(frozen=True)
class _Claim:
    id: int
    locked_until: datetime | None


Work = Callable[[], Outcome]


def check_key(key: str) -> None:
    """Raises DomainError(IDEMPOTENCY_KEY_INVALID) unless it is 1 to 255 printable ASCII characters, no card number
    among them: of that not even a digest is kept."""
    is_well_formed = 0 < len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()
    if not is_well_formed or has_card_number(key):
        raise DomainError(ErrorCode.IDEMPOTENCY_KEY_INVALID)


def scope_of(*, api: str, caller: str, method: str, path: str, key: str) -> str:
    return hashlib.sha256(json.dumps([api, caller, method, path, key]).encode()).hexdigest()


def fingerprint_of(body: Any) -> str:
    """The same for bodies that differ only in the order of names, in blanks, or in a card's number and code."""
    canonical = json.dumps(_without_secrets(body), sort_keys=True, separators=(",", ":"), default=_number)
    return salted_hmac("common.idempotency", canonical, algorithm="sha256").hexdigest()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(inner) for name, inner in value.items() if name not in SECRET_NAMES}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value


def _number(value: Any) -> list[str]:
    if not isinstance(value, Decimal):
        raise TypeError(f"A body cannot hold a {type(value).__name__}.")
    return ["number", str(value.normalize())]  # not the same as a text of these digits


def in_one_transaction(call: Call, work: Work) -> tuple[Answer, bool]:
    """The answer, and whether it is the stored one of an earlier call.

    Raises what `work` raises, with nothing stored and nothing done; DomainError(IDEMPOTENCY_KEY_REUSED,
    IDEMPOTENCY_KEY_IN_USE or BUSY).
    """

    @in_transaction
    def run() -> tuple[Answer, bool]:
        claim = _claim(call)
        if claim is None:
            return _stored(call), True
        outcome = work()
        _finish(claim, outcome)
        return outcome.answer, False

    return run()


def claimed_first(call: Call, work: Work) -> tuple[Answer, bool]:
    """The same for work that must not run inside a transaction. `work` must not raise; if it does, the claim is
    given up and the error goes on."""
    claim = in_transaction(_claim)(call, locked_until=_lease_end())
    if claim is None:
        return _stored(call), True
    crash_point("key claimed, nothing done")
    try:
        outcome = work()
    except BaseException:
        _own(claim).delete()
        raise
    crash_point("work done, its answer not kept")
    in_transaction(_finish)(claim, outcome)
    return outcome.answer, False


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.IDEMPOTENCY_LEASE_SECONDS)


@in_transaction
def keep(call: Call, answer: Answer) -> None:
    """Stores the answer of work that was rolled back, or that nobody could be asked to wait for. A twin's stays."""
    claim = _claim(call)
    if claim:
        _finish(claim, Outcome(answer, call.scope))


def _stored(call: Call) -> Answer:
    """Raises DomainError(IDEMPOTENCY_KEY_REUSED or IDEMPOTENCY_KEY_IN_USE)."""
    record = IdempotencyRecord.objects.filter(scope=call.scope).first()
    if record is None:  # given up this very moment
        raise DomainError(ErrorCode.IDEMPOTENCY_KEY_IN_USE)
    if record.fingerprint != call.fingerprint:
        raise DomainError(ErrorCode.IDEMPOTENCY_KEY_REUSED)
    if record.status is None:
        raise DomainError(ErrorCode.IDEMPOTENCY_KEY_IN_USE)
    return Answer(record.status, record.body)


def _finish(claim: _Claim, outcome: Outcome) -> None:
    if outcome.keep is None:
        _own(claim).delete()
        return
    answer = outcome.answer
    _own(claim).update(scope=outcome.keep, status=answer.status, body=answer.body, locked_until=None)


def _own(claim: _Claim) -> Any:
    """The record as long as nobody took it over: each claim has a lease of its own."""
    return IdempotencyRecord.objects.filter(pk=claim.id, locked_until=claim.locked_until)


_TABLE = IdempotencyRecord._meta.db_table
# One statement, so that of many twins exactly one gets the row: a new one, one that is too old to count, or one whose
# lease ran out in the middle of the same work. PostgreSQL and SQLite understand it alike.
_CLAIM = f"""
    INSERT INTO {_TABLE} (scope, fingerprint, status, body, created_at, locked_until)
    VALUES (%s, %s, NULL, '', %s, %s)
    ON CONFLICT (scope) DO UPDATE SET
        fingerprint = excluded.fingerprint, status = NULL, body = '',
        created_at = excluded.created_at, locked_until = excluded.locked_until
    WHERE {_TABLE}.created_at <= %s
       OR ({_TABLE}.status IS NULL AND {_TABLE}.locked_until <= %s AND {_TABLE}.fingerprint = excluded.fingerprint)
    RETURNING id
"""  # noqa: S608 - the table's name is ours


def _claim(call: Call, *, locked_until: datetime | None = None) -> _Claim | None:
    """None when an earlier call has the scope."""
    now = timezone.now()
    times = [connection.ops.adapt_datetimefield_value(time) for time in (now, locked_until, now - KEPT, now)]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [call.scope, call.fingerprint, *times])
        row = cursor.fetchone()
    return _Claim(row[0], locked_until) if row else None


def purge_expired(*, batch: int = 1000) -> int:
    """Removes what is too old to count, a batch at a time so that no lock is held long. Answers how many."""
    expired = IdempotencyRecord.objects.filter(created_at__lte=timezone.now() - KEPT)
    removed = 0
    while ids := list(expired.values_list("pk", flat=True)[:batch]):
        removed += IdempotencyRecord.objects.filter(pk__in=ids).delete()[0]
    return removed
