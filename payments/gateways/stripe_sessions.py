"""Stripe's hosted page: one payment is one Checkout Session, and the session's id is the payment's reference.

A session gets its PaymentIntent when the shopper pays; both carry the payment's key in their metadata, so that a
session whose answer was lost, and an event about its intent, are found by it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayResult, canceled_url
from payments.gateways.stripe_answers import HOSTED, REFUNDS, result_of_session
from payments.gateways.stripe_calls import ask
from payments.gateways.stripe_words import to_stripe

if TYPE_CHECKING:
    import stripe
    from stripe.params.checkout import SessionCreateParams, SessionListParams

LIVES = 23 * 3600  # seconds from the payment's beginning; Stripe takes 30 minutes to 24 hours from the call on
KEYS_ARE_KEPT = 24 * 3600  # seconds
CLOCKS_DIFFER = 600  # seconds at most
MOST_SEARCHED = 2000  # looked through for one whose answer was lost
PAYMENT_KEY = "payment_key"  # in the metadata of all that belongs to a payment: its idempotency key
_WHOLE = [f"payment_intent.{REFUNDS}"]  # all that is asked for with a session


def is_session(reference: str) -> bool:
    return reference.startswith("cs_")


class Sessions:
    """`api`: the SDK's client of version 1. Everything raises GatewayRefused or GatewayUnavailable."""

    def __init__(self, api: stripe.V1Services) -> None:
        self._sessions = api.checkout.sessions

    def open(self, request: ChargeRequest) -> GatewayResult:
        params = _params(request)
        return result_of_session(ask(lambda: self._sessions.create(params, {"idempotency_key": request.key})))

    def look_up(self, reference: str) -> GatewayResult:
        return result_of_session(ask(lambda: self._retrieve(reference)))

    def find(self, key: str, since: datetime | None) -> GatewayResult | None:
        """Among the newest sessions made since then, or in the last 24 hours."""
        expand = [f"data.{path}" for path in _WHOLE]
        newest: SessionListParams = {"created": {"gte": earliest(since)}, "limit": 100, "expand": expand}
        found = ask(lambda: carrying(key, self._sessions.list(newest).auto_paging_iter()))
        return result_of_session(found) if found else None

    def close(self, reference: str, *, key: str) -> GatewayResult:
        """Nobody can pay on the page any more. One that was paid or closed before raises GatewayRefused."""
        return result_of_session(
            ask(lambda: self._sessions.expire(reference, {"expand": _WHOLE}, {"idempotency_key": key}))
        )

    def intent_of(self, reference: str) -> str:
        """The id of the intent that a session was paid with. Raises GatewayRefused where it was not."""
        intent = ask(lambda: self._retrieve(reference)).payment_intent
        if intent is None:
            raise GatewayRefused("Nothing was paid on this page.")
        return intent if isinstance(intent, str) else intent.id

    def _retrieve(self, reference: str) -> stripe.checkout.Session:
        return self._sessions.retrieve(reference, {"expand": _WHOLE})


def earliest(since: datetime | None) -> int:
    """When the oldest one was made that is still looked through. Stripe's clock is not ours."""
    return int(since.timestamp()) - CLOCKS_DIFFER if since else int(time.time()) - KEYS_ARE_KEPT


def carrying(key: str, listed: Iterable[Any]) -> Any:
    """The first of them that was made for the payment of this key, or None."""
    found = (one for one in islice(listed, MOST_SEARCHED) if key_in(one.metadata) == key)
    return next(found, None) if key else None


def metadata(request: ChargeRequest) -> dict[str, str]:
    return {"order_reference": request.order_reference, PAYMENT_KEY: request.key}


def key_in(metadata: Any) -> str:
    """The payment's key in what the SDK has of an intent's or session's metadata, '' where it is not ours."""
    return str(metadata[PAYMENT_KEY]) if metadata and PAYMENT_KEY in metadata else ""


def _params(request: ChargeRequest) -> SessionCreateParams:
    """The same for each repeat of a key: Stripe refuses a key with other parameters."""
    price = {
        "currency": request.currency.lower(),
        "unit_amount": to_stripe(request.amount, request.currency),
        "product_data": {"name": "Your order"},
    }
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],  # type: ignore[typeddict-item]
        "adaptive_pricing": {"enabled": False},  # the currency asked for is the currency taken
        "client_reference_id": request.order_reference,
        "metadata": metadata(request),
        "payment_intent_data": {"metadata": {**metadata(request), HOSTED: "yes"}},
        "success_url": request.return_url,
        "cancel_url": canceled_url(request.return_url),
        "expires_at": int(request.asked_at.timestamp()) + LIVES,
    }
