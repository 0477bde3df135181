"""Stripe's minor units are not always ISO's."""

from __future__ import annotations

import pytest

from payments.gateways.base import GatewayRefused, GatewayUnavailable, Outcome
from payments.gateways.stripe_words import from_stripe, to_stripe
from tests.payments.stripe_requests import request
from tests.standins.at_stripe import empty_stripe, gateway_at


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("USD", 5597, 5597),
        ("JPY", 500, 500),
        ("HUF", 1045, 1045),
        ("TWD", 80045, 80045),
        ("ISK", 5, 500),
        ("UGX", 5, 500),
        ("MGA", 500, 5),
        ("KWD", 5120, 5120),
    ],
)
def test_an_amount_goes_out_in_stripes_units_and_comes_back_in_ours(currency, ours, theirs):
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


@pytest.mark.parametrize(("currency", "amount"), [("KWD", 5124), ("MGA", 550), ("USD", 0), ("USD", -1)])
def test_an_amount_stripe_cannot_express_is_refused(currency, amount):
    with pytest.raises(GatewayRefused):
        to_stripe(amount, currency)


def test_a_fraction_of_our_smallest_unit_is_no_answer():
    with pytest.raises(GatewayUnavailable):
        from_stripe(550, "ISK")


def test_every_verb_speaks_the_currencys_units():
    server = empty_stripe()
    stripe = gateway_at(server)
    held = stripe.authorize(request(amount=5000, currency="ISK"))
    assert (held.outcome, held.amount) == (Outcome.AUTHORIZED, 5000)
    stripe.capture(held.reference, amount=4000, key="c")
    told = stripe.refund(held.reference, amount=1000, key="r")
    assert (told.amount, told.captured_amount, told.refunded_amount) == (5000, 4000, 1000)
    assert server.books.moved("isk") == 300000
