"""The sweep's figures as a part of the page."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from bench import commit
from bench.figures import median_of
from bench.swept import DUE, HERE, SweepResult, SweepRound

BEGINS = "# What finding abandoned carts costs"
AIM = 3


def section(results: Sequence[SweepResult], circumstances: str) -> str:
    heads = ["carts", "due", "where they lie", "the sweep", "bare `UPDATE`", "**ratio**", "ratios round by round"]
    rows = [heads, ["---"] * len(heads), *map(_row, results)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    aim = (
        f"Aim: at most {AIM} times the bare statement, and no more among many carts than among few. The sweep takes a "
        "thousand carts at a time, each batch in a transaction of its own, skipping what others hold; leaves out carts "
        "with money on its way; counts what each was worth; and notes which days' figures change. Medians of the "
        "rounds, in turn; before each the same carts are made due again and the tables vacuumed. A shop's due carts "
        "are its newest, at the end of the table; scattered through it, either statement has more pages to write."
    )
    bare = (HERE / "sweep_bare.sql").read_text().strip()
    ends = f"The bare statement:\n\n```sql\n{bare}\n```\n\nHow a batch is found among {results[-1].carts:,} carts:"
    return f"{BEGINS}\n\n{circumstances}\n\n{table}\n\n{aim}\n\n{ends}\n\n```\n{results[-1].plan}\n```\n"


def circumstances(on: str, rounds: int) -> str:
    lines = [
        f"- commit: {commit.now()}",
        f"- date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        '- command: `make bench ARGS="--only sweep --write"`',
        f"- machine: {os.cpu_count()} cores; other work on it: {os.getloadavg()[2]:.1f} processes on average meanwhile",
        f"- on: {on}, {rounds} rounds",
    ]
    return "\n".join(lines)


def _row(result: SweepResult) -> list[str]:
    sweep = median_of(each.sweep_seconds for each in result.rounds)
    bare = median_of(each.bare_seconds for each in result.rounds)
    ratio = median_of(each.ratio for each in result.rounds)
    each_round = ", ".join(f"{each.ratio:.1f}" for each in result.rounds)
    where = "the newest" if result.every == 1 else f"one in {result.every}"
    return [f"{result.carts:,}", f"{DUE:,}", where, f"{sweep:.2f} s", f"{bare:.2f} s", f"**{ratio:.1f}**", each_round]


def put_in(page: str, text: str) -> str:
    """The page with this part in the place of an earlier one, at its end."""
    return page.partition(BEGINS)[0].rstrip() + "\n\n" + text


def keep_from(earlier: str, page: str) -> str:
    """A new page with this part of the earlier one at its end."""
    _, begins, rest = earlier.partition(BEGINS)
    return put_in(page, begins + rest) if begins else page


def read(text: str) -> SweepResult:
    """What a run of one size printed last."""
    told = json.loads(text.strip().splitlines()[-1])
    return SweepResult(told["carts"], told["every"], [SweepRound(**each) for each in told["rounds"]], told["plan"])
