"""With a known true lift the reported 95 % interval covers it as often as it says, and where mails do nothing it shows
nothing; and a shop with its real draw, mails and orders reports what truly happened."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from analytics import checking, comparison, lift
from analytics.definitions import COMPARE_WINDOW
from analytics.lift import Estimate
from recovery.models import Message
from recovery.states import Outcome
from tests.proofs.lift_shop import LiftShop
from tests.proofs.shoppers import SCENARIOS, Scenario, simulate, true_amount

SEED = os.environ.get("PROOF_SEED", "20260101")
Note = Callable[..., None]
FULL, SMALL = 1000, 40  # runs
# Of 1,000 true 95 % intervals 930 to 970 hold, but for one time in hundreds; of 40, 33. That of money is made to err on
# the safe side: with few, unequal payers in a small control group it is wider than it need be.
LEAST, MOST, LEAST_OF_FEW = 0.93, 0.97, 33 / 40
OF_EACH = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
WITH_AND_WITHOUT = pytest.mark.parametrize("is_there", [True, False], ids=["with a lift", "without any"])


@dataclass
class Tally:
    """Of how many runs."""

    covered: int = 0
    money_covered: int = 0
    shown: int = 0  # the verdict was that mails bring more, or less

    def add(self, found: Estimate, paid: Estimate, truth: float, true_paid: float, *, is_known: bool) -> None:
        self.covered += found.low <= truth <= found.high
        self.money_covered += paid.low <= true_paid <= paid.high
        self.shown += is_known


def tally(scenario: Scenario, runs: int, *, is_there: bool) -> Tally:
    truth = scenario.lift if is_there else 0.0
    found = Tally()
    for run in range(runs):
        dice = random.Random(f"{SEED}:{scenario.name}:{truth}:{run}")  # noqa: S311 - the same for the same seed
        groups, money = simulate(scenario, truth, dice)
        share, paid = lift.rates(groups), lift.per_person(money)
        assert share is not None
        assert paid is not None
        is_known = lift.verdict(groups, share).is_known
        found.add(share, paid, truth, true_amount(truth), is_known=is_known)
    return found


@pytest.mark.long
@pytest.mark.once
@pytest.mark.timeout(3600)
@OF_EACH
@WITH_AND_WITHOUT
def test_in_1000_runs_the_interval_covers_the_truth_in_93_to_97_per_cent(
    scenario: Scenario, is_there: bool, figures: Note
) -> None:
    found = tally(scenario, FULL, is_there=is_there)
    figures(true_lift=scenario.lift if is_there else 0, runs=FULL, **vars(found))
    assert LEAST <= found.covered / FULL <= MOST
    assert found.money_covered / FULL >= LEAST
    assert is_there or 1 - found.shown / FULL >= LEAST


@pytest.mark.once
@OF_EACH
@WITH_AND_WITHOUT
def test_in_40_runs_the_interval_covers_the_truth_in_33_or_more(
    scenario: Scenario, is_there: bool, figures: Note
) -> None:
    found = tally(scenario, SMALL, is_there=is_there)
    figures(true_lift=scenario.lift if is_there else 0, runs=SMALL, **vars(found))
    assert found.covered / SMALL >= LEAST_OF_FEW
    assert found.money_covered / SMALL >= LEAST_OF_FEW
    assert is_there or found.shown / SMALL <= 1 - LEAST_OF_FEW


# --- through the rows of a shop -------------------------------------------------------------------
@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.django_db
def test_a_shop_of_600_people_reports_the_lift_that_happened(settings: Any, figures: Note) -> None:
    found = reported(settings, people=600)
    figures(**found)
    assert found["holds"]


@pytest.mark.django_db
@pytest.mark.once
def test_a_shop_of_60_people_reports_the_lift_that_happened(settings: Any, figures: Note) -> None:
    figures(**reported(settings, people=60))


def reported(settings: Any, *, people: int) -> dict[str, object]:
    """Carts are left, people drawn, mails sent, things bought, by the shop's own code; then the figure is asked for and
    held against what the people were told to do. One interval alone misses one time in twenty."""
    settings.RECOVERY_HOLDOUT_PERCENT = 30
    shop = LiftShop(random.Random(f"{SEED}:{people}"), rate=0.15, lift=0.25)  # noqa: S311
    shop.live(people)
    now = shop.time.now + COMPARE_WINDOW
    found = comparison.count(shop.period, now=now)
    assert (found.mailed, found.held_out) == (shop.told(is_held_out=False), shop.told(is_held_out=True))
    (paid,) = found.money
    assert (paid.mailed, paid.held_out) == (shop.paid(is_held_out=False), shop.paid(is_held_out=True))
    assert checking.check_recovery_figures(now) == 0
    assert Message.objects.filter(outcome=Outcome.SENT).count() == found.mailed.people
    assert found.difference is not None
    return {
        "people": people,
        "true_lift": shop.lift,
        "mailed": f"{found.mailed.buyers} of {found.mailed.people}",
        "held_out": f"{found.held_out.buyers} of {found.held_out.people}",
        "reported": f"{found.difference.value:.3f} ({found.difference.low:.3f} to {found.difference.high:.3f})",
        "verdict": found.verdict.value,
        "holds": found.difference.low <= shop.lift <= found.difference.high,
    }
