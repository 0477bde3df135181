"""What a run of the sweep came to. Known without a shop's settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DUE = 10_000


@dataclass(frozen=True)
class SweepRound:
    sweep_seconds: float
    bare_seconds: float

    @property
    def ratio(self) -> float:
        return self.sweep_seconds / self.bare_seconds


@dataclass(frozen=True)
class SweepResult:
    carts: int
    every: int  # where the due ones lie: 1 for the newest in a row, 100 for one in a hundred
    rounds: list[SweepRound]
    plan: str  # how PostgreSQL finds a batch
