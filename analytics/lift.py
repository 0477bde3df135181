"""What mails add: mailed people against the control group, per person, with a 95 % interval. Numbers in, numbers out.

One row a person, since people were drawn; whoever was drawn counts in their group, whatever they got (intention to
treat). Those drawn at another share of the control group are compared among themselves first (strata): a share that
was changed while shopping changed would otherwise look like an effect of the mails.

Sources
- share of buyers: Wilson's score interval for each group, joined for the difference as R. G. Newcombe, Statistics in
  Medicine 17 (1998) 873-890, method 10: keeps its promise at low rates and with groups of very different size, where
  the textbook interval does not.
- money per person: most pay nothing and few pay much. Each group's mean after M. P. Fay and E. J. Feuer, Statistics in
  Medicine 16 (1997) 791-801: a gamma interval that holds for sums of few, unequal parts. Ours has the variance of a
  sample instead of a Poisson's, and in its upper limit one more typical payment, not the largest possible one
  (docs/proofs/lift.md says how often it holds). Quantiles by E. B. Wilson and M. M. Hilferty, PNAS 17 (1931) 684-688.
- differences and strata: the limits' distances from the estimate are added as squares (MOVER): G. Y. Zou and A. Donner,
  Statistics in Medicine 27 (2008) 1693-1702. Strata weigh by how much each can tell: n1 n0 / (n1 + n0).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import TypeVar

Z = NormalDist().inv_cdf(0.975)  # 95 %, both sides
LEAST_PEOPLE = 100  # in each group
LEAST_BUYERS = 10  # in both together


@dataclass(frozen=True)
class Group:
    """People of one group whose time is over, and how many of them bought."""

    people: int
    buyers: int


@dataclass(frozen=True)
class Money:
    """What they paid in one currency: each person's sum, added up, and their squares added up. Minor units; who paid
    nothing is a zero."""

    people: int
    total: int = 0
    squares: int = 0


Arm = TypeVar("Arm", Group, Money)
Pair = tuple[Arm, Arm]  # mailed, control group


@dataclass(frozen=True)
class Estimate:
    value: float
    low: float
    high: float


class Verdict(StrEnum):
    NO_CONTROL = "no_control"
    TOO_FEW = "too_few"
    NOT_SEEN = "not_seen"  # the interval contains zero
    MORE = "more"
    FEWER = "fewer"

    @property
    def is_known(self) -> bool:
        return self in {Verdict.MORE, Verdict.FEWER}


# --- the whole ------------------------------------------------------------------------------------
def rates(strata: Sequence[Pair[Group]]) -> Estimate | None:
    """Buyers per person, mailed less control group. None where no stratum has people in both groups."""
    return _combined([pair for pair in strata if _has_both(pair)], lambda mailed, held: (_rate(mailed), _rate(held)))


def per_person(strata: Sequence[Pair[Money]]) -> Estimate | None:
    """Minor units per person, mailed less control group; None as above."""
    return _combined([pair for pair in strata if _has_both(pair)], _means)


def verdict(strata: Sequence[Pair[Group]], found: Estimate | None) -> Verdict:
    """What may be said of an estimate. Few people are judged without looking at who of them bought more."""
    told = [pair for pair in strata if _has_both(pair)]
    if found is None or not told:
        return Verdict.NO_CONTROL
    least = min(sum(pair[side].people for pair in told) for side in (0, 1))
    if least < LEAST_PEOPLE or sum(group.buyers for pair in told for group in pair) < LEAST_BUYERS:
        return Verdict.TOO_FEW
    if found.low <= 0 <= found.high:
        return Verdict.NOT_SEEN
    return Verdict.MORE if found.low > 0 else Verdict.FEWER


def _has_both(pair: Pair[Arm]) -> bool:
    return bool(pair[0].people and pair[1].people)


def _combined(pairs: Sequence[Pair[Arm]], of_pair: Callable[[Arm, Arm], tuple[Estimate, Estimate]]) -> Estimate | None:
    weights = [mailed.people * held.people / (mailed.people + held.people) for mailed, held in pairs]
    whole = sum(weights)
    if not whole:
        return None
    parts = [(weight / whole, _less(*of_pair(*pair))) for weight, pair in zip(weights, pairs, strict=True)]
    value = sum(share * part.value for share, part in parts)
    down = math.hypot(*(share * (part.value - part.low) for share, part in parts))
    up = math.hypot(*(share * (part.high - part.value) for share, part in parts))
    return Estimate(value, value - down, value + up)


def _less(one: Estimate, other: Estimate) -> Estimate:
    value = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, value - down, value + up)


# --- one group ------------------------------------------------------------------------------------
def _rate(group: Group) -> Estimate:
    """Wilson's score interval."""
    n, rate, square = group.people, group.buyers / group.people, Z * Z
    middle = (rate + square / (2 * n)) / (1 + square / n)
    half = Z * math.sqrt(rate * (1 - rate) / n + square / (4 * n * n)) / (1 + square / n)
    return Estimate(rate, max(middle - half, 0.0), min(middle + half, 1.0))


def _means(mailed: Money, held_out: Money) -> tuple[Estimate, Estimate]:
    total = mailed.total + held_out.total
    payment = (mailed.squares + held_out.squares) / total if total else 0.0
    return _mean(mailed, payment), _mean(held_out, payment)


def _mean(money: Money, payment: float) -> Estimate:
    """`payment`: what one more payer might add, as both groups together know it: of a payment drawn by its money, the
    mean. A small group without any large payer is not judged by its own small ones."""
    n, total = money.people, float(money.total)
    variance = max(money.squares - total * total / n, 0.0) * n / max(n - 1, 1)
    low = _gamma(total, variance, -Z) if total else 0.0
    high = _gamma(total + payment, variance + payment * payment, Z)
    return Estimate(total / n, min(low, total) / n, max(high, total) / n)


def _gamma(mean: float, variance: float, z: float) -> float:
    """The quantile at `z` of a gamma distribution with this mean and variance."""
    if not variance:
        return mean
    degrees = 2 * mean * mean / variance
    spread = 2 / (9 * degrees)
    return mean * max(1 - spread + z * math.sqrt(spread), 0.0) ** 3
