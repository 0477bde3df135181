"""Workers that are killed with -9 among recovery mails send none twice and lose none; at most one a kill is shown as
unknown."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs.shop import Shop, wait_until

LEAVE = "from tests.proofs.leave import leave_many\nleave_many({count})"
MINES = ("recovery mail claimed, not handed over", "recovery mail handed over, not noted")
DONE = "recovery_message WHERE outcome IN ('sent', 'unknown', 'failed', 'skipped')"
UNKNOWN = "recovery_message WHERE outcome = 'unknown'"
NEITHER = "recovery_message WHERE outcome NOT IN ('sent', 'unknown')"
WHO_IS_UNKNOWN = """
    SELECT cart.email FROM recovery_message message
    JOIN recovery_enrolment enrolment ON enrolment.id = message.enrolment_id
    JOIN carts_cart cart ON cart.id = enrolment.cart_id
    WHERE message.outcome = 'unknown'
"""


@pytest.fixture
def mines(tmp_path: Path) -> Path:
    directory = tmp_path / "mines"
    directory.mkdir()
    return directory


@pytest.fixture
def shop(tmp_path: Path, mines: Path):
    data = tmp_path / "data"
    data.mkdir()
    environment = {"CRASH_POINTS": str(mines), "SWEEP_INTERVAL_SECONDS": "1", "RECOVERY_STEP_DELAYS_SECONDS": ""}
    with Shop(data, "tests.proofs.recovery_settings", **environment) as shop:
        yield shop


def died(shop: Shop) -> bool:
    return shop.processes["worker"].poll() is not None


def restart(shop: Shop) -> None:
    for name in list(shop.processes):
        shop.kill(name)
    shop.start_background()


def finish(shop: Shop, count: int) -> None:
    wait_until(lambda: shop.count(DONE) == count, 600, lambda: f"every mail decided\n{shop.log('worker')[-2000:]}")


def test_killed_on_either_side_of_handing_over_one_mail_each_is_unknown(shop: Shop, mines: Path) -> None:
    count = shop.python(LEAVE.format(count=12))
    for number, mine in enumerate(MINES, start=1):
        (mines / mine).touch()
        shop.start_background() if number == 1 else restart(shop)
        wait_until(lambda: died(shop), 60, lambda mine=mine: f"the worker to die: {mine}\n{shop.log('worker')[-2000:]}")
    restart(shop)
    finish(shop, count)
    assert shop.count(UNKNOWN) == len(MINES)
    assert max(shop.mails().values()) == 1
    assert len(shop.mails()) == count - 1  # one had been handed over, one had not


@pytest.mark.timeout(3600)
def test_recovery_mails_survive_workers_killed_at_random(
    shop: Shop, figures: Callable[..., None], full_size: bool
) -> None:
    count, kills = (2000, 20) if full_size else (150, 3)
    dice = random.Random(7)
    shop.python(LEAVE.format(count=count))
    shop.start_background()
    for kill in range(1, kills + 1):
        wanted = count * kill // (kills + 2)
        wait_until(
            lambda wanted=wanted: shop.count(DONE) >= wanted, 600, f"{wanted} mails\n{shop.log('worker')[-2000:]}"
        )
        time.sleep(dice.random() * 0.05)
        restart(shop)
    finish(shop, count)
    mails, people = shop.mails(), shop.recipients()
    unknown = {email for (email,) in shop.query(WHO_IS_UNKNOWN)}
    without = {f"person.{number}@example.com" for number in range(count)} - set(people)
    figures(
        mails=count,
        kills=kills,
        sent_twice=people.total() - len(people),
        unknown=len(unknown),
        of_these_arrived=len(unknown - without),
        lost_unsaid=len(without - unknown),
    )
    assert people.total() == len(people) == len(mails), "no mail twice, under whichever Message-ID"
    assert len(unknown) <= kills, "at most the one that was being handed over at a kill"
    assert without <= unknown, "whoever got none is shown as unknown"
    assert shop.count(NEITHER) == 0
    assert shop.count("recovery_message") == count, "one row a mail: none was tried again"
    assert shop.count("recovery_message WHERE attempts <> 1") == 0
