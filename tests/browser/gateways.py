"""The shop at the gateways' stand-ins, as a browser meets them: scripts, frames, and pages on other origins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from payments.gateways import registry
from payments.gateways.stripe import StripeGateway
from tests.standins.at_paypal import ORDERS, empty_paypal, shop_with_paypal
from tests.standins.at_stripe import empty_stripe, shop_with_stripe
from tests.standins.paypal_books import Json
from tests.standins.paypal_server import PayPalStandIn
from tests.standins.stripe_script import SCRIPT
from tests.standins.stripe_server import SECRET_KEY, StripeStandIn

PATIENT = (3.05, 20.0)  # seconds: a busy machine is no fault of the gateway
PAYPALS = "https://www.sandbox.paypal.com"


@contextmanager
def stripe_in_the_browser(shop_url: str) -> Iterator[StripeStandIn]:
    server = empty_stripe()
    script = {"STRIPE_PUBLISHABLE_KEY": "pk_test_standin", "STRIPE_JS_URL": server.url + SCRIPT}
    with shop_with_stripe(server), override_settings(BASE_URL=shop_url, **script):
        registry._GATEWAYS["stripe"] = StripeGateway(SECRET_KEY, api_base=server.url, timeout=PATIENT)
        yield server


@contextmanager
def paypal_in_the_browser(shop_url: str) -> Iterator[PayPalStandIn]:
    server = empty_paypal()
    with shop_with_paypal(server), override_settings(BASE_URL=shop_url, PAYPAL_TIMEOUT=PATIENT):
        yield server


def play_paypals_page(page, paypal: PayPalStandIn) -> None:
    """PayPal's approval page in this browser: two links, of which "Agree and pay" approves."""

    def answer(route) -> None:
        context = _newest_order(paypal)["payment_source"]["paypal"]["experience_context"]
        if route.request.url.startswith(f"{PAYPALS}/agreed"):
            paypal.approve(next(reversed(paypal.orders)))
            route.fulfill(body=_page(f'<meta http-equiv="refresh" content="0; url={context["return_url"]}">'))
        else:
            cancel = f'<p><a href="{context["cancel_url"]}">Cancel</a></p>'
            route.fulfill(body=_page(f'<p><a href="{PAYPALS}/agreed">Agree and pay</a></p>{cancel}'))

    page.route(f"{PAYPALS}/**", answer)


def _newest_order(paypal: PayPalStandIn) -> Json:
    return next(asked.json for asked in reversed(paypal.log) if asked.path == ORDERS)


def _page(body: str) -> str:
    return f'<!doctype html><html lang="en"><title>PayPal</title><link rel="icon" href="data:,">{body}</html>'
