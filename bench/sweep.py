"""The sweep that finds abandoned carts beside the bare UPDATE of the same rows, among few other carts and among many.

In turn, round by round, in one database: whatever else the machine does meets both.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.calls import VARIANT
from bench.swept import DUE, HERE, SweepResult, SweepRound
from carts.models import Cart
from carts.states import CartStatus
from demo import catalog
from recovery import detection


class SweepFailed(Exception):
    """It moved other carts than those that were due."""


def measure(carts: int, *, every: int, rounds: int) -> SweepResult:
    """The due ones are the last, one in `every`. Needs a database of its own on PostgreSQL. Raises SweepFailed."""
    call_command("migrate", interactive=False, verbosity=0)
    catalog.load()
    where = {"every": every, "before": carts - DUE * every}
    make_shop(carts, where)
    _vacuum()
    plan = _plan()
    found = [_round(where, is_bare_first=bool(number % 2)) for number in range(rounds)]
    connection.close()
    return SweepResult(carts, every, found, plan)


def _round(where: dict[str, int], *, is_bare_first: bool) -> SweepRound:
    ways: dict[str, Callable[[], int]] = {"sweep": detection.mark_abandoned, "bare": _bare}
    seconds = {}
    for name in sorted(ways, reverse=not is_bare_first):
        _make_due(where)
        _vacuum()
        before = Cart.objects.filter(status=CartStatus.ABANDONED).count()
        began = time.perf_counter()
        moved = ways[name]()
        seconds[name] = time.perf_counter() - began
        if moved != DUE or Cart.objects.filter(status=CartStatus.ABANDONED).count() != before + DUE:
            raise SweepFailed(f"{name} moved {moved} carts of {DUE}")
    return SweepRound(seconds["sweep"], seconds["bare"])


def make_shop(carts: int, where: dict[str, int]) -> None:
    """`where`: the due ones are one in `every` of those behind the first `before`. Needs the demo's goods."""
    _run("sweep_shop", carts=carts, variant=VARIANT, **where)
    _make_due(where)


def _make_due(where: dict[str, int]) -> None:
    _run("sweep_due", idle=settings.ABANDON_AFTER_SECONDS, **where)


def _bare() -> int:
    return _run("sweep_bare", idle=settings.ABANDON_AFTER_SECONDS)


def _run(name: str, **values: int) -> int:
    with connection.cursor() as cursor:
        for statement in (HERE / f"{name}.sql").read_text().split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        return int(cursor.rowcount)


def _vacuum() -> None:
    """So that neither pays for what the other left behind."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _plan() -> str:
    """Of the statement that takes a batch, run for real."""
    with CaptureQueriesContext(connection) as caught:
        detection.mark_abandoned()
    taken = next(query["sql"] for query in caught.captured_queries if "SKIP LOCKED" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (COSTS OFF) " + taken.replace("%", "%%"), [])
        return "\n".join(line for (line,) in cursor.fetchall())
