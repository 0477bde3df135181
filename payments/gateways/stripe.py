"""Cards and MobilePay through Stripe's PaymentIntents. The only file that knows Stripe's SDK, loaded at first use.

One payment is one PaymentIntent; its reference is the intent's id, and its metadata carry the payment's key, by which
`look_up` finds an intent whose answer was lost. Every mutating call has an idempotency key, which Stripe keeps for at
least 24 hours.

A wrong secret key or missing permission is GatewayUnavailable, never a decline: the shopper's card is not at fault,
and the payment is asked about again once the configuration is right.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.stripe_answers import CHARGE, SHOPPER_CONFIRMS, result_of, why
from payments.gateways.stripe_words import refusal_sentence, to_stripe

if TYPE_CHECKING:
    import stripe
    from stripe.params import PaymentIntentCreateParams

logger = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"  # of the SDK we pin: its types are this version's
TIMEOUT = (3.05, 20.0)  # seconds to connect, and to wait for an answer
RETRIES = 2  # each under the call's own idempotency key
KEYS_ARE_KEPT = 24 * 3600  # seconds
MOST_SEARCHED = 2000  # intents looked through for one whose answer was lost
WEBHOOK_TOLERANCE = 300  # seconds, past and future

_CARD_INSTRUMENT = re.compile(r"(tok|pm)_[A-Za-z0-9_]{1,150}")
T = TypeVar("T")


class StripeGateway:
    """Thread-safe. `api_base`: another address than Stripe's own. `timeout`: seconds to connect and to read."""

    def __init__(self, secret_key: str, *, api_base: str = "", timeout: tuple[float, float] = TIMEOUT) -> None:
        import stripe

        self._api = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else {},
            http_client=stripe.RequestsClient(timeout=timeout),
            max_network_retries=RETRIES,
            stripe_version=API_VERSION,
        ).v1

    def understands(self, instrument: str) -> bool:
        return bool(_CARD_INSTRUMENT.fullmatch(instrument))

    def prepare(self, request: ChargeRequest) -> GatewayResult:
        params = self._params(request)
        params["automatic_payment_methods"] = {"enabled": True}
        params["metadata"] = {**_metadata(request), SHOPPER_CONFIRMS: "yes"}
        intent = _ask(lambda: self._api.payment_intents.create(params, {"idempotency_key": request.key}))
        return result_of(intent, client_secret=intent.client_secret or "")

    def host(self, request: ChargeRequest) -> GatewayResult:  # noqa: ARG002
        raise GatewayRefused("Stripe's own page is not offered yet.")

    def authorize(self, request: ChargeRequest) -> GatewayResult:
        return self._charge(request, capture_method="manual")

    def purchase(self, request: ChargeRequest) -> GatewayResult:
        return self._charge(request, capture_method="automatic")

    def _charge(self, request: ChargeRequest, *, capture_method: str) -> GatewayResult:
        params = self._params(request)
        params["confirm"] = True
        params["return_url"] = request.return_url
        if capture_method == "manual":
            params["capture_method"] = "manual"
        try:
            self._name_method(params, request)
            intent = _ask(lambda: self._api.payment_intents.create(params, {"idempotency_key": request.key}))
        except _Declined as declined:
            return declined.result(request)
        if request.provider == "mobilepay":
            self._must_take_mobilepay(intent, request)
        return result_of(intent)

    def _params(self, request: ChargeRequest) -> PaymentIntentCreateParams:
        return {
            "amount": to_stripe(request.amount, request.currency),
            "currency": request.currency.lower(),
            "metadata": _metadata(request),
            "expand": [CHARGE],
        }

    def _name_method(self, params: PaymentIntentCreateParams, request: ChargeRequest) -> None:
        if request.provider == "mobilepay":
            params["allowed_payment_method_types"] = ["mobilepay"]
            params["payment_method_data"] = {
                "type": "mobilepay",
                "billing_details": {"phone": request.instrument},
            }
        else:
            params["automatic_payment_methods"] = {"enabled": True}
            params["payment_method"] = self._payment_method(request)

    def _payment_method(self, request: ChargeRequest) -> str:
        """Intents take no token: it becomes a payment method first, under a key of its own."""
        if not self.understands(request.instrument):
            raise GatewayRefused("This card token is not known.")
        if request.instrument.startswith("pm_"):
            return request.instrument
        method = _ask(
            lambda: self._api.payment_methods.create(
                {"type": "card", "card": {"token": request.instrument}},
                {"idempotency_key": f"{request.key}_method"},
            )
        )
        return method.id

    def _must_take_mobilepay(self, intent: stripe.PaymentIntent, request: ChargeRequest) -> None:
        """Stripe leaves a method out silently where the currency or the account does not allow it."""
        has_moved = intent.status in {"succeeded", "processing", "requires_capture"}
        if "mobilepay" in intent.payment_method_types or has_moved:
            return
        self.void(intent.id, key=f"{request.key}_filtered")
        raise GatewayRefused(f"MobilePay does not take {request.currency}.")

    def capture(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        theirs = to_stripe(amount, self._currency_of(reference))
        intent = _ask(
            lambda: self._api.payment_intents.capture(
                reference, {"amount_to_capture": theirs, "expand": [CHARGE]}, {"idempotency_key": key}
            )
        )
        return result_of(intent)

    def void(self, reference: str, *, key: str) -> GatewayResult:
        intent = _ask(
            lambda: self._api.payment_intents.cancel(reference, {"expand": [CHARGE]}, {"idempotency_key": key})
        )
        return result_of(intent)

    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        before = _ask(lambda: self._retrieve(reference))
        if before.status != "succeeded":
            raise GatewayRefused("Only what was taken can be paid back.")
        theirs = to_stripe(amount, before.currency.upper())
        refund = _ask(
            lambda: self._api.refunds.create({"payment_intent": reference, "amount": theirs}, {"idempotency_key": key})
        )
        if refund.status in {"failed", "canceled"}:
            raise GatewayRefused("The bank did not take the refund.")
        return result_of(_ask(lambda: self._retrieve(reference)))

    def look_up(self, *, reference: str, key: str) -> GatewayResult:
        """By the key: the intents of the last 24 hours are looked through, the newest 2,000 at most. An older or
        deeper one is UNKNOWN; asking for it again under its key moves no more money within those 24 hours."""
        try:
            found = _ask(lambda: self._retrieve(reference) if reference else self._find(key))
        except _Invalid as refusal:
            if refusal.code != "resource_missing":
                raise GatewayUnavailable("Stripe did not take the question.") from None
            found = None
        return result_of(found) if found else GatewayResult(outcome=Outcome.UNKNOWN)

    def _find(self, key: str) -> stripe.PaymentIntent | None:
        recent = self._api.payment_intents.list(
            {
                "created": {"gte": int(time.time()) - KEYS_ARE_KEPT},
                "limit": 100,
                "expand": [f"data.{CHARGE}"],
            }
        )
        for intent in islice(recent.auto_paging_iter(), MOST_SEARCHED):
            if intent.metadata and "payment_key" in intent.metadata and intent.metadata["payment_key"] == key:
                return intent
        return None

    def _retrieve(self, reference: str) -> stripe.PaymentIntent:
        return self._api.payment_intents.retrieve(reference, {"expand": [CHARGE]})

    def _currency_of(self, reference: str) -> str:
        return _ask(lambda: self._retrieve(reference)).currency.upper()


def _metadata(request: ChargeRequest) -> dict[str, str]:
    return {"order_reference": request.order_reference, "payment_key": request.key}


class _Declined(GatewayRefused):
    """A card error, with the intent it left behind, where there is one."""

    def __init__(self, error: stripe.CardError) -> None:
        said: dict[str, Any] = error.error.to_dict() if error.error else {}
        self.intent: dict[str, Any] | None = said.get("payment_intent")
        self.code, sentence = why(said)
        super().__init__(sentence)

    def result(self, request: ChargeRequest) -> GatewayResult:
        if self.intent:
            return result_of(self.intent)
        return GatewayResult(
            Outcome.DECLINED,
            amount=request.amount,
            currency=request.currency,
            decline_code=self.code,
            message=str(self),
        )


class _Invalid(GatewayRefused):
    """A request that Stripe does not take, with its own code for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(refusal_sentence(code))


def _ask(call: Callable[[], T]) -> T:
    """Raises _Declined, GatewayRefused or GatewayUnavailable; nothing of the SDK's gets further."""
    import stripe

    try:
        return call()
    except stripe.CardError as error:
        raise _Declined(error) from None
    except stripe.StripeError as error:
        raise _translated(error) from None


def _translated(error: stripe.StripeError) -> GatewayRefused | GatewayUnavailable:
    """Only named codes are logged: messages repeat tokens and parts of keys. Stripe's dashboard has them by request."""
    import stripe

    kind, status, param = type(error).__name__, error.http_status, getattr(error, "param", None)
    said = f"Stripe: {kind}, status {status}, code {error.code}, parameter {param}, request {error.request_id}"
    if isinstance(error, stripe.InvalidRequestError):
        logger.warning(said)
        return _Invalid(error.code or "")
    if isinstance(error, stripe.IdempotencyError):
        logger.error(said)
        return GatewayRefused("This payment was asked for before, with another amount or method.")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        logger.error("%s. Check STRIPE_SECRET_KEY: no payment can be made.", said)
    else:
        logger.warning(said)
    return GatewayUnavailable("Stripe gave no clear answer.")


class WebhookRefused(Exception):
    """Not signed with our secret, too old, from the future, or no event at all. The text is safe to answer with."""


@dataclass(frozen=True)
class StripeEvent:
    """A verified event. `payment_reference`: the PaymentIntent it is about, '' where it is about none.

    `object_id`, `object_type`: what it carries (a `refund`, a `charge`, a `checkout.session`...). `raw`: all of it.
    """

    id: str
    type: str
    object_id: str
    object_type: str
    payment_reference: str
    created_at: datetime
    raw: dict[str, Any]


def verify_webhook(body: bytes, signature: str, secret: str) -> StripeEvent:
    """The event in a webhook's body, as sent. Raises WebhookRefused."""
    import stripe

    if not secret:
        raise WebhookRefused("No webhook secret is set.")
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
        kind = carried["object"]
        intent = carried["id"] if kind == "payment_intent" else carried.get("payment_intent")
        return StripeEvent(
            id=raw["id"],
            type=raw["type"],
            object_id=carried.get("id") or "",
            object_type=kind,
            payment_reference=(intent.get("id") if isinstance(intent, dict) else intent) or "",
            created_at=datetime.fromtimestamp(raw["created"], UTC),
            raw=raw,
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise WebhookRefused("The body is not an event.") from None
