"""Cards and MobilePay through Stripe. Its SDK is loaded at first use, and known to the files named stripe* alone.

One payment is one PaymentIntent, or one Checkout Session where the shopper pays on Stripe's own page
(`stripe_sessions`); the payment's reference is its id, and its metadata carry the payment's key, by which `look_up`
finds one whose answer was lost. Every mutating call has an idempotency key, which Stripe keeps for at least 24 hours.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayResult, GatewayUnavailable, Hint, Outcome
from payments.gateways.stripe_answers import CHARGE, HOSTED, REFUNDS, SHOPPER_CONFIRMS, result_of
from payments.gateways.stripe_calls import Declined, Invalid, ask
from payments.gateways.stripe_refunds import REFUND_KEY, SENT_ALONG, listed, with_refunds
from payments.gateways.stripe_sessions import PAYMENT_KEY, Sessions, carrying, earliest, is_session, key_in, metadata
from payments.gateways.stripe_webhooks import StripeEvent, WebhookRefused, verify_webhook
from payments.gateways.stripe_words import to_stripe

if TYPE_CHECKING:
    import stripe
    from stripe.params import (
        PaymentIntentCreateParams,
        PaymentIntentListParams,
        RefundCreateParams,
        RefundListParams,
    )

__all__ = ["StripeEvent", "StripeGateway", "WebhookRefused", "verify_webhook"]

API_VERSION = "2026-10-28.endive"  # of the SDK we pin: its types are this version's
TIMEOUT = (3.05, 20.0)  # seconds to connect, and to wait for an answer
RETRIES = 2  # each under the call's own idempotency key

_CARD_INSTRUMENT = re.compile(r"(tok|pm)_[A-Za-z0-9_]{1,150}")


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
        self._sessions = Sessions(self._api)

    def understands(self, instrument: str) -> bool:
        return bool(_CARD_INSTRUMENT.fullmatch(instrument))

    def card_of(self, instrument: str) -> str:  # noqa: ARG002
        return ""  # Stripe tells it with its answer

    def prepare(self, request: ChargeRequest) -> GatewayResult:
        params = self._params(request)
        params["automatic_payment_methods"] = {"enabled": True}
        params["metadata"] = {**metadata(request), SHOPPER_CONFIRMS: "yes"}
        intent = ask(lambda: self._api.payment_intents.create(params, {"idempotency_key": request.key}))
        return result_of(intent, client_secret=intent.client_secret or "")

    def host(self, request: ChargeRequest) -> GatewayResult:
        return self._sessions.open(request)

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
            intent = ask(lambda: self._api.payment_intents.create(params, {"idempotency_key": request.key}))
        except Declined as declined:
            return declined.result(request)
        if request.provider == "mobilepay":
            self._must_take_mobilepay(intent, request)
        return result_of(intent)

    def _params(self, request: ChargeRequest) -> PaymentIntentCreateParams:
        return {
            "amount": to_stripe(request.amount, request.currency),
            "currency": request.currency.lower(),
            "metadata": metadata(request),
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
        method = ask(
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
        intent_id = self._intent_id(reference)
        theirs = to_stripe(amount, self._currency_of(intent_id))
        intent = ask(
            lambda: self._api.payment_intents.capture(
                intent_id, {"amount_to_capture": theirs, "expand": [CHARGE]}, {"idempotency_key": key}
            )
        )
        return replace(result_of(intent), reference=reference)

    def void(self, reference: str, *, key: str) -> GatewayResult:
        if is_session(reference):
            return self._sessions.close(reference, key=key)
        intent = ask(
            lambda: self._api.payment_intents.cancel(reference, {"expand": [CHARGE]}, {"idempotency_key": key})
        )
        return result_of(intent)

    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        before = ask(lambda: self._retrieve(self._intent_id(reference)))
        if before.status != "succeeded":
            raise GatewayRefused("Only what was taken can be paid back.")
        params: RefundCreateParams = {
            "payment_intent": before.id,
            "amount": to_stripe(amount, before.currency.upper()),
            "metadata": {PAYMENT_KEY: key_in(before.metadata), REFUND_KEY: key},
        }
        ask(lambda: self._api.refunds.create(params, {"idempotency_key": key}))
        return self._tell(reference)

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:
        """By the key: the intents and sessions made since then, or in the last 24 hours, are looked through, the newest
        2,000 at most. An older or deeper one is UNKNOWN."""
        try:
            found = self._tell(reference) if reference else self._find(key, since)
        except Invalid as refusal:
            if refusal.code != "resource_missing":
                raise GatewayUnavailable("Stripe did not take the question.") from None
            found = None
        return found or GatewayResult(outcome=Outcome.UNKNOWN)

    def trace(self, trail: str) -> Hint:
        """Whose an intent is that an event names: with the key of our payment, or without one of ours."""
        try:
            intent = ask(lambda: self._retrieve(trail))
        except Invalid as refusal:
            if refusal.code != "resource_missing":
                raise GatewayUnavailable("Stripe did not take the question.") from None
            return Hint()
        return Hint(reference=trail, key=key_in(intent.metadata))

    def _tell(self, reference: str) -> GatewayResult:
        if is_session(reference):
            result = self._sessions.look_up(reference)
        else:
            result = result_of(ask(lambda: self._retrieve(reference)))
        return result if len(result.refunds) < SENT_ALONG else self._with_all_refunds(result)

    def _with_all_refunds(self, result: GatewayResult) -> GatewayResult:
        params: RefundListParams = {"payment_intent": self._intent_id(result.reference), "limit": 100}
        everything = ask(lambda: [one.to_dict() for one in self._api.refunds.list(params).auto_paging_iter()])
        return with_refunds(result, listed(everything, result.currency))

    def _find(self, key: str, since: datetime | None) -> GatewayResult | None:
        """An intent of the hosted page leads to its session, which is what the payment is known by."""
        expand = [f"data.{REFUNDS}"]
        newest: PaymentIntentListParams = {"created": {"gte": earliest(since)}, "limit": 100, "expand": expand}
        found = ask(lambda: carrying(key, self._api.payment_intents.list(newest).auto_paging_iter()))
        return result_of(found) if found and HOSTED not in found.metadata else self._sessions.find(key, since)

    def _retrieve(self, reference: str) -> stripe.PaymentIntent:
        return self._api.payment_intents.retrieve(reference, {"expand": [REFUNDS]})

    def _intent_id(self, reference: str) -> str:
        return self._sessions.intent_of(reference) if is_session(reference) else reference

    def _currency_of(self, intent_id: str) -> str:
        return ask(lambda: self._retrieve(intent_id)).currency.upper()
