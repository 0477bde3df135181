"""Every request our adapter makes is valid by PayPal's own OpenAPI documents; a wrong one would be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from payments.gateways.base import ChargeRequest
from payments.gateways.paypal import PayPalGateway, look_up_capture, verify_webhook
from tests.standins.faults import Asked
from tests.standins.paypal_server import PayPalStandIn, as_body
from tests.standins.prism import Prism, prism

DOCUMENT = "paypal-orders-payments-webhooks.openapi30.json"
REQUEST = ChargeRequest(
    key="pay_1_purchase",
    provider="paypal",
    amount=10000,
    currency="DKK",
    instrument="",
    order_reference="4b1d3c1e9a5f4c6e8d7b2a1908f7e6d5",
    return_url="http://127.0.0.1:8000/orders/x/return",
)
EVENT = {
    "id": "WH-1",
    "event_type": "PAYMENT.CAPTURE.COMPLETED",
    "resource_type": "capture",
    "event_version": "1.0",
    "create_time": "2026-11-21T10:00:00Z",
    "summary": "Payment completed",
    "resource": {"id": "CAPTURE1"},
    "links": [],
}


@pytest.fixture(scope="module")
def document() -> Iterator[Prism]:
    with prism(DOCUMENT) as running:
        yield running


@pytest.fixture
def everything_asked(paypal: PayPalStandIn) -> list[Asked]:
    """All the adapter can do, done once."""
    gateway = PayPalGateway()
    taken = gateway.purchase(REQUEST).reference
    paypal.approve(taken)
    gateway.capture(taken, amount=10000, key="pay_1_capture")
    gateway.refund(taken, amount=1000, key="refund_1")
    look_up_capture(paypal.orders[taken].captures[0].id)
    for key, end in (("pay_2", gateway.void), ("pay_3", lambda ref, key: gateway.capture(ref, amount=5000, key=key))):
        held = gateway.authorize(replace(REQUEST, key=f"{key}_purchase")).reference
        paypal.approve(held)
        gateway.hold(held, key=f"{key}_hold")
        end(held, key=f"{key}_end")
    gateway.look_up(reference=taken, key="")
    body = as_body(EVENT)
    verify_webhook(paypal.sign(body), body)
    return list(paypal.log)


def test_every_request_is_valid_by_paypals_own_documents(document, everything_asked):
    kinds = {(asked.method, "".join(part for part in asked.path if not part.isdigit())) for asked in everything_asked}
    assert len(kinds) == 10
    for asked in everything_asked:
        answer = document.judge(asked)
        assert answer.status_code < 300, (asked.method, asked.path, asked.body, answer.text)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/v2/checkout/orders", {"intent": "TAKE"}),
        ("/v2/checkout/orders", {"purchase_units": []}),
        ("/v2/checkout/orders", {"purchase_units": [{"amount": {"currency_code": "DKK", "value": 100.0}}]}),
        ("/v2/checkout/orders", {"purchase_units": [{"amount": {"currency": "DKK", "value": "100.00"}}]}),
        ("/v2/payments/captures/C1/refund", {"amount": {"value": "1.00"}}),
    ],
)
def test_a_wrong_request_is_seen(document, everything_asked, path, wrong):
    """Without this, a document that checks nothing would make the test above green."""
    kind = path.rpartition("/")[2]
    good = next(asked for asked in everything_asked if asked.method == "POST" and asked.path.endswith(kind))
    bad = replace(good, path=path, body=json.dumps(good.json | wrong).encode())
    assert document.judge(bad).status_code == 422


def test_a_body_with_a_read_is_seen(document, everything_asked):
    read = next(asked for asked in everything_asked if asked.method == "GET")
    headers = {**read.headers, "content-type": "application/json"}
    assert document.judge(replace(read, body=b"null", headers=headers)).status_code == 415
