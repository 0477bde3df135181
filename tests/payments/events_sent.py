"""Gateways' events as they arrive at the shop: signed, over HTTP, from a client that knows no cookie and no token."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.test import Client

from tests.standins.paypal_server import PayPalStandIn, as_body
from tests.standins.stripe_server import signed_event

STRIPE_SECRET = "whsec_of_the_tests"
AT_STRIPES, AT_TRACKERS, AT_PAYPALS = "/api/stripe/webhook", "/api/webhooks/stripe", "/api/webhooks/paypal"
_numbers = count(1)


def hear_stripe(kind: str, carried: dict[str, Any], *, path: str = AT_TRACKERS, event_id: str = "") -> Any:
    """Stripe's event arrives, as it would."""
    event_id = event_id or f"evt_{next(_numbers)}"
    body, signature = signed_event(kind, carried, secret=STRIPE_SECRET, event_id=event_id)
    return send_stripe(body, signature, path=path)


def send_stripe(body: bytes, signature: str, *, path: str = AT_TRACKERS) -> Any:
    headers = {"Stripe-Signature": signature} if signature else {}
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return client.generic("POST", path, body, "application/json; charset=utf-8", headers=headers)


def hear_paypal(
    server: PayPalStandIn, kind: str, resource_type: str, resource: dict[str, Any], *, event_id: str = ""
) -> Any:
    body = as_body(
        {
            "id": event_id or f"WH-{next(_numbers)}",
            "event_type": kind,
            "resource_type": resource_type,
            "create_time": "2026-11-21T10:00:00.000Z",
            "resource": resource,
        }
    )
    return send_paypal(body, server.sign(body))


def send_paypal(body: bytes, headers: dict[str, str]) -> Any:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return client.generic("POST", AT_PAYPALS, body, "application/json", headers=headers)
