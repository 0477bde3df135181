"""/.well-known/checkout: what another shop of this software must know to buy here over the guest checkout API."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from checkouts.api.guest_docs import Currency, ShippingMethodBody
from checkouts.queries import active_methods, offered
from common.countries import CODES as COUNTRIES
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
    ships_by_country = serializers.BooleanField(
        required=False, help_text="True: they and their costs depend on where the goods go; ask again with `country`."
    )


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
        parameters=[
            OpenApiParameter(
                "country", str, description="Where the goods would go: two letters, like US.", required=False
            )
        ],
        responses=responses(GUEST, {200: DiscoveryBody}, {}),
        examples=[OpenApiExample("A shop", _EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Name, currency, APIs, payment providers and shipping methods, for programs that buy here."""
        return Response(discovery_body(country=request.query_params.get("country", "").upper()))


def discovery_body(*, country: str) -> dict[str, Any]:
    """`country`: where the goods would go; what is none is as good as none."""
    methods = active_methods(settings.SHOP_CURRENCY, country if country in COUNTRIES else "")
    by_country = {"ships_by_country": True} if any(map(attrgetter("differs"), methods)) else {}
    return _shop() | {"shipping_methods": [_method(method) for method in offered(methods)]} | by_country


def _method(method: Any) -> dict[str, Any]:
    cost = number(method.rate_amount, settings.SHOP_CURRENCY)
    return {"id": method.pk, "name": method.name, "description": method.description, "cost": cost}


def _shop() -> dict[str, Any]:
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
    }
