"""/.well-known/checkout: what another shop of this software must know to buy here over the guest checkout API."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from checkouts.api.guest_docs import Currency, ShippingMethodBody
from checkouts.queries import shipping_methods
from dialects.guest import GUEST, GuestView, number
from dialects.schema import responses
from payments.gateways.registry import TEST, gateway_name_for, providers_on_offer

SOFTWARE = "cartwright"
FORMAT = 1  # grows when a reader of today would misread it


class DiscoveryBody(serializers.Serializer[Any]):
    software = serializers.CharField()
    format = serializers.IntegerField(help_text="Of this document.")
    version = serializers.CharField(help_text="Of the software.")
    name = serializers.CharField(help_text="The shop's.")
    url = serializers.CharField(help_text="The shop's origin; every address below begins with it.")
    currency = Currency()
    is_demo = serializers.BooleanField(help_text="Nothing that is bought here is real.")
    apis = serializers.DictField(child=serializers.CharField(), help_text="Where each API is, by its name.")
    payment_providers = serializers.ListField(child=serializers.CharField())
    simulated_providers = serializers.ListField(
        child=serializers.CharField(), help_text="Those of them that take no money."
    )
    shipping_methods = ShippingMethodBody(many=True)


_EXAMPLE: dict[str, Any] = {
    "software": SOFTWARE,
    "format": FORMAT,
    "version": "0.1.0",
    "name": "Demo Shop",
    "url": "https://shop.example",
    "currency": "USD",
    "is_demo": False,
    "apis": {
        "guest": "https://shop.example/api/checkout",
        "purchase": "https://shop.example/v0/checkout",
        "openapi": "https://shop.example/api/schema",
    },
    "payment_providers": ["stripe", "mobilepay"],
    "simulated_providers": [],
    "shipping_methods": [
        {"id": 1, "name": "Standard Shipping", "description": "Delivery in 5-7 business days", "cost": 5.99}
    ],
}


class Discovery(GuestView):
    @extend_schema(
        operation_id="discover_shop",
        summary="What this shop is",
        tags=["discovery"],
        auth=[],
        responses=responses(GUEST, {200: DiscoveryBody}, {}),
        examples=[OpenApiExample("A shop", _EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Name, currency, APIs, payment providers and shipping methods, for programs that buy here."""
        return Response(discovery_body())


def discovery_body() -> dict[str, Any]:
    base, currency, providers = settings.BASE_URL, settings.SHOP_CURRENCY, providers_on_offer()
    return {
        "software": SOFTWARE,
        "format": FORMAT,
        "version": settings.SPECTACULAR_SETTINGS["VERSION"],
        "name": settings.SHOP_NAME,
        "url": base,
        "currency": currency,
        "is_demo": settings.DEMO,
        "apis": {
            "guest": f"{base}/api/checkout",
            "purchase": f"{base}/v0/checkout",
            "openapi": f"{base}/api/schema",
        },
        "payment_providers": list(providers),
        "simulated_providers": [provider for provider in providers if gateway_name_for(provider) == TEST],
        "shipping_methods": [
            {
                "id": method.pk,
                "name": method.name,
                "description": method.description,
                "cost": number(method.rate_amount, currency),  # type: ignore[attr-defined]
            }
            for method in shipping_methods(currency)
        ],
    }
