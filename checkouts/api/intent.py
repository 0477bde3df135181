"""The intent API: POST /api/checkout for a signed-in buyer. It knows no cookie."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from carts.services import MAX_LINES, MAX_PIECES
from checkouts import intents
from checkouts.intents import Item
from common.client import address_of
from common.errors import DomainError, ErrorCode
from common.idempotency import fingerprint_of
from dialects.fields import StrictInteger, StrictList, StrictObject, StrictSerializer, StrictText
from dialects.idempotent import idempotent
from dialects.intent import INTENT, IntentViewSet
from dialects.rendering import to_json
from dialects.schema import responses

MAX_CUSTOMIZATION = 2000  # characters of JSON


class CartItem(StrictSerializer):
    """A variant, how many of it, and what the buyer wants of it."""

    variant_id = StrictInteger(min_value=1)
    item_id = StrictInteger(min_value=1, required=False, help_text="The product; must be the variant's own.")
    quantity = StrictInteger(min_value=1, max_value=MAX_PIECES, required=False, default=1)
    customization = StrictObject(
        required=False, default=dict, help_text=f"Kept as given, at most {MAX_CUSTOMIZATION} characters of JSON."
    )

    def validate_customization(self, value: dict[str, Any]) -> Any:
        plain = _plain(value)
        if len(to_json(plain)) > MAX_CUSTOMIZATION:
            raise serializers.ValidationError(f"must have at most {MAX_CUSTOMIZATION} characters of JSON")
        return plain


class BeginCheckout(StrictSerializer):
    """The buyer's cart."""

    cartItems = StrictList(child=CartItem(), min_length=1, max_length=MAX_LINES)  # noqa: N815 - the document's name
    currency = StrictText(
        min_length=3, max_length=3, required=False, default="eur", help_text="ISO 4217 in any case, like eur."
    )


class IntentBody(serializers.Serializer[Any]):
    clientSecret = serializers.CharField(help_text="For Stripe.js in the buyer's browser.")  # noqa: N815
    orderId = serializers.UUIDField(help_text="GET /api/orders/<orderId> tells how it went.")  # noqa: N815


_EXAMPLES = [
    OpenApiExample(
        "Two variants",
        {
            "currency": "eur",
            "cartItems": [
                {"item_id": 1, "variant_id": 5, "quantity": 2, "customization": {}},
                {"item_id": 3, "variant_id": 12, "quantity": 1, "customization": {"note": "Gift wrap please"}},
            ],
        },
        request_only=True,
    ),
    OpenApiExample(
        "Ready to be confirmed",
        {
            "clientSecret": "pi_3AbcDefGhiJkLmNo_secret_xYzAbCdEfGhIjKlMnOpQrStUvWxYz",
            "orderId": "550e8400-e29b-41d4-a716-446655440000",
        },
        response_only=True,
        status_codes=["200"],
    ),
]


_ORDER = "orderId"


class Checkout(IntentViewSet):
    _secret = ""  # of this request's own answer

    @extend_schema(
        operation_id="intent_begin_checkout",
        summary="Create order and payment intent",
        tags=["intent"],
        request=BeginCheckout,
        responses=responses(
            INTENT,
            {200: IntentBody},
            {
                400: "The cart is empty or malformed, a variant is not there or not enough of it, or nothing is to pay",
                401: "Missing or invalid authentication token",
                429: "Too many payments of this address or e-mail were declined",
                500: "Checkout failed: nothing is reserved and nothing will be charged",
            },
        ),
        examples=_EXAMPLES,
    )
    @idempotent(claim_first=True)
    def create(self, request: Request) -> Response:
        """An order for the cart, its stock held, and the secret to confirm its payment with. Prices are the shop's."""
        body = _read(request.data)
        buyer = request.user
        begun = intents.begin(
            [_item(item) for item in body["cartItems"]],
            currency=body["currency"].upper(),
            buyer=buyer.key,  # type: ignore[union-attr]
            email=buyer.email,  # type: ignore[union-attr]
            request_id=_request_id(request),
            client_address=address_of(request._request),
        )
        self._secret = begun.client_secret
        return Response({_ORDER: str(begun.order.public_id)})

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The secret comes in after the answer was stored to be repeated: whoever has it may go on with the payment."""
        if _ORDER in (getattr(response, "data", None) or {}):
            response = self._with_secret(response)
        return super().finalize_response(request, response, *args, **kwargs)

    def _with_secret(self, response: Response) -> Response:
        order_id = response.data[_ORDER]
        try:
            secret = self._secret or intents.secret_of(UUID(order_id))
        except intents.NotPrepared as error:
            return self.handle_exception(error)
        response.data = {"clientSecret": secret, _ORDER: order_id}
        return response


def _read(data: Any) -> dict[str, Any]:
    """The document's own refusals first, in its order. Raises DomainError and ValidationError."""
    items = data.get("cartItems")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise DomainError(ErrorCode.CHECKOUT_INCOMPLETE, missing=["items"])
    if any(item.get("variant_id") is None for item in items):
        raise DomainError(ErrorCode.VARIANT_REQUIRED)
    body: dict[str, Any] = BeginCheckout().run_validation(data)
    return body


def _item(values: dict[str, Any]) -> Item:
    return Item(
        variant_id=values["variant_id"],
        quantity=values["quantity"],
        product_id=values.get("item_id"),
        customization=values["customization"],
    )


def _plain(value: Any) -> Any:
    """As the database's JSON takes it: numbers with decimals arrive as Decimal."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _request_id(request: Request) -> str:
    """Recognises the repeat of a request that died before its answer was kept: the same buyer, key and body."""
    key = request.headers.get("Idempotency-Key", "")
    asked = f"{request.user.sub}:{key}:{fingerprint_of(request.data)}"  # type: ignore[union-attr]
    return hashlib.sha256(asked.encode()).hexdigest() if key else ""
