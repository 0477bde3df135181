"""Events that PayPal sends us, believed only when PayPal itself vouches for them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils.dateparse import parse_datetime

from payments.gateways import paypal_answers as answers
from payments.gateways.base import Hint
from payments.gateways.paypal_answers import Json, PayPalRefusal
from payments.gateways.paypal_connection import transport

CLOCKS_DIFFER = timedelta(minutes=5)


class WebhookNotVerified(Exception):
    """Not from PayPal, not for this webhook, or not readable. The message may be shown."""


@dataclass(frozen=True)
class PayPalEvent:
    """An event that PayPal vouched for. Ids that it does not name are ''. `type` such as PAYMENT.CAPTURE.COMPLETED."""

    id: str
    type: str
    create_time: datetime
    order_id: str = ""
    authorization_id: str = ""
    capture_id: str = ""
    refund_id: str = ""
    raw: Json = field(default_factory=dict)


_SIGNED = {
    "auth_algo": "paypal-auth-algo",
    "cert_url": "paypal-cert-url",
    "transmission_id": "paypal-transmission-id",
    "transmission_sig": "paypal-transmission-sig",
    "transmission_time": "paypal-transmission-time",
}


def verify_webhook(headers: Mapping[str, str], body: bytes) -> PayPalEvent:
    """Asks PayPal whether the event is its own. The SDK's own check refuses every genuine one.

    `headers` by name in any case. Raises WebhookNotVerified; GatewayUnavailable when PayPal cannot be asked.
    """
    said = _signed_part(headers)
    text, event = _read(body)
    # The signature is over the very bytes: the event goes back as it came, not as we would write it.
    question = f'{json.dumps(said | {"webhook_id": settings.PAYPAL_WEBHOOK_ID})[:-1]}, "webhook_event": {text}}}'
    paypal = transport()
    url = f"{paypal.endpoint}/v1/notifications/verify-webhook-signature"
    try:
        answer = paypal.request(url, "POST", question, is_repeatable=True)
    except PayPalRefusal as refusal:
        raise WebhookNotVerified("PayPal could not make sense of the signature.") from refusal
    if answer.get("verification_status") != "SUCCESS":
        raise WebhookNotVerified("The signature is not PayPal's.")
    return _event_from(event)


def _signed_part(headers: Mapping[str, str]) -> dict[str, str]:
    if not settings.PAYPAL_WEBHOOK_ID:
        raise WebhookNotVerified("No webhook is set up.")
    given = {name.lower(): value for name, value in headers.items()}
    said = {field: given.get(name, "") for field, name in _SIGNED.items()}
    if not all(said.values()):
        raise WebhookNotVerified("A signature header is missing.")
    sent_at = _time(said["transmission_time"])
    if sent_at is None or sent_at > datetime.now(UTC) + CLOCKS_DIFFER:
        raise WebhookNotVerified("The time of the signature cannot be.")
    return said


def _time(text: object) -> datetime | None:
    """The moment, or None for anything else than a time with its zone."""
    try:
        moment = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _read(body: bytes) -> tuple[str, Json]:
    try:
        text = body.decode()
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WebhookNotVerified("The event is not JSON.") from error
    if not isinstance(event, dict) or not isinstance(event.get("resource"), dict):
        raise WebhookNotVerified("The event is not an object with a resource.")
    return text, event


def _event_from(event: Json) -> PayPalEvent:
    created_at = _time(event.get("create_time"))
    if not event.get("id") or not event.get("event_type") or created_at is None:
        raise WebhookNotVerified("The event has no id, type or time.")
    return PayPalEvent(str(event["id"]), str(event["event_type"]), created_at, **_ids_in(event), raw=event)


_KINDS = {
    "checkout-order": "order_id",
    "authorization": "authorization_id",
    "capture": "capture_id",
    "refund": "refund_id",
}


_WANTED = ("CHECKOUT.ORDER.", "PAYMENT.CAPTURE.", "PAYMENT.AUTHORIZATION.", "PAYMENT.REFUND.", "CUSTOMER.DISPUTE.")


def hint_of(raw: Json) -> Hint:
    """What a verified event tells of its payment. An order and a capture bear the payment's key as their custom id; a
    refund bears its own."""
    event = _event_from(raw)
    is_refund = bool(event.refund_id)
    custom_id = _custom_id(raw["resource"])
    capture_id = event.capture_id or _disputed(raw["resource"])
    key = "" if is_refund else custom_id
    return Hint(
        is_wanted=event.type.startswith(_WANTED),
        reference=event.order_id,
        parts=tuple(filter(None, (capture_id, event.authorization_id))),
        key=key,
        refund_key=custom_id if is_refund else "",
        trail="" if key else capture_id,
    )


def _custom_id(resource: Json) -> str:
    """A capture's own, or that of an order's only unit."""
    unit = next(iter(answers.entries(resource, "purchase_units")), {})
    return str(resource.get("custom_id") or unit.get("custom_id") or "")


def _disputed(resource: Json) -> str:
    """The capture that a dispute is about, '' where it is about none or about several."""
    disputed = answers.entries(resource, "disputed_transactions")
    return str(disputed[0].get("seller_transaction_id") or "") if len(disputed) == 1 else ""


def _ids_in(event: Json) -> dict[str, str]:
    """The ids an event names: of its resource, of what belongs to it, and of what a refund or capture came from."""
    resource = event["resource"]
    related = answers.related_ids(resource)
    found = {name: str(related[name]) for name in _KINDS.values() if related.get(name)}
    kind, _, origin = answers.link(resource, "up").rpartition("/")
    parent = {"orders": "order_id", "authorizations": "authorization_id", "captures": "capture_id"}
    name = parent.get(kind.rpartition("/")[2])
    if name:
        found.setdefault(name, origin)
    own = _KINDS.get(str(event.get("resource_type", "")).lower())
    if own and resource.get("id"):
        found[own] = str(resource["id"])
    return found
