"""The test gateway's own: a token of which it takes more than was asked, and its books about it."""

from __future__ import annotations

import pytest

from payments.gateways.base import ChargeRequest, GatewayRefused, Outcome
from payments.gateways.test import TestGateway

pytestmark = pytest.mark.django_db
ASKED, TAKEN = 5597, 5697


def request(amount: int = ASKED) -> ChargeRequest:
    return ChargeRequest(
        key="key",
        provider="stripe",
        amount=amount,
        currency="USD",
        instrument="tok_otherAmount",
        order_reference="order-1",
        return_url="http://127.0.0.1:8000/orders/x/return",
    )


def test_it_takes_more_than_it_was_asked_for_and_says_so():
    said = TestGateway().purchase(request())
    assert (said.outcome, said.amount, said.captured_amount) == (Outcome.CAPTURED, TAKEN, TAKEN)
    assert TestGateway().look_up(reference=said.reference, key="") == said


def test_asked_again_under_the_same_key_it_takes_nothing_more():
    assert TestGateway().purchase(request()) == TestGateway().purchase(request())
    with pytest.raises(GatewayRefused):
        TestGateway().purchase(request(TAKEN))


def test_all_that_was_taken_can_be_paid_back_and_no_more():
    reference = TestGateway().purchase(request()).reference
    with pytest.raises(GatewayRefused):
        TestGateway().refund(reference, amount=TAKEN + 1, key="too much")
    assert TestGateway().refund(reference, amount=TAKEN, key="all").refunded_amount == TAKEN


def test_what_it_holds_can_be_taken():
    held = TestGateway().authorize(request())
    assert (held.outcome, held.amount, held.captured_amount) == (Outcome.AUTHORIZED, TAKEN, 0)
    assert TestGateway().capture(held.reference, amount=TAKEN, key="c").captured_amount == TAKEN


@pytest.mark.parametrize("token", ["tok_otherAmount1", "tok_otherAmounts", "tok_other"])
def test_only_its_very_name_is_understood(token):
    assert TestGateway().understands("tok_otherAmount")
    assert not TestGateway().understands(token)
