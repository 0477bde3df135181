"""A worker that dies anywhere: whoever comes next goes on, and nothing is bought, charged or told twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Stock
from checkouts import completion
from checkouts.models import Checkout
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import reconcile
from payments import services as payments
from payments.models import Payment
from prepaid import queries as balances
from purchases import ending, own_shop, services, worker
from purchases.models import Purchase
from tests.factories import LARGE_BLUE_ID, demo_shop
from tests.purchases.agents import RICH, SHIRT_TOTAL, Agent, make_agent, nothing_happened, purchase_of, work

pytestmark = pytest.mark.django_db
CRASHING = (worker, services, own_shop, completion, payments, reconcile)
STEPS = ("guard", "resolve", "choose", "fill", "quote", "pay", "report")
POINTS = [
    *(f"purchase: after {step}" for step in STEPS),
    *(f"purchase: {step} is next, not committed" for step in STEPS[1:]),
    "payment written, gateway not asked",
    "gateway asked, its answer not written",
    "answer written, not committed",
    "checkout moved, not committed",
    "checkout completed, its shopper not told",
    "purchase: checkout completed, nothing noted",
    "purchase: completed, not committed",
]


class Killed(BaseException):
    """As kill -9: nothing catches it, and a transaction under way is rolled back."""


@pytest.fixture(autouse=True)
def shop() -> None:
    demo_shop(on_hand=10)


@pytest.fixture
def agent() -> Agent:
    return make_agent()


def die_at(patch: pytest.MonkeyPatch, point: str) -> list[str]:
    """The first to pass dies there. Answers who has died."""
    dead: list[str] = []

    def crash_point(name: str) -> None:
        if name == point and not dead:
            dead.append(name)
            raise Killed(name)

    for module in CRASHING:
        patch.setattr(module, "crash_point", crash_point)
    return dead


def killed_at(patch: pytest.MonkeyPatch, point: str, agent: Agent) -> Purchase:
    purchase = purchase_of(agent.buy())
    dead = die_at(patch, point)
    with suppress(Killed):
        worker.work(purchase.pk)
    assert dead, f"nobody passes {point}"
    return purchase


def bought_once(agent: Agent, answer: dict[str, Any]) -> None:
    assert (answer["status"], answer["amount_str"]) == ("completed", "30.98"), answer
    assert Order.objects.filter(status=OrderStatus.ACCEPTED).count() == Order.objects.count() == 1
    assert Payment.objects.filter(status="captured").count() == Payment.objects.count() == 1
    assert Checkout.objects.filter(status="completed").count() == Checkout.objects.count() == 1
    stock = Stock.objects.get(variant=LARGE_BLUE_ID)
    assert (stock.on_hand, stock.reserved) == (9, 0)
    assert (agent.account.balance_amount, agent.account.held_amount) == (RICH - SHIRT_TOTAL, 0)
    assert not balances.out_of_balance().exists()
    assert OutboxEvent.objects.filter(name="order.accepted").count() == 1


@pytest.mark.parametrize("point", POINTS)
def test_the_next_worker_completes_it_once(agent, monkeypatch, point):
    purchase = killed_at(monkeypatch, point, agent)
    work()
    bought_once(agent, agent.get(str(purchase.public_id)).json())


@pytest.mark.parametrize("point", POINTS)
def test_without_another_worker_the_deadline_ends_it_truthfully(agent, monkeypatch, point):
    purchase = killed_at(monkeypatch, point, agent)
    Purchase.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    is_open = not purchase_of(str(purchase.public_id)).has_ended
    assert ending.sweep() == int(is_open)
    answer = agent.get(str(purchase.public_id)).json()
    work()  # the dead one's event, again, and what is to be cleared away
    assert agent.get(str(purchase.public_id)).json() == answer
    if answer["status"] == "completed":
        bought_once(agent, answer)
    else:
        assert answer["notes"] == "It was not done within 300 seconds. Nothing was charged."
        nothing_happened(agent)


def test_the_deadline_comes_while_a_worker_is_about_to_charge(agent, monkeypatch):
    """The one that was thought dead goes on: nothing can be charged any more."""
    purchase = purchase_of(agent.buy())

    def late(name: str) -> None:
        if name == "payment written, gateway not asked":
            Purchase.objects.update(deadline_at=timezone.now())
            ending.sweep()

    monkeypatch.setattr(payments, "crash_point", late)
    worker.work(purchase.pk)
    work()
    assert agent.get(str(purchase.public_id)).json()["status"] == "failed"
    nothing_happened(agent)


def test_the_deadline_comes_just_after_the_charge(agent, monkeypatch):
    purchase = purchase_of(agent.buy())

    def late(name: str) -> None:
        if name == "gateway asked, its answer not written":
            monkeypatch.setattr(payments, "crash_point", lambda name: None)
            Purchase.objects.update(deadline_at=timezone.now())
            ending.sweep()

    monkeypatch.setattr(payments, "crash_point", late)
    worker.work(purchase.pk)
    work()
    bought_once(agent, agent.get(str(purchase.public_id)).json())


def test_two_workers_at_the_same_purchase_buy_it_once(agent, monkeypatch):
    """The second begins when the first has opened its payment, and does the rest."""
    purchase = purchase_of(agent.buy())

    def second(name: str) -> None:
        if name == "payment written, gateway not asked":
            monkeypatch.setattr(payments, "crash_point", lambda name: None)
            worker.work(purchase.pk)

    monkeypatch.setattr(payments, "crash_point", second)
    worker.work(purchase.pk)
    work()
    bought_once(agent, agent.get(str(purchase.public_id)).json())


def test_reading_one_that_is_overdue_ends_it(agent):
    checkout_id = agent.buy()
    Purchase.objects.update(deadline_at=timezone.now())
    answer = agent.get(checkout_id).json()
    assert (answer["status"], answer["notes"]) == (
        "failed",
        "It was not done within 300 seconds. Nothing was charged.",
    )
    work()
    nothing_happened(agent)


def test_one_whose_trouble_nobody_foresaw_does_not_keep_the_others(agent, monkeypatch):
    first, second = agent.buy(), agent.buy()
    Purchase.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    fail = services.fail

    def broken(purchase: Purchase, note: str, **how: Any) -> None:
        if str(purchase.public_id) == first:
            raise RuntimeError("on purpose")
        fail(purchase, note, **how)

    monkeypatch.setattr(services, "fail", broken)
    assert ending.sweep() == 2
    assert purchase_of(second).status == "failed"
    assert purchase_of(first).status == "processing"
