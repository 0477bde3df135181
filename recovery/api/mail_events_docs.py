"""The mail provider's webhook for OpenAPI."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from dialects.base import Dialect
from dialects.schema import responses

TAKEN = {"received": True}


class MailEventReceived(serializers.Serializer[Any]):
    """It is taken; whoever wants no mail gets none from now on."""

    received = serializers.BooleanField()


EVENT = {
    "application/json": {
        "type": "object",
        "description": "As the provider sends it.",
        "minProperties": 1,
        "additionalProperties": {},
    }
}
AUTHORIZATION = OpenApiParameter(
    "Authorization",
    {"type": "string"},
    OpenApiParameter.HEADER,
    description="Basic, with EMAIL_WEBHOOK_SECRET. Providers take it in the address: `https://name:password@shop/...`.",
)


def answers(dialect: Dialect) -> dict[int, Any]:
    not_read = "Without the secret, not signed as it should be, or no event of the provider"
    closed = "Closed: no provider, or no secret is set"
    return responses(dialect, {200: MailEventReceived}, {400: not_read, 404: closed, 409: "Busy: to be sent again"})


EXAMPLES = [
    OpenApiExample(
        "Postmark: there is no such address",
        {
            "RecordType": "Bounce",
            "Type": "HardBounce",
            "ID": 692560173,
            "MessageID": "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316",
            "Email": "customer@example.com",
            "BouncedAt": "2025-05-24T10:30:00Z",
        },
        request_only=True,
    ),
    OpenApiExample("Taken", TAKEN, response_only=True, status_codes=["200"]),
]
