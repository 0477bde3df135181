"""Whatever happens at Stripe: no key, no token, no phone number and no client secret gets into a log or a message."""

from __future__ import annotations

import logging

import pytest

from payments.gateways.base import GatewayRefused, GatewayUnavailable
from tests.payments.stripe_requests import by_mobilepay, request
from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.faults import Fault
from tests.standins.stripe_server import SECRET_KEY

TOKEN = "tok_1SecretOfACustomer"
PHONE = "+4598765432"


@pytest.fixture
def everything_logged(caplog) -> pytest.LogCaptureFixture:
    """Down to DEBUG, and the SDK's own logger as the shop's settings have it."""
    caplog.set_level(logging.DEBUG)
    return caplog


def test_neither_logs_nor_messages_repeat_a_secret(everything_logged):
    server = empty_stripe()
    stripe = gateway_at(server)
    said = []
    server.fail(Fault.ERROR_500, body="tok_mastercard", times=3)
    server.fail(Fault.HTML_502, body="tok_amex", times=3)
    for asked in (request(TOKEN), request("tok_mastercard"), request("tok_amex"), by_mobilepay(instrument=PHONE)):
        try:
            stripe.purchase(asked)
        except (GatewayRefused, GatewayUnavailable) as error:
            said += [str(error), repr(error.__cause__)]
    with pytest.raises(GatewayUnavailable) as mistaken:
        gateway_at(server, secret_key="sk_test_wrong").purchase(request(TOKEN))
    prepared = stripe.prepare(request(""))
    logged = everything_logged.text + " ".join([*said, str(mistaken.value)])
    assert "Stripe: InvalidRequestError, status 400, code resource_missing" in logged
    assert "Check STRIPE_SECRET_KEY" in logged
    for secret in (TOKEN, PHONE, PHONE[1:], SECRET_KEY, "sk_test_wrong", prepared.client_secret, "tok_mastercard"):
        assert secret not in logged
