"""What Stripe lists of a payment's refunds: ours by their key, others without, each with where it stands."""

from __future__ import annotations

import pytest

from payments.gateways.base import GatewayRefund, RefundState
from payments.gateways.stripe import StripeGateway
from tests.payments.stripe_requests import request
from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.stripe_server import StripeStandIn


@pytest.fixture
def server() -> StripeStandIn:
    return empty_stripe()


@pytest.fixture
def stripe(server) -> StripeGateway:
    return gateway_at(server)


@pytest.fixture
def taken(stripe) -> str:
    return stripe.purchase(request()).reference


def test_a_refund_is_listed_under_its_key(server, stripe, taken):
    result = stripe.refund(taken, amount=597, key="r")
    (refund,) = server.books.refunds
    assert result.refunds == (GatewayRefund(refund, 597, RefundState.DONE, "r"),)
    assert result == stripe.look_up(reference=taken, key="")


def test_a_refund_that_the_bank_has_yet_to_make_is_listed_and_not_counted(server, stripe, taken):
    server.books.refunds_become = "pending"
    result = stripe.refund(taken, amount=597, key="r")
    assert (result.refunded_amount, [one.state for one in result.refunds]) == (0, [RefundState.PENDING])


def test_a_refund_that_the_bank_does_not_take_is_listed_as_failed(server, stripe, taken):
    server.books.refunds_become = "failed"
    result = stripe.refund(taken, amount=597, key="r")
    assert (result.refunded_amount, [one.state for one in result.refunds]) == (0, [RefundState.FAILED])
    assert result.refunds[0].message.startswith("Stripe could not pay it back")


@pytest.mark.parametrize("after", ["pending", "succeeded"])
def test_a_refund_that_fails_later_says_why(server, stripe, taken, after):
    server.books.refunds_become = after
    stripe.refund(taken, amount=597, key="r")
    server.books.settle_refund(next(iter(server.books.refunds)), "failed")
    (refund,) = stripe.look_up(reference=taken, key="").refunds
    expected = "Stripe could not pay it back: expired or canceled card."
    assert (refund.state, refund.message) == (RefundState.FAILED, expected)


def test_a_refund_made_at_stripe_is_listed_without_a_key(server, stripe, taken):
    server.books.refund({"payment_intent": taken, "amount": "100"})
    (refund,) = stripe.look_up(reference=taken, key="").refunds
    assert (refund.amount, refund.key) == (100, "")


def test_a_refund_is_not_lost_among_more_than_come_along_with_their_charge(server, stripe, taken):
    for _ in range(12):
        server.books.refund({"payment_intent": taken, "amount": "100"})
    result = stripe.look_up(reference=taken, key="")
    assert ({one.reference for one in result.refunds}, result.refunded_amount) == ({*server.books.refunds}, 1200)


def test_a_refund_of_a_hosted_page_is_listed_too(server, stripe):
    reference = stripe.host(request("")).reference
    server.books.pay_session(reference)
    stripe.refund(reference, amount=597, key="r")
    for _ in range(11):
        server.books.refund({"payment_intent": server.books.session(reference)["payment_intent"], "amount": "1"})
    result = stripe.look_up(reference=reference, key="")
    assert (result.reference, len(result.refunds), result.refunded_amount) == (reference, 12, 608)
