"""Who shops here. People have two addresses, spell them as they like, and some share a telephone."""

from __future__ import annotations

import random
from dataclasses import dataclass

# Each has one time zone, so that the check of quiet hours needs no table of its own.
ZONES = {"DK": "Europe/Copenhagen", "DE": "Europe/Berlin", "JP": "Asia/Tokyo", "IN": "Asia/Kolkata", "": "UTC"}
COUNTRIES = ("DK", "DE", "JP", "IN")
SHARE_WITH_A_PHONE, SHARE_OF_COUPLES, SHARE_WITH_AN_ACCOUNT = 0.4, 0.1, 0.3


@dataclass(frozen=True)
class Person:
    number: int

    @property
    def address(self) -> str:
        return f"person.{self.number}@example.com"

    @property
    def other_address(self) -> str:
        """Of their account, when they have become a user."""
        return f"p{self.number}.work@example.org"

    @property
    def country(self) -> str:
        return COUNTRIES[self.number % len(COUNTRIES)]

    @property
    def has_account(self) -> bool:
        return self._share("account") < SHARE_WITH_AN_ACCOUNT

    def spelled(self, dice: random.Random) -> str:
        """An address as it is typed: mostly the same, sometimes in capitals, sometimes the other one."""
        throw = dice.random()
        if throw < 0.05:
            return self.other_address
        return self.address.upper() if throw < 0.12 else self.address

    def phone(self, dice: random.Random) -> str:
        """'' for most; a couple's is one and the same."""
        if self._share("phone") >= SHARE_WITH_A_PHONE:
            return ""
        owner = self.number - self.number % 2 if self._share("couple") < SHARE_OF_COUPLES else self.number
        digits = f"20{owner:07d}"
        return f"0045{digits}" if dice.random() < 0.3 else f"+45 {digits[:2]} {digits[2:]}"

    def _share(self, what: str) -> float:
        """Both of a couple throw the same."""
        number = self.number // 2 if what in {"phone", "couple"} else self.number
        return random.Random(f"{what}:{number}").random()  # noqa: S311 - a story, not a secret
