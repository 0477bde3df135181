"""How large a simulation is and how long it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
MOMENT = timedelta(hours=1)  # everything within one happens at the same time
SHOPPING = timedelta(days=10)
AFTERWARDS = timedelta(days=5)  # nobody new comes, and the last sequences run out
SWITCHED_ON = START + timedelta(hours=12)  # carts abandoned before are never mailed
OUTAGE_AT = START + timedelta(days=5, hours=9)


@dataclass(frozen=True)
class Plan:
    """`workers`: threads that send, and as many that shop; with one, everything happens in turn and is repeatable.

    `shut_eye`: which control this is (demo.simulation.controls); '': none, the engine as it is.
    """

    carts: int = 10_000
    seed: int = 1
    workers: int = 4
    outage_days: int = 2
    shut_eye: str = ""

    @property
    def outage_ends_at(self) -> datetime:
        return OUTAGE_AT + timedelta(days=self.outage_days)

    @property
    def moments(self) -> int:
        return (SHOPPING + AFTERWARDS + timedelta(days=self.outage_days)) // MOMENT

    def are_workers_up(self, moment: datetime) -> bool:
        return not OUTAGE_AT <= moment < self.outage_ends_at


def at(number: int) -> datetime:
    """When the moment of this number is."""
    return START + number * MOMENT


def number_of(moment: datetime) -> int:
    return (moment - START) // MOMENT
