"""Events that Stripe sends us, believed only when they are signed with our secret, now."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from payments.gateways.base import Hint
from payments.gateways.stripe_refunds import REFUND_KEY

WEBHOOK_TOLERANCE = 300  # seconds, past and future
_WANTED = ("payment_intent.", "charge.", "refund.", "checkout.session.")
_WITHOUT_OUR_KEY = ("refund", "dispute")  # metadata of their own: the intent's are to be asked for
_A_PAYMENT_ITSELF = ("payment_intent", "checkout.session")  # a payment's reference is the id of one of these


class WebhookRefused(Exception):
    """Not signed with our secret, too old, from the future, or no event at all. The text is safe to answer with."""


@dataclass(frozen=True)
class StripeEvent:
    """A verified event, and how to find the payment it is about.

    `payment_reference`: the Checkout Session's id for an event of a session, else the PaymentIntent's; '' for none.
    `payment_key`: the idempotency key of the payment, '' where the event does not carry it. An intent made by
    Stripe's hosted page is found by it: that payment's reference is the session.
    `object_id`, `object_type`: what it carries (a `refund`, a `charge`, a `checkout.session`...). `raw`: all of it.
    """

    id: str
    type: str
    object_id: str
    object_type: str
    payment_reference: str
    payment_key: str
    created_at: datetime
    raw: dict[str, Any]


def verify_webhook(body: bytes, signature: str, secret: str) -> StripeEvent:
    """The event in a webhook's body, as sent. Raises WebhookRefused."""
    import stripe

    if not secret:
        raise WebhookRefused("No webhook secret is set.")
    if not signature:
        raise WebhookRefused("The Stripe-Signature header is missing.")
    try:
        text = body.decode()
        stripe.Webhook.construct_event(text, signature, secret, WEBHOOK_TOLERANCE)
        signed_at = int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
        raw = json.loads(text)
    except stripe.SignatureVerificationError as error:
        raise WebhookRefused(error.user_message or "The signature does not match.") from None
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration):
        raise WebhookRefused("The body is not an event.") from None
    if signed_at > time.time() + WEBHOOK_TOLERANCE:
        raise WebhookRefused("Timestamp outside the tolerance zone")
    return _event(raw)


def _event(raw: dict[str, Any]) -> StripeEvent:
    try:
        carried = raw["data"]["object"]
        event = StripeEvent(
            id=_text(raw["id"]),
            type=_text(raw["type"]),
            object_id=_text(carried.get("id")),
            object_type=_text(carried["object"]),
            payment_reference=_payment_reference(carried),
            payment_key=_text((carried.get("metadata") or {}).get("payment_key")),
            created_at=datetime.fromtimestamp(raw["created"], UTC),
            raw=raw,
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError):
        raise WebhookRefused("The body is not an event.") from None
    if not (event.id and event.type):
        raise WebhookRefused("The body is not an event.")
    return event


def _text(said: object) -> str:
    return said if isinstance(said, str) else ""


def _payment_reference(carried: dict[str, Any]) -> str:
    if carried["object"] in _A_PAYMENT_ITSELF:
        return _text(carried["id"])
    intent = carried.get("payment_intent")
    return _text(intent.get("id") if isinstance(intent, dict) else intent)


def hint_of(raw: dict[str, Any]) -> Hint:
    """What a verified event tells of its payment. An intent, a charge and a session bear the payment's key."""
    event = _event(raw)
    metadata = raw["data"]["object"].get("metadata") or {}
    return Hint(
        is_wanted=event.type.startswith(_WANTED),
        reference=event.payment_reference,
        key=event.payment_key,
        refund_key=_text(metadata.get(REFUND_KEY)),
        trail=event.payment_reference if event.object_type in _WITHOUT_OUR_KEY else "",
    )
