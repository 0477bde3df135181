"""Invented shoppers for the proof of the added sales: no two kinds alike, and what mails do to each is known."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.lift import Group, Money, Pair

REACHED = 0.8  # the share of those who may get mails that reads one


@dataclass(frozen=True)
class Kind:
    """Factors on the scenario's rate and lift; amounts are log-normal."""

    share: float
    rate: float
    lift: float
    amount: float  # the median, minor units
    spread: float

    @property
    def mean_amount(self) -> float:
        return self.amount * math.exp(self.spread**2 / 2)


# Rates and lifts weighed by the shares come to 1.
KINDS = (
    Kind(0.70, rate=0.4, lift=0.5, amount=2500, spread=0.6),
    Kind(0.25, rate=1.6, lift=2.4, amount=4000, spread=0.8),
    Kind(0.05, rate=6.4, lift=1.0, amount=9000, spread=0.7),
)


@dataclass(frozen=True)
class Wave:
    """People of one time: how many, at which share of the control group, how likely they buy without any mail."""

    people: int
    percent: int
    rate: float


@dataclass(frozen=True)
class Scenario:
    name: str
    waves: tuple[Wave, ...]
    lift: float  # true: buyers per person more among those who may get mails


SCENARIOS = (
    Scenario("400 people, half held out", (Wave(400, 50, 0.10),), 0.05),
    Scenario("1000 people, a tenth held out", (Wave(1000, 10, 0.10),), 0.05),
    Scenario("5000 people who seldom buy, a tenth held out", (Wave(5000, 10, 0.01),), 0.01),
    Scenario("2000 people who seldom buy, half held out", (Wave(2000, 50, 0.02),), 0.01),
    Scenario("the share changes as business does", (Wave(2000, 10, 0.03), Wave(1000, 50, 0.12)), 0.02),
)


def true_amount(lift: float) -> float:
    """Minor units per person that mails add."""
    return sum(kind.share * kind.lift * lift * kind.mean_amount for kind in KINDS)


def simulate(scenario: Scenario, lift: float, dice: random.Random) -> tuple[list[Pair[Group]], list[Pair[Money]]]:
    """One experiment, wave by wave. People are drawn by the dice; the shop's own draw is in lift_shop."""
    groups, money = [], []
    for wave in scenario.waves:
        paid: tuple[list[int], list[int]] = ([], [])
        people = [0, 0]
        for is_held_out, amount in _people(wave, lift, dice):
            people[is_held_out] += 1
            if amount:
                paid[is_held_out].append(amount)
        groups.append((Group(people[0], len(paid[0])), Group(people[1], len(paid[1]))))
        money.append((_sums(people[0], paid[0]), _sums(people[1], paid[1])))
    return groups, money


def _people(wave: Wave, lift: float, dice: random.Random) -> Iterator[tuple[bool, int]]:
    """(is held out, minor units paid) of each"""
    toss, share = dice.random, wave.percent / 100
    for kind in dice.choices(KINDS, [kind.share for kind in KINDS], k=wave.people):
        is_held_out = toss() < share
        chance = kind.rate * wave.rate
        if not is_held_out and toss() < REACHED:
            chance += kind.lift * lift / REACHED
        buys = toss() < chance
        yield is_held_out, max(round(dice.lognormvariate(math.log(kind.amount), kind.spread)), 1) if buys else 0


def _sums(people: int, paid: list[int]) -> Money:
    return Money(people, sum(paid), sum(amount * amount for amount in paid))
