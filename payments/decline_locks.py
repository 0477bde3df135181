"""Counting declines so that nobody slips by: the locks that payments.declines explains, and counts under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from payments.models import DeclineMark

Counts = dict[str, int]  # subject -> its declines; without those that have none
_TABLE = DeclineMark._meta.db_table


def count_sharing(shared: Sequence[str], *, of: Sequence[str], since: datetime) -> Counts:
    """The declines since then, counted after sharing a lock of each `shared` subject with all who do the same.

    One round trip. A statement of its own for the locks, because one that waits for a lock counts what was there
    before it waited.
    """
    locking = _locking("pg_advisory_xact_lock_shared", _first_keys(shared)) if shared else ""
    return _counted(locking, of, since)


def count(subjects: Iterable[str], *, since: datetime) -> Counts:
    return _counted("", list(subjects), since)


def take_turns(subjects: Iterable[str]) -> None:
    """Until the transaction ends nobody else with one of the subjects takes a turn."""
    _lock(_second_keys(subjects))


def take_alone(subjects: Iterable[str]) -> None:
    """When everybody is through who shares a lock of one of the subjects; until the transaction ends nobody else is."""
    _lock(_first_keys(subjects))


def _counted(locking: str, subjects: Sequence[str], since: datetime) -> Counts:
    """The values stand in the text, digests and a time of ours: PostgreSQL takes no two statements with parameters."""
    if not subjects:
        return {}
    moment = connection.ops.adapt_datetimefield_value(since)
    values = ", ".join(f"'{subject}'" for subject in subjects)
    counting = (
        f"SELECT subject, COUNT(*) FROM {_TABLE} WHERE subject IN ({values}) AND at > '{moment}' GROUP BY subject"  # noqa: S608
    )
    with connection.cursor() as cursor:
        cursor.execute(locking + counting)
        if locking:
            cursor.nextset()
        return dict(cursor.fetchall())


def _lock(keys: Sequence[int]) -> None:
    locking = _locking("pg_advisory_xact_lock", keys)
    if locking:
        with connection.cursor() as cursor:
            cursor.execute(locking)


def _locking(function: str, keys: Sequence[int]) -> str:
    """In one order of keys everywhere, so that nobody waits in a circle. Nothing on SQLite."""
    if connection.vendor != "postgresql" or not keys:
        return ""
    return f"SELECT {', '.join(f'{function}({key})' for key in keys)}; "


def _first_keys(subjects: Iterable[str]) -> list[int]:
    return sorted(_number(subject[:16]) for subject in subjects)


def _second_keys(subjects: Iterable[str]) -> list[int]:
    return sorted(_number(subject[16:32]) for subject in subjects)


def _number(digits: str) -> int:
    """64 bits of a digest as PostgreSQL's bigint."""
    return int.from_bytes(bytes.fromhex(digits), signed=True)
