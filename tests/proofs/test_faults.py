"""Gateways that fail and processes that are killed at every named place: each shopper has one order or none, and
has paid for it once or not at all.

A real shop, Stripe's and PayPal's stand-ins, and shoppers that play schedules drawn from a seed. Without webhooks:
the reconciler alone has to find everything out.
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
from tests.proofs.faults.mines import crash_points
from tests.proofs.faults.schedules import Schedule, schedules
from tests.proofs.faults.shopper import Shopper
from tests.proofs.shop import wait_until

SEED = os.environ.get("PROOF_SEED", "20260101")
AT_ONCE = 8
Figures = Callable[..., None]


def play(house: House, batch: list[Schedule]) -> list[Shopper]:
    faults: list[str] = []
    shoppers = [Shopper(house, schedule, faults) for schedule in batch]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(Shopper.play, shoppers))
    assert not faults, faults
    return shoppers


def settle(house: House) -> None:
    """Nothing goes wrong any more, and nobody comes back: the shop is left to itself."""
    house.mines.clear()
    for server in (house.stripe, house.paypal):
        server.mend()
    for number, order_id in enumerate(list(house.paypal.orders)):
        house.paypal.settle_pending(order_id, ("COMPLETED", "DECLINED")[number % 2])
    wait_until(lambda: not books.unsettled(house), 180, f"everything settled\n{books.unsettled(house)}")


def prove(house: House, count: int, hits: int, figures: Figures) -> None:
    points = crash_points()
    shelves = books.shelves(house)
    endless = schedules(SEED, points)
    shoppers = play(house, list(islice(endless, count)))
    for _ in range(10):
        lacking = [point for point in points if house.mines.count()[point] < hits]
        if not lacking:
            break
        shoppers += play(house, [one for one in islice(endless, len(points)) if one.point in lacking])
    settle(house)
    assert not books.findings(house, shoppers, shelves)
    note(house, shoppers, points, figures)
    fewest = min(house.mines.hits[point] for point in points)
    assert fewest >= hits, {point: house.mines.hits[point] for point in points}


def note(house: House, shoppers: list[Shopper], points: list[str], figures: Figures) -> None:
    money = books.at_the_gateways(house).values()
    status = Counter(order.status for order in books.orders(house))
    figures(
        schedules=len(shoppers),
        crash_points=len(points),
        kills_at_points=house.mines.hits.total(),
        fewest_at_a_point=min(house.mines.hits[point] for point in points),
        kills_anywhere=sum(bool(shopper.schedule.kills) for shopper in shoppers),
        orders_accepted=status["accepted"],
        orders_canceled=status["canceled"],
        captures=sum(bool(moved.captured) for moved in money),
        refunded=sum(bool(moved.refunded) for moved in money),
        approved_by_shoppers_who_stayed_away=sum(
            shopper.approved and shopper.schedule.approval.endswith("stays away") for shopper in shoppers
        ),
        findings=0,
    )


def test_16_schedules_of_faults_settle_without_webhooks(tmp_path: Path, figures: Figures) -> None:
    with House(tmp_path, unpaid_orders_live=8) as house:
        prove(house, 16, 0, figures)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_200_schedules_of_faults_settle_without_webhooks(tmp_path: Path, figures: Figures) -> None:
    with House(tmp_path, unpaid_orders_live=30) as house:
        prove(house, 200, 5, figures)
