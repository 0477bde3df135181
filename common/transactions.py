"""One way to change the database: a short transaction that answers "busy" rather than hang."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from common.counters import BUSY
from common.errors import DomainError, ErrorCode

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 2
# PostgreSQL: lock_not_available, deadlock_detected, serialization_failure.
_BUSY_SQLSTATES = {"55P03", "40P01", "40001"}


def is_busy(error: OperationalError) -> bool:
    """A lock that could not be had in time, on either database; anything else is a fault."""
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) in _BUSY_SQLSTATES or "locked" in str(error)


def holds_a_transaction() -> bool:
    """Whether what is written now may still be taken back; the one that a test lives in is none."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def in_transaction(function: Callable[P, R]) -> Callable[P, R]:
    """Runs the function in one transaction, a second time when a lock could not be had.

    Raises DomainError(BUSY) after the second time. Inside another transaction there is no second
    time: the outer one is spoilt and its owner decides. What a refusal leaves to be done afterwards is done when the
    outermost one is rolled back, and never where somebody within it makes good for the refusal.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        is_owner = not connection.in_atomic_block
        tries = TRIES if is_owner else 1
        while True:
            tries -= 1
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except OperationalError as error:
                if not is_busy(error):
                    raise
                _count(is_owner, tries)
                if not tries:
                    raise DomainError(ErrorCode.BUSY) from error
            except DomainError as error:
                # An inner one was busy: this is the owner, and it decides to try the whole again.
                if error.code is not ErrorCode.BUSY:
                    _do_afterwards(error)
                    raise
                _count(is_owner, tries)
                if not tries:
                    raise

    return run


def _do_afterwards(error: DomainError) -> None:
    if error.afterwards is not None and not holds_a_transaction():
        afterwards, error.afterwards = error.afterwards, None
        afterwards()


def _count(is_owner: bool, tries_left: int) -> None:
    if is_owner:
        BUSY.labels("tried_again" if tries_left else "answered").inc()
