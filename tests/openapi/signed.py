"""What makes a gateway's event genuine, and what spoils that."""

from __future__ import annotations

from typing import Any

import pytest
import stripe
from django.test import override_settings

from common.errors import DomainError, ErrorCode
from payments import events
from payments.gateways import paypal_connection
from recovery import undelivered
from tests.payments.events_sent import STRIPE_SECRET
from tests.recovery.api import told
from tests.standins.at_paypal import QUICK, empty_paypal, transport_to
from tests.standins.faults import Fault
from tests.standins.paypal_server import WEBHOOK_ID


def by_stripe(raw: bytes) -> dict[str, str]:
    return {"Stripe-Signature": stripe.WebhookSignature.generate_signature_header(raw.decode(), STRIPE_SECRET)}


def by_paypal(raw: bytes) -> dict[str, str]:
    return empty_paypal().sign(raw)


def by_paypal_that_cannot_be_asked(raw: bytes) -> dict[str, str]:
    server = empty_paypal()
    server.fail(Fault.ERROR_500, path="/v1/notifications", times=3)
    return server.sign(raw)


def by_mail_provider(raw: bytes) -> dict[str, str]:  # noqa: ARG001 - the others sign it
    return told.authorization()


def webhooks_are_open(settings: Any) -> None:
    """Both gateways' secrets are set; PayPal's stand-in vouches for its events, and takes no payments."""
    server = empty_paypal()
    told.open_webhook(settings)
    settings.STRIPE_WEBHOOK_SECRET, settings.PAYPAL_WEBHOOK_ID = STRIPE_SECRET, WEBHOOK_ID
    settings.PAYPAL_API_BASE, settings.PAYPAL_TIMEOUT = server.url, QUICK
    paypal_connection._transports.clear()
    paypal_connection._transports["", "", server.url, QUICK] = transport_to(server)


def while_closed(call: Any) -> Any:
    with override_settings(STRIPE_WEBHOOK_SECRET="", PAYPAL_WEBHOOK_ID="", EMAIL_WEBHOOK_SECRET=""):
        return call.send()


def while_busy(call: Any) -> Any:
    def busy(*_: object, **__: object) -> None:
        raise DomainError(ErrorCode.BUSY)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "receive", busy)
        patch.setattr(undelivered, "heard", busy)
        return call.send()
