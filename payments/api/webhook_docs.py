"""The webhooks for OpenAPI: what gateways send, what they are answered, and an example of each."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from dialects.base import Dialect
from dialects.schema import responses

_NOT_VERIFIED = "Not signed for us, too old, from the future, or no event"
_CLOSED = "Closed: the secret is not set"
_BUSY = "Busy: to be sent again"


class Received(serializers.Serializer[Any]):
    """It is stored, or was before; what it is about is looked up afterwards."""

    received = serializers.BooleanField()


_WORD = {"type": "string", "minLength": 1}
STRIPE_EVENT = {
    "application/json": {
        "type": "object",
        "description": "As Stripe sends it.",
        "additionalProperties": {},
        "required": ["id", "type", "created", "data"],
        "properties": {
            "id": _WORD,
            "type": _WORD,
            "created": {"type": "integer", "minimum": 0, "maximum": 4_000_000_000},
            "data": {
                "type": "object",
                "additionalProperties": {},
                "required": ["object"],
                "properties": {
                    "object": {
                        "type": "object",
                        "additionalProperties": {},
                        "required": ["id", "object"],
                        "properties": {"id": _WORD, "object": _WORD, "metadata": {"type": "object"}},
                    }
                },
            },
        },
    }
}
PAYPAL_EVENT = {
    "application/json": {
        "type": "object",
        "description": "As PayPal sends it.",
        "additionalProperties": {},
        "required": ["id", "event_type", "create_time", "resource"],
        "properties": {
            "id": _WORD,
            "event_type": _WORD,
            "create_time": {"type": "string", "format": "date-time"},
            "resource": {"type": "object", "additionalProperties": {}},
        },
    }
}
STRIPE_SIGNATURE = OpenApiParameter(
    "Stripe-Signature",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="`t=<seconds>,v1=<signature>`, made with STRIPE_WEBHOOK_SECRET at most five minutes ago.",
)
PAYPAL_SIGNATURE = [
    OpenApiParameter(f"Paypal-{name}", {"type": "string"}, OpenApiParameter.HEADER, description="As PayPal sends it.")
    for name in ("Auth-Algo", "Cert-Url", "Transmission-Id", "Transmission-Sig", "Transmission-Time")
]


def stripe_answers(dialect: Dialect) -> dict[int, Any]:
    return responses(dialect, {200: Received}, {400: _NOT_VERIFIED, 404: _CLOSED, 409: _BUSY})


def paypal_answers(dialect: Dialect) -> dict[int, Any]:
    unreachable = "PayPal could not be asked whether the event is its own: to be sent again"
    return responses(dialect, {200: Received}, {400: _NOT_VERIFIED, 404: _CLOSED, 409: _BUSY, 503: unreachable})


_ANSWERED = OpenApiExample("Taken", {"received": True}, response_only=True, status_codes=["200"])
STRIPE_EXAMPLES = [
    OpenApiExample(
        "A payment succeeded",
        {
            "id": "evt_3AbcDefGhiJkLmNo",
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": 1748082600,
            "data": {"object": {"id": "pi_3AbcDefGhiJkLmNo", "object": "payment_intent"}},
        },
        request_only=True,
    ),
    _ANSWERED,
]
PAYPAL_EXAMPLES = [
    OpenApiExample(
        "A capture was completed",
        {
            "id": "WH-58D329510W468432D-8HN650336L201105X",
            "event_type": "PAYMENT.CAPTURE.COMPLETED",
            "resource_type": "capture",
            "create_time": "2025-05-24T10:30:00Z",
            "resource": {
                "id": "2GG279541U471931P",
                "supplementary_data": {"related_ids": {"order_id": "5O190127TN364715T"}},
            },
        },
        request_only=True,
    ),
    _ANSWERED,
]
