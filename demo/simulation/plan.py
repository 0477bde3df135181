"""How large a simulation is and how long it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
MOMENT = timedelta(hours=1)  # everything within one happens at the same time
AFTERWARDS = timedelta(days=4)  # nobody new comes, and the last sequences run out
SWITCHED_ON = START + timedelta(hours=12)  # carts abandoned before are never mailed


@dataclass(frozen=True)
class Plan:
    """`days`: on which new carts come; the outage begins in their middle, after the morning's mails.

    `workers`: threads that send, and as many that shop; with one, everything happens in turn and is repeatable.

    `trouble`: so many times as often mails are refused, lost and answered; for small shops, where little happens.
    `eyes_shut`: which controls this is (demo.simulation.controls); none: the engine as it is.
    """

    carts: int = 10_000
    days: int = 10
    seed: int = 1
    workers: int = 4
    outage_days: int = 2
    trouble: int = 1
    eyes_shut: tuple[str, ...] = ()

    @property
    def outage_at(self) -> datetime:
        return START + timedelta(days=(self.days + 1) // 2, hours=9)

    @property
    def outage_ends_at(self) -> datetime:
        return self.outage_at + timedelta(days=self.outage_days)

    @property
    def shopping_moments(self) -> int:
        return timedelta(days=self.days) // MOMENT

    @property
    def moments(self) -> int:
        return (timedelta(days=self.days + self.outage_days) + AFTERWARDS) // MOMENT

    def are_workers_up(self, moment: datetime) -> bool:
        return not self.outage_at <= moment < self.outage_ends_at


def at(number: int) -> datetime:
    """When the moment of this number is."""
    return START + number * MOMENT


def number_of(moment: datetime) -> int:
    return (moment - START) // MOMENT
