"""Invented people, each with an address of their own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from common.persons import email_key
from recovery.states import SuppressedBecause

_FIRST = (
    "Ada Alma Anton Astrid Ben Bruno Carla Clara Daniel David Dina Elena Elin Emil Emma Eva Farid Felix Finn Freja "
    "Grace Greta Hana Hugo Ida Ines Isaac Jana Jonas Julia Kai Karl Kim Lars Laura Lea Leo Lina Louis Luca Maja "
    "Marco Maria Mia Milan Nadia Nina Noah Nora Olga Omar Oscar Paul Petra Rosa Samir Sara Sofia Theo Vera"
)
_LAST = (
    "Adler Alvarez Andersen Baker Bauer Berg Bianchi Brandt Castro Cohen Cruz Dahl Dubois Egger Evans Ferrari "
    "Fischer Fuchs Garcia Gomez Graham Haas Hansen Holm Huber Ito Jansen Jensen Kaya Keller Klein Kovacs Lang "
    "Larsen Lopez Martin Meyer Moreau Moreno Nielsen Novak Olsen Ortega Park Petrov Quinn Ramos Reed Rossi Roux "
    "Santos Sato Silva Simon Torres Vogel Weber Winter Wolf Young"
)
_CITIES = (
    ("Springfield", "IL", "62704", "US"),
    ("Portland", "OR", "97205", "US"),
    ("Copenhagen", "", "1050", "DK"),
    ("Lyon", "", "69002", "FR"),
    ("Hamburg", "", "20095", "DE"),
    ("Madrid", "", "28013", "ES"),
)


@dataclass
class Shopper:
    """`cannot_be_reached`: the mail server says that there is no such address."""

    full_name: str
    address: dict[str, str]
    cannot_be_reached: bool
    # What has happened to them, up to where their story is told.
    mailed_at: list[datetime] = field(default_factory=list)
    bought_at: list[datetime] = field(default_factory=list)
    is_compared: bool = False
    suppressed_at: datetime | None = None
    suppressed_because: SuppressedBecause | None = None

    @property
    def email(self) -> str:
        return f"{self.full_name.lower().replace(' ', '.')}@example.com"

    @cached_property
    def person(self) -> str:
        return email_key(self.email)

    def suppress(self, because: SuppressedBecause, at: datetime) -> None:
        self.suppressed_because, self.suppressed_at = because, at

    def suppressed_by(self, now: datetime) -> str:
        is_so = self.suppressed_at is not None and self.suppressed_at <= now
        return str(self.suppressed_because) if is_so else ""

    def last_purchase_by(self, now: datetime) -> datetime | None:
        return max((at for at in self.bought_at if at <= now), default=None)


def everybody(dice: random.Random) -> Iterator[Shopper]:
    """No name twice."""
    names = [f"{first} {last}" for first in _FIRST.split() for last in _LAST.split()]
    dice.shuffle(names)
    for name in names:
        yield Shopper(name, _address(dice), cannot_be_reached=dice.random() < 0.015)


def _address(dice: random.Random) -> dict[str, str]:
    city, state, postal_code, country = dice.choice(_CITIES)
    return {
        "address_line1": f"{dice.randint(1, 99)} Mill Lane",
        "address_line2": "",
        "city": city,
        "state": state,
        "postal_code": postal_code,
        "country": country,
    }
