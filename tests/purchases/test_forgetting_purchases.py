"""A purchase that ended long ago keeps who bought and for how much; what was asked for and noted is gone."""

from __future__ import annotations

import pytest

from common.retention import cut_off
from orders.models import Order
from purchases import retention, tasks
from purchases.models import Purchase, PurchaseEvent
from purchases.states import PurchaseStatus
from tests.ages import let_a_year_pass
from tests.factories import demo_shop
from tests.purchases.agents import SHIRT_TOTAL, SHIRT_URL, make_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(db):
    demo_shop()
    return make_agent()


def test_a_bought_one_keeps_its_amount_its_order_and_the_shop(agent):
    assert agent.bought()["status"] == "completed"
    order = Purchase.objects.get().order_reference
    let_a_year_pass()

    tasks.forget_purchases()

    bought = Purchase.objects.get()
    assert (bought.status, bought.amount, bought.order_reference) == (PurchaseStatus.COMPLETED, SHIRT_TOTAL, order)
    assert bought.url == "http://127.0.0.1:8000/"
    assert bought.forgotten_at
    assert not PurchaseEvent.objects.exists()
    assert Order.objects.get().buyer.startswith("agent:")
    assert agent.get(str(bought.public_id)).json()["amount_str"] == "30.98"


def test_a_failed_one_loses_its_notes(agent):
    assert agent.bought(prompt="Size Enormous")["status"] == "failed"
    let_a_year_pass()
    tasks.forget_purchases()
    failed = agent.get(str(Purchase.objects.get().public_id)).json()
    assert failed["status"] == "failed"
    assert "Enormous" not in str(failed)


def test_one_of_lately_and_one_under_way_keep_everything(agent):
    agent.bought()
    tasks.forget_purchases()
    assert Purchase.objects.get().url == SHIRT_URL

    agent.buy()
    let_a_year_pass()
    Purchase.objects.filter(status=PurchaseStatus.COMPLETED).delete()
    tasks.forget_purchases()
    under_way = Purchase.objects.get()
    assert (under_way.url, under_way.forgotten_at) == (SHIRT_URL, None)
    assert under_way.told


def test_a_second_run_finds_nothing_and_a_batch_costs_as_much_as_one(agent, django_assert_num_queries):
    for _ in range(3):
        agent.bought()
    let_a_year_pass()
    with django_assert_num_queries(6):  # with the transaction's two
        assert retention.forget(cut_off()) == 3
    with django_assert_num_queries(3):
        assert retention.forget(cut_off()) == 0
