"""Stripe's adapter in front of the stand-in, for tests: one server a test process, emptied for each test."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import stripe
from django.test import override_settings

from payments.gateways import registry
from payments.gateways.stripe import StripeGateway
from tests.standins.stripe_server import SECRET_KEY, StripeStandIn

QUICK = (1.0, 0.5)  # seconds: a test that lets the stand-in hang waits three times the second


@functools.cache
def _server() -> StripeStandIn:
    stripe.HTTPClient.INITIAL_DELAY = 0  # seconds between the SDK's tries
    stripe.HTTPClient.MAX_DELAY = 0
    return StripeStandIn().start()


def empty_stripe() -> StripeStandIn:
    server = _server()
    server.reset()
    return server


def gateway_at(server: StripeStandIn, *, secret_key: str = SECRET_KEY) -> StripeGateway:
    return StripeGateway(secret_key, api_base=server.url, timeout=QUICK)


@contextmanager
def shop_with_stripe(server: StripeStandIn) -> Iterator[None]:
    """The whole shop uses the stand-in, as it would with STRIPE_SECRET_KEY and STRIPE_API_BASE set."""
    with override_settings(STRIPE_SECRET_KEY=SECRET_KEY, STRIPE_API_BASE=server.url):
        registry._GATEWAYS["stripe"] = gateway_at(server)
        try:
            yield
        finally:
            del registry._GATEWAYS["stripe"]
