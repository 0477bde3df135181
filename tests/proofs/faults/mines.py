"""Deaths at named places of the code (`common.crash`): wanted by schedules, trodden on by whoever passes first.

One at a time among the web's processes and one among the worker's, and the next only when life goes on again: a shop
that never gets to its feet proves nothing.
"""

from __future__ import annotations

import re
import time
from collections import Counter, deque
from pathlib import Path
from threading import Lock

from django.conf import settings

_NAMED = re.compile(r"crash_point\(\"([^\"]+)\"\)")
_APPS = ("common", "outbox", "orders", "payments", "checkouts")
# Where the worker dies; at the others it is the web. A few are on both ways.
_WORKERS = {
    "events claimed, none handled",
    "event handled, not marked",
    "payments voided, order not canceled",
    "payment voided, nothing written",
    "order canceled, not committed",
    "payment looked up, nothing written",
    "approved, not taken",
    "event worked on, not closed",
}
OF_EVENTS = {"event stored, gateway not told", "event worked on, not closed"}  # nobody gets there without webhooks
LONELY = 15.0  # seconds
LANES = ("web", "worker")


def crash_points() -> list[str]:
    """Every place that the code names, in a lasting order."""
    pages = (page for app in _APPS for page in sorted((Path(settings.ROOT) / app).rglob("*.py")))
    return list({point: None for page in pages for point in _NAMED.findall(page.read_text())})


class Mines:
    """`enough`: deaths at each place; more are not asked for. `hits`: how often somebody died there."""

    def __init__(self, directory: Path, *, enough: int) -> None:
        directory.mkdir()
        self.directory, self.enough = directory, enough
        self.hits: Counter[str] = Counter()
        self._wanted: dict[str, deque[str]] = {lane: deque() for lane in LANES}
        self._laid: dict[str, str] = {}
        self._laid_at: dict[str, float] = {}
        self._lock = Lock()

    def want(self, point: str) -> None:
        with self._lock:
            queue = self._wanted["worker" if point in _WORKERS else "web"]
            to_come = [*queue, *self._laid.values()].count(point)
            if self.hits[point] + to_come < self.enough:
                queue.append(point)

    def is_free(self, lane: str) -> bool:
        with self._lock:
            return lane not in self._laid and bool(self._wanted[lane])

    def lay_next(self, lane: str) -> None:
        with self._lock:
            point = self._wanted[lane].popleft()
            (self.directory / point).touch()
            self._laid[lane], self._laid_at[lane] = point, time.monotonic()

    def take_stock(self) -> set[str]:
        """The lanes in which somebody has just died. A mine that nobody comes by lets the next one go first."""
        with self._lock:
            dead = {lane for lane, point in self._laid.items() if not (self.directory / point).exists()}
            lonely = {lane for lane in self._laid if time.monotonic() > self._laid_at[lane] + LONELY}
            dead |= {lane for lane in lonely - dead if not self._taken_up(self._laid[lane])}
            self.hits.update(self._laid[lane] for lane in dead)
            for lane in lonely - dead:
                self._wanted[lane].append(self._laid[lane])
            for lane in lonely | dead:
                del self._laid[lane]
            return dead

    def _taken_up(self, point: str) -> bool:
        """False where somebody was quicker."""
        try:
            (self.directory / point).unlink()
        except FileNotFoundError:
            return False
        return True

    def lacking(self, points: list[str]) -> list[str]:
        with self._lock:
            return [point for point in points if self.hits[point] < self.enough]

    def clear(self) -> None:
        """Nobody dies any more."""
        with self._lock:
            for queue in self._wanted.values():
                queue.clear()
            self.hits.update(point for point in self._laid.values() if not self._taken_up(point))
            self._laid.clear()
