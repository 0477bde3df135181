"""The figures as a page."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime

from bench import commit, placement
from bench.calls import JOURNEY
from bench.figures import Round, all_milliseconds, median_of, percentile
from bench.instance import ROOT
from bench.run import Plan, Result

AIM = 10
TOWARDS = 6


def page(result: Result, plan: Plan, *, on: str, left_out: str, durability: str, command: str) -> str:
    parts = [
        "# What a purchase costs",
        _circumstances(plan, on, left_out, durability, command),
        _summary(result),
        _calls(result.rounds),
        _round_by_round(result.rounds),
        _yardsticks(),
    ]
    return "\n\n".join(parts) + "\n"


def _circumstances(plan: Plan, on: str, left_out: str, durability: str, command: str) -> str:
    lines = [
        f"- commit: {commit.now()}",
        f"- date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"- command: `{command}`",
        f"- machine: {os.cpu_count()} cores, shared by server, database, worker and client",
        f"- other work on the machine: {plan.busy_before:.1f} processes on average in the minute before the start",
        f"- on: {on}" + (f" ({durability})" if durability else ""),
        f"- load: {plan.clients} shoppers at once, {plan.rounds} rounds of {plan.seconds:g} s journeys and"
        f" {plan.seconds / 2:g} s of each yardstick; medians of the rounds",
    ]
    return "\n".join([*lines, f"- left out: {left_out}"] if left_out else lines)


def _summary(result: Result) -> str:
    rounds = result.rounds
    rows = [
        ("journeys a second (8 calls each)", _number(each.journeys.rate for each in rounds)),
        ("web server's CPU a journey", _ms(each.journeys.web_cpu_each for each in rounds)),
        ("worker's CPU a journey (the confirmation mail)", _ms(each.journeys.worker_cpu_each for each in rounds)),
        ("database sessions' CPU a journey", _ms(each.database_cpu_each for each in rounds)),
        ("eight empty views: passes a second", _number(each.empties.rate for each in rounds)),
        ("eight empty views: web server's CPU", _ms(each.empties.web_cpu_each for each in rounds)),
        ("**journey / eight empty views, time**", f"**{_number(each.time_ratio for each in rounds)}**"),
        ("**journey / eight empty views, CPU**", f"**{_number(each.cpu_ratio for each in rounds)}**"),
        ("bare SQL placements a second (pgbench)", _number(each.placements for each in rounds)),
        ("bare SQL placements in the time of a journey", _number(each.sql_ratio for each in rounds)),
    ]
    table = _table(("figure", "median"), rows)
    aim = f"Aim: a journey costs at most {AIM} times the eight empty views, towards {TOWARDS}."
    books = (
        f"After the load {result.journeys} journeys had left as many accepted orders, each with one captured payment,"
    )
    return f"{table}\n\n{aim}\n\n{books} and the stock had fallen by as many pieces."


def _calls(rounds: list[Round]) -> str:
    rows = []
    for name, method, path, *_ in JOURNEY:
        times = all_milliseconds(rounds, name)
        rows.append((f"{method} {path}", f"{percentile(times, 50):.1f}", f"{percentile(times, 95):.1f}"))
    return "## Each call under this load\n\n" + _table(("call", "p50 ms", "p95 ms"), rows)


def _round_by_round(rounds: list[Round]) -> str:
    rows = [
        (
            str(number),
            f"{each.journeys.rate:.1f}",
            f"{each.empties.rate:.1f}",
            _number([each.placements]),
            f"{each.time_ratio:.1f}",
            f"{each.cpu_ratio:.1f}",
        )
        for number, each in enumerate(rounds, 1)
    ]
    heads = ("round", "journeys/s", "empty passes/s", "placements/s", "time ratio", "CPU ratio")
    return "## Round by round\n\n" + _table(heads, rows)


def _yardsticks() -> str:
    view = (ROOT / "bench" / "empty.py").read_text().strip()
    script = placement.SCRIPT.read_text().strip()
    return (
        "## The yardsticks\n\nThe empty view, behind the shop's own middleware in the same granian (one GET and seven"
        f" POST with a small body make a pass):\n\n```python\n{view}\n```\n\nThe bare placement, for pgbench:\n\n"
        f"```sql\n{script}\n```"
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(values: Iterable[float | None]) -> str:
    middle = median_of(values)
    return "not measured" if middle is None else f"{middle:.1f}"


def _ms(values: Iterable[float | None]) -> str:
    """Seconds as milliseconds."""
    middle = median_of(values)
    return "not measured" if middle is None else f"{middle * 1000:.1f} ms"
