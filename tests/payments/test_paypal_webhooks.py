"""PayPal's events are believed when PayPal vouches for these very bytes, and not otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from payments.gateways.base import GatewayUnavailable
from payments.gateways.paypal import WebhookNotVerified, verify_webhook
from tests.standins.faults import Fault
from tests.standins.paypal_server import as_body

ORDER = "https://api-m.sandbox.paypal.com/v2/checkout/orders/ORDER1"
CAPTURE = "https://api-m.sandbox.paypal.com/v2/payments/captures/CAPTURE1"
EVENT: dict[str, Any] = {
    "id": "WH-1",
    "event_type": "PAYMENT.CAPTURE.COMPLETED",
    "resource_type": "capture",
    "create_time": "2026-11-21T10:00:00.000Z",
    "summary": "Zahlung für 1.50 €",  # not ASCII: a rewritten body would be another one
    "resource": {
        "id": "CAPTURE1",
        "fee": 1.50,
        "supplementary_data": {"related_ids": {"order_id": "ORDER1"}},
        "links": [{"rel": "up", "href": ORDER}],
    },
}


def told(paypal, **changes: object):
    body = as_body(EVENT | changes)
    return verify_webhook(paypal.sign(body), body)


def test_a_genuine_event_is_told_with_its_ids_and_time(paypal):
    event = told(paypal)
    assert (event.id, event.type) == ("WH-1", "PAYMENT.CAPTURE.COMPLETED")
    assert event.create_time == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert (event.order_id, event.capture_id, event.refund_id) == ("ORDER1", "CAPTURE1", "")
    assert event.raw == EVENT


@pytest.mark.parametrize(
    ("resource_type", "resource", "ids"),
    [
        ("checkout-order", {"id": "ORDER1"}, ("ORDER1", "", "", "")),
        ("capture", {"id": "CAPTURE1", "links": [{"rel": "up", "href": ORDER}]}, ("ORDER1", "", "CAPTURE1", "")),
        ("refund", {"id": "REFUND1", "links": [{"rel": "up", "href": CAPTURE}]}, ("", "", "CAPTURE1", "REFUND1")),
        (
            "authorization",
            {"id": "AUTH1", "supplementary_data": {"related_ids": {"order_id": "ORDER1"}}},
            ("ORDER1", "AUTH1", "", ""),
        ),
        ("dispute", {"dispute_id": "PP-D-1"}, ("", "", "", "")),
    ],
)
def test_the_ids_are_found_wherever_the_kind_of_resource_has_them(paypal, resource_type, resource, ids):
    event = told(paypal, resource_type=resource_type, resource=resource)
    assert (event.order_id, event.authorization_id, event.capture_id, event.refund_id) == ids


def test_the_event_goes_back_byte_by_byte(paypal):
    body = as_body(EVENT)
    told(paypal)
    assert body in paypal.asked_for("/v1/notifications/")[0].body


def test_headers_are_found_in_any_case(paypal):
    body = as_body(EVENT)
    headers = {name.upper(): value for name, value in paypal.sign(body).items()}
    assert verify_webhook(headers, body).id == "WH-1"


def test_a_changed_body_is_refused(paypal):
    headers = paypal.sign(as_body(EVENT))
    with pytest.raises(WebhookNotVerified):
        verify_webhook(headers, as_body(EVENT | {"id": "WH-2"}))


@pytest.mark.parametrize("name", ["Auth-Algo", "Cert-Url", "Transmission-Id", "Transmission-Sig", "Transmission-Time"])
def test_a_missing_header_is_refused_without_asking(paypal, name):
    body = as_body(EVENT)
    headers = paypal.sign(body)
    del headers[f"Paypal-{name}"]
    with pytest.raises(WebhookNotVerified):
        verify_webhook(headers, body)
    assert paypal.log == []


@pytest.mark.parametrize("moment", ["2999-01-01T00:00:00Z", "yesterday", "2026-13-45T00:00:00Z", "2026-11-21T10:00:00"])
def test_a_time_that_cannot_be_is_refused_without_asking(paypal, moment):
    body = as_body(EVENT)
    with pytest.raises(WebhookNotVerified):
        verify_webhook(paypal.sign(body) | {"Paypal-Transmission-Time": moment}, body)
    assert paypal.log == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"id": "x"}', b"[" * 100_000, b'{"resource": 1}'])
def test_what_is_no_event_is_refused_without_asking(paypal, body):
    with pytest.raises(WebhookNotVerified):
        verify_webhook(paypal.sign(body), body)
    assert paypal.log == []


@pytest.mark.parametrize("change", [{"id": ""}, {"event_type": None}, {"create_time": "soon"}])
def test_a_signed_event_without_id_type_or_time_is_refused(paypal, change):
    with pytest.raises(WebhookNotVerified):
        told(paypal, **change)


@pytest.mark.parametrize("resource", [{"links": [1]}, {"links": {}}, {"supplementary_data": 1}, {"links": 5}])
def test_a_resource_of_another_shape_names_no_ids(paypal, resource):
    assert told(paypal, resource=resource, resource_type="capture").capture_id == ""


def test_without_a_webhook_id_nothing_is_believed(paypal, settings):
    settings.PAYPAL_WEBHOOK_ID = ""
    with pytest.raises(WebhookNotVerified):
        told(paypal)


def test_another_webhooks_events_are_not_ours(paypal, settings):
    settings.PAYPAL_WEBHOOK_ID = "WH0OTHER"
    with pytest.raises(WebhookNotVerified):
        told(paypal)


def test_with_paypal_out_of_reach_nobody_knows(paypal):
    paypal.fail(Fault.ERROR_500, path="/v1/notifications", times=3)
    with pytest.raises(GatewayUnavailable):
        told(paypal)


def test_a_broken_connection_is_tried_again(paypal):
    paypal.fail(Fault.BREAK_BEFORE, path="/v1/notifications", times=2)
    assert told(paypal).id == "WH-1"
