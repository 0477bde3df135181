"""Every request our adapter makes is one that Stripe's API has: judged by its parameter types, served by Prism."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from payments.gateways.base import GatewayRefused
from tests.payments.stripe_requests import by_mobilepay, request
from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.faults import Asked
from tests.standins.prism import Prism, prism


@pytest.fixture(scope="module")
def judge() -> Iterator[Prism]:
    with prism("stripe-form-mock.openapi31.json") as running:
        yield running


@pytest.fixture(scope="module")
def everything_we_ask() -> list[Asked]:
    """Every verb, every way through it, as the stand-in has got it."""
    server = empty_stripe()
    stripe = gateway_at(server)
    taken = stripe.purchase(request()).reference
    stripe.purchase(request("tok_threeDSecureRequired"))
    stripe.purchase(request("pm_card_visa"))
    stripe.purchase(by_mobilepay())
    with pytest.raises(GatewayRefused):
        stripe.purchase(by_mobilepay(currency="USD"))
    stripe.capture(stripe.authorize(request()).reference, amount=1000, key="c")
    stripe.void(stripe.prepare(request("")).reference, key="v")
    stripe.refund(taken, amount=100, key="r")
    for _ in range(10):
        server.books.refund({"payment_intent": taken, "amount": "1"})
    stripe.look_up(reference=taken, key="")
    hosted = [stripe.host(request("")).reference for _ in range(2)]
    server.books.pay_session(hosted[0])
    stripe.refund(hosted[0], amount=100, key="h")
    stripe.void(hosted[1], key="w")
    stripe.look_up(reference="", key="never")
    return list(server.log)


def without_repeats(asked: list[Asked]) -> list[Asked]:
    shapes = {(one.method, re.split("(pi|cs)_", one.path)[0], tuple(sorted(one.form)), one.query): one for one in asked}
    return list(shapes.values())


def test_all_of_them_are_valid(judge, everything_we_ask):
    asked = without_repeats(everything_we_ask)
    assert len({(one.method, one.path.rsplit("/", 1)[-1]) for one in asked}) >= 12
    for one in asked:
        answer = judge.judge(one)
        assert answer.status_code == 200, (one.method, one.path, one.body, answer.text)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (b"amount=", b"amout="),
        (b"capture_method=manual", b"capture_method=by_hand"),
        (b"amount=5597", b"amount=55.97"),
        (b"automatic_payment_methods[enabled]", b"automatic_payment_methods[enable]"),
        (b"confirm=true", b"payment_method_types[0]=card"),
        (b"adaptive_pricing[enabled]", b"adaptive_pricing[enable]"),
        (b"mode=payment", b"mode=pay"),
    ],
)
def test_a_wrong_one_is_not(judge, everything_we_ask, name, wrong):
    """Else the test above would prove nothing."""
    right = next(one for one in everything_we_ask if name in one.body)
    assert judge.judge(replace(right, body=right.body.replace(name, wrong))).status_code >= 400
