"""What the merchant's pages cost, as a page. Known without a shop's settings."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import commit
from bench.figures import median_of

AIM = 1.5


@dataclass(frozen=True)
class PageResult:
    name: str
    queries: int
    seconds: list[float]  # round by round

    @property
    def milliseconds(self) -> float:
        return (median_of(self.seconds) or 0.0) * 1000


@dataclass(frozen=True)
class Paged:
    """A shop of so many carts and as many orders."""

    rows: int
    seed_seconds: float
    pages: list[PageResult]


def read(rows: int, seed_seconds: float, texts: Sequence[str]) -> Paged:
    """What each round printed, together."""
    rounds = [[PageResult(**each) for each in json.loads(text)] for text in texts]
    together = [
        PageResult(pages[0].name, pages[-1].queries, [second for page in pages for second in page.seconds])
        for pages in zip(*rounds, strict=True)
    ]
    return Paged(rows, seed_seconds, together)


def page(few: Paged, many: Paged, *, on: str, rounds: int) -> str:
    by_name = {each.name: each for each in few.pages}
    pairs = [(by_name[each.name], each) for each in many.pages if each.name in by_name]
    heads = [
        "page",
        f"ms at {few.rows:,}",
        f"ms at {many.rows:,}",
        "**ratio**",
        f"queries at {few.rows:,}",
        f"at {many.rows:,}",
    ]
    rows = [heads, ["---"] * len(heads), *(_row(*pair) for pair in pairs)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    over = [small.name for small, large in pairs if _ratio(small, large) > AIM]
    summary = f"{len(pairs) - len(over)} of {len(pairs)} pages within the aim. Over it: {', '.join(over) or 'none'}."
    parts = ("# What the merchant's pages cost", _circumstances(few, many, on, rounds), _aim(), table, summary)
    return "\n\n".join(parts) + "\n"


def _aim() -> str:
    return (
        f"Aim: among a hundred times as many rows a page takes at most {AIM} times as long, with the same number of "
        "queries. Each page is asked for in the process that measures, without a network: figures are of the page and "
        "its queries; of three times in a row a round keeps the middle one. Lists count to 10,000 and no further, and "
        "add up amounts only to there: beyond, a page has one query fewer."
    )


def _ratio(small: PageResult, large: PageResult) -> float:
    return large.milliseconds / small.milliseconds if small.milliseconds else 0.0


def _row(small: PageResult, large: PageResult) -> list[str]:
    times = [f"{each.milliseconds:.0f}" for each in (small, large)]
    return [small.name, *times, f"**{_ratio(small, large):.1f}**", str(small.queries), str(large.queries)]


def _circumstances(few: Paged, many: Paged, on: str, rounds: int) -> str:
    lines = [
        f"- commit: {commit.now()}",
        f"- date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        '- command: `make bench ARGS="--only dashboard --write"`',
        f"- machine: {os.cpu_count()} cores; other work on it: {os.getloadavg()[2]:.1f} processes on average meanwhile",
        f"- on: {on}, medians of {rounds} rounds, one shop and the other in turn",
        *(
            f"- a shop of {each.rows:,} carts, as many orders, payments and checkouts, and {5 * each.rows:,} rows of "
            f"timeline over a year: made by `manage.py seed_big_shop` in {each.seed_seconds:.0f} s, figures of all "
            "days included"
            for each in (few, many)
        ),
    ]
    return "\n".join(lines)
