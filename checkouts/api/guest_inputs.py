"""What the guest API takes: the bodies of its requests, strict about types."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from carts.services import MAX_PIECES
from common.countries import CODES as COUNTRIES
from dialects.fields import StrictEmail, StrictInteger, StrictSerializer, StrictText


@extend_schema_field({"type": "string", "enum": sorted(COUNTRIES)})
class Country(StrictText):
    """Two letters, in any case; the schema names the capitals."""


@extend_schema_field({"type": "string", "enum": ["stripe", "mobilepay", "paypal", "test"]})
class Provider(StrictText):
    """Which of them this shop takes is known where payments are made: another one is refused there."""


class AddItem(StrictSerializer):
    """A product, which of its variants, and how many pieces."""

    product_id = StrictInteger(min_value=1)
    variant_id = StrictInteger(min_value=1, required=False, help_text="May be left out where there is only one.")
    quantity = StrictInteger(min_value=1, max_value=MAX_PIECES)


class ChangeItem(StrictSerializer):
    """Another quantity, another variant of the same product, or both."""

    quantity = StrictInteger(min_value=1, max_value=MAX_PIECES, required=False)
    variant_id = StrictInteger(min_value=1, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Send quantity, variant_id or both.")
        return attrs


class ChangeItemInSchema(OpenApiSerializerExtension):
    target_class = ChangeItem

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "anyOf": [{"required": [name]} for name in self.target.fields]}


class Address(StrictSerializer):
    """A postal address."""

    address_line1 = StrictText(max_length=200)
    address_line2 = StrictText(max_length=200, required=False, allow_blank=True, default="")
    city = StrictText(max_length=100)
    state = StrictText(max_length=100, required=False, allow_blank=True, default="")
    postal_code = StrictText(max_length=20, required=False, allow_blank=True, default="")
    country = Country(max_length=2, min_length=2, help_text="ISO 3166 code of two letters, like US, in any case.")

    def validate_country(self, value: str) -> str:
        if value.upper() not in COUNTRIES:
            raise serializers.ValidationError("must be an ISO 3166 country code of two letters, like US")
        return value.upper()


class CustomerDetails(StrictSerializer):
    """Who buys, and where the confirmation goes."""

    email = StrictEmail()
    phone = StrictText(max_length=40, required=False, allow_blank=True, default="")
    full_name = StrictText(max_length=200, required=False, allow_blank=True, default="")


class ChooseShippingMethod(StrictSerializer):
    """A shipping method by its id."""

    shipping_method_id = StrictInteger(min_value=1)


class ApplyDiscount(StrictSerializer):
    """A discount code, in any case."""

    discount_code = StrictText(max_length=40)


class CardDetails(StrictSerializer):
    """Send `token`. A published test number stands for a test token; any other number is refused and never kept."""

    token = StrictText(max_length=200, required=False, allow_blank=True, default="", never_kept=True)  # judged later
    card_number = StrictText(max_length=40, required=False, allow_blank=True, default="", never_kept=True)
    expiry_month = StrictInteger(min_value=1, max_value=12, required=False)
    expiry_year = StrictInteger(min_value=2000, max_value=2100, required=False)
    cvv = StrictText(max_length=4, required=False, allow_blank=True)
    cardholder_name = StrictText(max_length=200, required=False, allow_blank=True)


class PaymentData(StrictSerializer):
    """`card_details` for stripe and test, `phone_number` for mobilepay, nothing for paypal."""

    card_details = CardDetails(required=False)
    phone_number = StrictText(max_length=40, required=False, allow_blank=True, default="")


class CompleteCheckout(StrictSerializer):
    """How it is paid."""

    payment_provider = Provider(max_length=20, help_text="`test` in the demo only.")
    payment_data = PaymentData(required=False)
    redirect_url = StrictText(
        max_length=2000,
        required=False,
        allow_blank=True,
        default="",
        help_text="Where the shopper goes after approving the payment elsewhere: https, or this shop's own address.",
    )
