"""A guest buys through the guest API while Stripe's keys are set: one order, one charge, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from demo import catalog
from orders.models import Order
from outbox import delivery
from payments import reconcile
from payments.gateways import registry
from payments.models import Payment, TestCharge
from tests.checkouts.api.conftest import BY_MOBILEPAY, Guest, by_token
from tests.checkouts.shopping import its_time_has_come, let_order_run_out
from tests.standins.at_stripe import empty_stripe, gateway_at, shop_with_stripe
from tests.standins.faults import Fault
from tests.standins.stripe_server import StripeStandIn

PAID = 5597


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    server = empty_stripe()
    with shop_with_stripe(server):
        yield server


@pytest.fixture
def guest(db, stripe) -> Guest:
    catalog.load()
    return Guest().ready()


def pay(guest: Guest, token: str):
    return guest.complete(by_token(token, provider="stripe"))


def settle() -> None:
    its_time_has_come(Payment.objects.get())
    assert reconcile.settle_doubtful() == 1
    while delivery.drain():
        pass


def state() -> tuple[str, str, int]:
    """(the one order's status, its last payment's status, what the order has got)"""
    order = Order.objects.get()
    return order.status, order.payments.latest("id").status, order.captured_amount


def test_a_good_card_pays_the_order_at_stripe(guest, stripe):
    answer = pay(guest, "tok_visa")
    assert (answer.status_code, answer.json()["action_required"]) == (201, False)
    assert answer.json()["data"]["order_number"]
    assert state() == ("accepted", "captured", PAID)
    assert stripe.books.moved("usd") == PAID
    assert Payment.objects.get().gateway == "stripe"
    assert not TestCharge.objects.exists()
    keys = [asked.headers["idempotency-key"] for asked in stripe.asked_for("/v1/", "POST")]
    key = Payment.objects.get().idempotency_key
    assert keys == [f"{key}_method", key]


def test_the_shop_builds_the_gateway_from_its_settings(guest, stripe):
    del registry._GATEWAYS["stripe"]
    assert {registry.gateway_name_for(provider) for provider in ("stripe", "mobilepay")} == {"stripe"}
    assert pay(guest, "tok_visa").status_code == 201
    assert stripe.books.moved("usd") == PAID


def test_a_declined_card_is_a_402_and_another_one_pays_the_same_order(guest, stripe):
    answer = pay(guest, "tok_chargeDeclinedInsufficientFunds")
    assert (answer.status_code, answer.json()["error"]) == (402, "Payment failed: Your card has insufficient funds.")
    assert pay(guest, "tok_visa").status_code == 201
    assert state() == ("accepted", "captured", PAID)
    assert stripe.books.moved("usd") == PAID


def test_a_token_that_stripe_does_not_know_is_a_422_and_the_checkout_stays_open(guest, stripe):
    assert pay(guest, "tok_nobodyKnows").status_code == 422
    assert guest.get().json()["status"] == "active"
    assert stripe.books.intents == {}


def test_mobilepay_is_refused_for_a_currency_it_does_not_take_and_the_checkout_stays_open(guest, stripe):
    answer = guest.complete(BY_MOBILEPAY)
    assert answer.status_code == 422
    assert "MobilePay does not take USD." in answer.json()["error"]
    assert guest.get().json()["status"] == "active"
    assert pay(guest, "tok_visa").status_code == 201


@pytest.mark.parametrize("approves", [True, False])
def test_three_d_secure_is_answered_at_the_bank_and_settled_when_the_shopper_comes_back(guest, stripe, approves):
    answer = pay(guest, "tok_threeDSecureRequired")
    body = answer.json()
    assert (answer.status_code, body["action_required"]) == (201, True)
    at_the_bank = requests.post(
        body["redirect_url"],
        data={"answer": "approve" if approves else "deny"},
        allow_redirects=False,
        timeout=5,
    )
    back = urlsplit(at_the_bank.headers["Location"])
    Client().get(f"{back.path}?{back.query}")
    settled = ("accepted", "captured", PAID) if approves else ("pending", "declined", 0)
    assert state() == settled
    assert stripe.books.moved("usd") == settled[2]


@pytest.mark.parametrize("fault", [Fault.BREAK_BEFORE, Fault.BREAK_AFTER, Fault.HANG_AFTER, Fault.ERROR_500])
def test_a_lost_answer_is_processing_until_the_reconciler_settles_it_with_one_charge(guest, stripe, fault):
    stripe.fail(fault, path="/v1/payment_intents", method="POST", times=3)
    answer = pay(guest, "tok_visa")
    assert (answer.status_code, answer.json()["data"]["payment_status"]) == (201, "processing")
    assert pay(guest, "tok_visa").status_code == 409
    settle()
    assert state() == ("accepted", "captured", PAID)
    assert stripe.books.moved("usd") == PAID
    assert len(stripe.books.charges) == 1


def test_money_taken_without_an_answer_is_found_even_after_the_orders_time(guest, stripe):
    stripe.fail(Fault.BREAK_AFTER, path="/v1/payment_intents", method="POST", times=3)
    pay(guest, "tok_visa")
    let_order_run_out(Order.objects.get().pk)
    settle()
    assert state()[1:] == ("captured", PAID)
    assert stripe.books.moved("usd") == PAID


def test_after_the_orders_time_nothing_is_charged_that_never_arrived(guest, stripe):
    stripe.fail(Fault.BREAK_BEFORE, path="/v1/payment_intents", method="POST", times=3)
    pay(guest, "tok_visa")
    let_order_run_out(Order.objects.get().pk)
    settle()
    assert state()[1:] == ("declined", 0)
    assert stripe.books.moved("usd") == 0


def test_a_key_that_stripe_does_not_take_is_never_a_decline(guest, stripe):
    registry._GATEWAYS["stripe"] = gateway_at(stripe, secret_key="sk_test_wrong")
    answer = pay(guest, "tok_visa")
    assert (answer.status_code, answer.json()["data"]["payment_status"]) == (201, "processing")
    registry._GATEWAYS["stripe"] = gateway_at(stripe)
    settle()
    assert state() == ("accepted", "captured", PAID)
