"""Gateways that fail and processes that are killed at every named place: each shopper has one order or none, and
has paid for it once or not at all.

A real shop, Stripe's and PayPal's stand-ins, and shoppers that play schedules drawn from a seed. Without webhooks the
reconciler alone has to find everything out; with them events come late, doubled, in any order, or never.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from tests.proofs.faults import books
from tests.proofs.faults.house import House
from tests.proofs.faults.mines import OF_EVENTS, crash_points
from tests.proofs.faults.postman import Postman
from tests.proofs.faults.schedules import Schedule, schedules
from tests.proofs.faults.shopper import Shopper
from tests.proofs.shop import wait_until

SEED = os.environ.get("PROOF_SEED", "20260101")
AT_ONCE = 6
Figures = Callable[..., None]


def play(house: House, batch: list[Schedule]) -> list[Shopper]:
    faults: list[str] = []
    shoppers = [Shopper(house, schedule, faults) for schedule in batch]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(Shopper.play, shoppers))
    assert not faults, faults
    return shoppers


def settle(house: House, postman: Postman | None) -> None:
    """Nothing goes wrong any more, and nobody comes back: the shop is left to itself."""
    house.mines.clear()
    for server in (house.stripe, house.paypal):
        server.mend()
    for number, order_id in enumerate(list(house.paypal.orders)):
        house.paypal.settle_pending(order_id, ("COMPLETED", "DECLINED")[number % 2])
    if postman is not None:
        wait_until(lambda: postman.has_delivered_all, 180, "all events delivered")
    wait_until(lambda: not books.unsettled(house), 180, lambda: f"everything settled\n{books.unsettled(house)}")


def prove(
    house: House,
    count: int,
    points: list[str],
    figures: Figures,
    *,
    until_all_died: bool,
    postman: Postman | None = None,
) -> None:
    shelves = books.shelves(house)
    endless = schedules(SEED, points)
    shoppers = play(house, list(islice(endless, count)))
    while until_all_died and (lacking := house.mines.lacking(points)):
        assert len(shoppers) < 5 * count, f"nobody gets to {lacking}"
        shoppers += play(house, [one for one in islice(endless, len(points)) if one.point in lacking])
    settle(house, postman)
    assert not books.findings(house, shoppers, shelves)
    note(house, shoppers, points, figures, postman.counted if postman else Counter())


def note(house: House, shoppers: list[Shopper], points: list[str], figures: Figures, events: Counter[str]) -> None:
    money = books.at_the_gateways(house).values()
    status = Counter(order.status for order in books.orders(house))
    figures(
        schedules=len(shoppers),
        crash_points=len(points),
        kills=house.mines.hits.total(),
        fewest_at_a_point=min(house.mines.hits[point] for point in points),
        orders_accepted=status["accepted"],
        orders_canceled=status["canceled"],
        captures=sum(bool(moved.captured) for moved in money),
        refunded=sum(bool(moved.refunded) for moved in money),
        approved_by_shoppers_who_stayed_away=sum(
            shopper.approved and shopper.schedule.approval.endswith("stays away") for shopper in shoppers
        ),
        **{f"events_{what}": number for what, number in events.items()},
        findings=0,
    )


def prove_without_events(house: House, count: int, figures: Figures, *, until_all_died: bool) -> None:
    points = [point for point in crash_points() if point not in OF_EVENTS]
    prove(house, count, points, figures, until_all_died=until_all_died)


def prove_with_events(house: House, count: int, figures: Figures, *, until_all_died: bool) -> None:
    with Postman(house, SEED) as postman:
        prove(house, count, crash_points(), figures, until_all_died=until_all_died, postman=postman)


@pytest.mark.once
def test_16_schedules_of_faults_settle_without_webhooks(tmp_path: Path, figures: Figures) -> None:
    with House(tmp_path, unpaid_orders_live=8, deaths=1) as house:
        prove_without_events(house, 16, figures, until_all_died=False)


@pytest.mark.once
def test_16_schedules_of_faults_settle_with_bad_webhooks(tmp_path: Path, figures: Figures) -> None:
    with House(tmp_path, unpaid_orders_live=8, deaths=1, hears_events=True) as house:
        prove_with_events(house, 16, figures, until_all_died=False)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_200_schedules_of_faults_settle_without_webhooks(tmp_path: Path, figures: Figures) -> None:
    with House(tmp_path, unpaid_orders_live=30, deaths=5) as house:
        prove_without_events(house, 200, figures, until_all_died=True)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_200_schedules_of_faults_settle_with_bad_webhooks(tmp_path: Path, figures: Figures) -> None:
    with House(tmp_path, unpaid_orders_live=30, deaths=5, hears_events=True) as house:
        prove_with_events(house, 200, figures, until_all_died=True)
