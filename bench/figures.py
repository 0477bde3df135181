"""The arithmetic: rates, costs, and ratios that are taken round by round before their median."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Phase:
    """One stretch of load: how often all eight calls were made, in which time, at what cost. CPU in seconds."""

    passes: int
    seconds: float
    web_cpu: float
    worker_cpu: float = 0.0
    milliseconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Passes a second."""
        return self.passes / self.seconds

    @property
    def web_cpu_each(self) -> float:
        return self.web_cpu / self.passes

    @property
    def worker_cpu_each(self) -> float:
        return self.worker_cpu / self.passes


@dataclass(frozen=True)
class Round:
    """The same moment's three measurements; `placements`: bare SQL orders a second, None without pgbench."""

    journeys: Phase
    empties: Phase
    placements: float | None
    database_cpu: float | None = None  # seconds during the journeys, of the sessions open at their end

    @property
    def database_cpu_each(self) -> float | None:
        return None if self.database_cpu is None else self.database_cpu / self.journeys.passes

    @property
    def time_ratio(self) -> float:
        """In the time of one journey the server answers the eight empty requests this many times."""
        return self.empties.rate / self.journeys.rate

    @property
    def cpu_ratio(self) -> float:
        return self.journeys.web_cpu_each / self.empties.web_cpu_each

    @property
    def sql_ratio(self) -> float | None:
        """In the time of one journey PostgreSQL alone places this many orders."""
        return self.placements / self.journeys.rate if self.placements else None


def median_of(values: Iterable[float | None]) -> float | None:
    """None when no value is known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of them do not exceed (nearest rank)."""
    if not values:
        raise ValueError("No values, no percentile.")
    return sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]


def all_milliseconds(rounds: Sequence[Round], call: str) -> list[float]:
    return [value for each in rounds for value in each.journeys.milliseconds[call]]
