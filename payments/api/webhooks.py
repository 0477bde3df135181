"""Where Stripe and PayPal tell us things. An event is verified, stored and answered; it is worked on afterwards."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from dialects.tracker import TRACKER
from dialects.webhooks import WEBHOOK, CannotBeVerified, Closed, WebhookView, raw_body
from payments import events
from payments.api import webhook_docs as docs
from payments.gateways import paypal_webhooks, stripe_webhooks
from payments.gateways.base import GatewayUnavailable

_TAKEN = {"received": True}


class StripeWebhook(WebhookView):
    @extend_schema(
        operation_id="stripe_webhook",
        summary="Stripe's events",
        tags=["webhooks"],
        request=docs.STRIPE_EVENT,
        parameters=[docs.STRIPE_SIGNATURE],
        responses=docs.stripe_answers(WEBHOOK),
        examples=docs.STRIPE_EXAMPLES,
    )
    def post(self, request: Request) -> Response:
        """Stripe tells what became of a payment or a refund. Events it sends twice are stored once; kinds that no
        payment hangs on, and payments of other systems, are taken and left alone."""
        secret = settings.STRIPE_WEBHOOK_SECRET
        if not secret:
            raise Closed
        try:
            event = stripe_webhooks.verify_webhook(
                raw_body(request), request.headers.get("Stripe-Signature", ""), secret
            )
        except stripe_webhooks.WebhookRefused as refusal:
            raise ParseError(str(refusal)) from refusal
        events.receive(gateway="stripe", event_id=event.id, kind=event.type, created_at=event.created_at, raw=event.raw)
        return Response(_TAKEN)


class TrackersStripeWebhook(StripeWebhook):
    """The same, at the address that the tracker API documents, with that API's envelope around a refusal."""

    dialect = TRACKER

    @extend_schema(
        operation_id="tracker_stripe_webhook",
        summary="Stripe's events",
        tags=["webhooks"],
        request=docs.STRIPE_EVENT,
        parameters=[docs.STRIPE_SIGNATURE],
        responses=docs.stripe_answers(TRACKER),
        examples=docs.STRIPE_EXAMPLES,
    )
    def post(self, request: Request) -> Response:
        """As `POST /api/stripe/webhook`: one of the two is to be set up at Stripe."""
        return super().post(request)


class PayPalWebhook(WebhookView):
    @extend_schema(
        operation_id="paypal_webhook",
        summary="PayPal's events",
        tags=["webhooks"],
        request=docs.PAYPAL_EVENT,
        parameters=docs.PAYPAL_SIGNATURE,
        responses=docs.paypal_answers(WEBHOOK),
        examples=docs.PAYPAL_EXAMPLES,
    )
    def post(self, request: Request) -> Response:
        """PayPal tells what became of an order, a capture or a refund. Believed when PayPal itself vouches for it."""
        if not settings.PAYPAL_WEBHOOK_ID:
            raise Closed
        try:
            event = paypal_webhooks.verify_webhook(request.headers, raw_body(request))
        except paypal_webhooks.WebhookNotVerified as refusal:
            raise ParseError(str(refusal)) from refusal
        except GatewayUnavailable as silence:
            raise CannotBeVerified from silence
        events.receive(
            gateway="paypal", event_id=event.id, kind=event.type, created_at=event.create_time, raw=event.raw
        )
        return Response(_TAKEN)
