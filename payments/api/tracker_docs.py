"""The tracker API's payment links for OpenAPI, with the example of its document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from dialects.tracker import enveloped

CLOSED = "The cart is recovered, converted or expired; or has nothing to pay, or a thing that is not sold now; or busy"


class PaymentLinkBody(serializers.Serializer[Any]):
    paymentLink = serializers.URLField(help_text="Whoever has it may pay. It can be paid once.")  # noqa: N815
    expiresAt = serializers.DateTimeField()  # noqa: N815


LinkAnswer = enveloped("PaymentLink", PaymentLinkBody())
_LINK = {
    "paymentLink": "https://shop.example.com/pay/Jm9yZGVyLXRoaXMtaXMtYW4tZXhhbXBsZS10b2tlbiE",
    "expiresAt": "2024-01-22T10:30:00Z",
}
CREATE_LINK = [
    OpenApiExample(title, {"success": True, "data": _LINK}, response_only=True, status_codes=[status])
    for title, status in (("A new link", "201"), ("The cart's link, unchanged", "200"))
]
