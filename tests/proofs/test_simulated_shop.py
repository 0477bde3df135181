"""A shop that never was, with purchases racing the mails and two days without workers: no mail after its purchase was
committed, no step twice, none to a suppressed address, none closer than the gap. The checks know nothing of the
engine; with its eyes shut they find something of each."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from demo.simulation import checks, controls
from demo.simulation.figures import Figures
from demo.simulation.house import NotEmpty
from demo.simulation.plan import Plan
from demo.simulation.play import simulate
from tests.emptying import empty
from tests.factories import demo_shop
from tests.recovery.carts import make_cart

pytestmark = pytest.mark.usefixtures("transactional_db")
SEED = int(os.environ.get("PROOF_SEED", "1"))
Note = Callable[..., None]
EYES_SHUT = tuple(controls.NAMES)
FEW = {"days": 2, "outage_days": 1, "trouble": 5}  # little happens among few
KEPT = dict.fromkeys(checks.RULES, 0)


def broken(figures: Figures) -> dict[str, int]:
    return {rule: sum(periods.values()) for rule, periods in figures.broken.items()}


def prove(plan: Plan, note: Note) -> None:
    figures = simulate(plan)
    flat = {**figures.shop, **figures.mails, **figures.races}
    note(**flat, **{f"{rule}, {when}": n for rule, by in figures.broken.items() for when, n in by.items()})
    assert broken(figures) == KEPT, figures.examples
    assert not any(figures.others.values()), figures.others
    assert figures.races["acts at the instant of a decision"] > 0
    assert figures.races["purchase and mail in one moment, the purchase first"] > 0


def prove_control(plan: Plan, note: Note) -> None:
    figures = simulate(plan)
    note(control=", ".join(plan.eyes_shut), carts=plan.carts, **broken(figures))
    assert all(broken(figures).values()), "each rule is broken by an engine that forgets it"


@pytest.mark.once
def test_a_shop_of_200_carts_keeps_the_four_rules(figures: Note) -> None:
    prove(Plan(carts=200, **FEW), figures)


@pytest.mark.once
def test_control_200_carts_and_an_engine_with_its_eyes_shut(figures: Note) -> None:
    prove_control(Plan(carts=200, workers=1, eyes_shut=EYES_SHUT, **FEW), figures)


@pytest.mark.once
def test_with_one_worker_a_seed_gives_the_same_figures_each_time() -> None:
    plan = Plan(carts=60, workers=1, seed=7, **FEW)
    first = simulate(plan)
    empty()
    assert simulate(plan) == first
    empty()
    assert simulate(Plan(carts=60, workers=1, seed=8, **FEW)) != first


def test_a_database_in_which_there_is_a_shop_is_left_alone() -> None:
    demo_shop()
    make_cart()
    with pytest.raises(NotEmpty, match="carts"):
        simulate(Plan(carts=1))


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_shop_of_100000_carts_keeps_the_four_rules(figures: Note) -> None:
    prove(Plan(carts=100_000, seed=SEED), figures)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_control_2000_carts_and_an_engine_with_its_eyes_shut(figures: Note) -> None:
    prove_control(Plan(carts=2000, eyes_shut=EYES_SHUT, seed=SEED), figures)
