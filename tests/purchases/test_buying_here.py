"""A product of this shop, bought from beginning to end."""

from __future__ import annotations

import pytest

from carts.models import Cart, Door
from carts.states import CartStatus
from catalog.models import Stock
from checkouts.models import ShippingRate
from orders.models import Order
from orders.states import OrderStatus
from payments import refunds
from payments.models import Payment
from payments.states import PaymentStatus
from prepaid import queries as balances
from prepaid.models import Entry
from prepaid.states import EntryKind
from purchases import tasks
from purchases.models import Purchase
from tests.checkouts.api.conftest import Guest
from tests.factories import LARGE_BLUE_ID, STANDARD_ID, demo_shop, make_product, make_variant
from tests.purchases.agents import RICH, SHIRT_TOTAL, Agent, make_agent, purchase_of, work

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop() -> None:
    demo_shop(on_hand=10)


@pytest.fixture
def agent() -> Agent:
    return make_agent()


def test_it_is_processing_at_once_and_completed_with_what_was_charged(agent):
    checkout_id = agent.buy()
    assert agent.get(checkout_id).json() == {
        "id": checkout_id,
        "status": "processing",
        "amount_str": "",
        "currency": "",
        "notes": "",
    }
    work()
    assert agent.get(checkout_id).json() == {
        "id": checkout_id,
        "status": "completed",
        "amount_str": "30.98",
        "currency": "USD",
        "notes": "",
    }


def test_the_order_is_paid_and_names_its_agent_and_its_person(agent):
    bought = agent.bought()
    order = Order.objects.get()
    assert (order.status, order.captured_amount, order.total_amount) == (OrderStatus.ACCEPTED, SHIRT_TOTAL, SHIRT_TOTAL)
    assert (order.buyer, order.email, order.full_name) == (
        f"agent:{agent.key.pk} An agent",
        "ada@example.com",
        "Ada Lovelace",
    )
    assert order.shipping_address["city"] == "San Francisco"
    assert purchase_of(bought["id"]).order_reference == order.number
    payment = Payment.objects.get()
    assert (payment.gateway, payment.status, payment.amount) == ("balance", PaymentStatus.CAPTURED, SHIRT_TOTAL)


def test_the_stock_falls_once_and_of_what_was_asked_for(agent):
    agent.bought()
    stock = Stock.objects.get(variant=LARGE_BLUE_ID)
    assert (stock.on_hand, stock.reserved) == (9, 0)


def test_the_balance_pays_it_and_each_movement_is_written(agent):
    agent.bought()
    assert (agent.account.balance_amount, agent.account.held_amount) == (RICH - SHIRT_TOTAL, 0)
    kinds = list(Entry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == [EntryKind.TOP_UP, EntryKind.HOLD, EntryKind.SETTLE]
    assert not balances.out_of_balance().exists()


def test_what_was_told_of_the_person_is_sealed_and_gone_at_the_end(agent):
    checkout_id = agent.buy()
    kept = purchase_of(checkout_id).told
    assert kept
    assert "ada" not in kept
    work()
    purchase = purchase_of(checkout_id)
    assert purchase.told == ""
    assert "ada" not in str(list(purchase.events.values_list("note", flat=True))).lower()


def test_the_timeline_tells_every_step(agent):
    purchase = purchase_of(agent.bought()["id"])
    steps = list(purchase.events.values_list("step", flat=True))
    assert steps == ["guard", "resolve", "choose", "fill", "quote", "pay", "report"]


def test_the_cart_came_by_an_agent_and_is_converted(agent):
    agent.bought()
    assert Cart.objects.values_list("door", "status").get() == (Door.AGENT, CartStatus.CONVERTED)


def test_the_cheapest_way_of_shipping_is_taken_unless_one_is_named(agent):
    assert agent.bought()["amount_str"] == "30.98"
    assert agent.bought(shipping_method="Express Shipping")["amount_str"] == "39.98"
    assert agent.bought(shipping_method_id=STANDARD_ID)["amount_str"] == "30.98"
    assert agent.bought(shipping={"method": "express"})["amount_str"] == "39.98"


def test_a_discount_code_is_used(agent):
    assert agent.bought(discount_code="SUMMER25")["amount_str"] == "24.73"
    assert agent.bought(discountCode="SUMMER25")["amount_str"] == "24.73"


def test_what_costs_nothing_is_completed_without_a_payment(agent):
    ShippingRate.objects.update(amount=0)
    free = make_variant(make_product("Free Sample"), amount=0).product
    bought = agent.bought(f"http://127.0.0.1:8000{free.get_absolute_url()}", "")
    assert (bought["status"], bought["amount_str"]) == ("completed", "0.00")
    assert Payment.objects.count() == 0
    assert (agent.account.balance_amount, agent.account.held_amount) == (RICH, 0)


def test_a_refund_goes_back_to_the_balance(agent):
    agent.bought()
    refunds.refund_order(Order.objects.get().pk, amount=1000, reason="Arrived broken", request_key="1")
    assert agent.account.balance_amount == RICH - SHIRT_TOTAL + 1000
    refunds.refund_order(Order.objects.get().pk, reason="All of it", request_key="2")
    assert agent.account.balance_amount == RICH
    order = Order.objects.get()
    assert (order.refunded_amount, order.captured_amount) == (SHIRT_TOTAL, SHIRT_TOTAL)
    assert not balances.out_of_balance().exists()


def test_the_event_again_buys_nothing_more(agent):
    purchase = purchase_of(agent.bought()["id"])
    tasks.work(0, {"purchase": purchase.pk})
    assert (Order.objects.count(), Payment.objects.count(), Purchase.objects.count()) == (1, 1, 1)


def test_a_guest_who_names_the_balance_is_refused():
    guest = Guest().ready()
    answer = guest.complete({"payment_provider": "balance", "payment_data": {}})
    assert answer.status_code == 422
    assert "Unknown payment provider" in answer.json()["error"]
    assert not Payment.objects.exists()
