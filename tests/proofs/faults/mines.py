"""Deaths at named places of the code (`common.crash`): laid by a schedule, trodden on by whoever passes first."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from threading import Lock

from django.conf import settings

_NAMED = re.compile(r"crash_point\(\"([^\"]+)\"\)")
_APPS = ("common", "outbox", "orders", "payments", "checkouts")


def crash_points() -> list[str]:
    """Every place that the code names, in a lasting order."""
    pages = (page for app in _APPS for page in sorted((Path(settings.ROOT) / app).rglob("*.py")))
    return list({point: None for page in pages for point in _NAMED.findall(page.read_text())})


class Mines:
    """One at a time of each name. `hits`: how often somebody died there."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.directory = directory
        self.hits: Counter[str] = Counter()
        self._laid: set[str] = set()
        self._lock = Lock()

    def lay(self, point: str) -> None:
        with self._lock:
            self._count()
            if point not in self._laid:
                (self.directory / point).touch()
                self._laid.add(point)

    def count(self) -> Counter[str]:
        with self._lock:
            self._count()
            return self.hits

    def clear(self) -> None:
        """Nobody dies any more."""
        with self._lock:
            self._count()
            for point in self._laid:
                try:
                    (self.directory / point).unlink()
                except FileNotFoundError:  # this very moment
                    self.hits[point] += 1
            self._laid.clear()

    def _count(self) -> None:
        trodden = {point for point in self._laid if not (self.directory / point).exists()}
        self.hits.update(trodden)
        self._laid -= trodden
