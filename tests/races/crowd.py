"""Many at once: threads with a database connection each, let go at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from common.errors import DomainError

PATIENCE = 60.0  # seconds until a start is called stuck


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work(0) ... work(count - 1)` answered, run at the same moment; a refusal is an answer, too."""
    barrier = Barrier(count)

    def one(number: int) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(PATIENCE)
            return work(number)
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def tally(answers: list[Any]) -> dict[Any, int]:
    """{refusal's code, or "done": how many}"""
    return dict(Counter(answer if isinstance(answer, str) else "done" for answer in answers))


def is_postgres() -> bool:
    return connection.vendor == "postgresql"
