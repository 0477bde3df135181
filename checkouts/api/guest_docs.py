"""The guest API's answers for OpenAPI, as guest_shapes makes them. The document's examples are in guest_examples."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from dialects.schema import Words

MAX_LIMIT = 100  # checkouts in one page of the admin list


class Id(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, **kwargs)


class Amount(serializers.FloatField):
    """Major units, or kilograms: a JSON number, whole ones without decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, **kwargs)


class Currency(serializers.CharField):
    def __init__(self) -> None:
        super().__init__(min_length=3, max_length=3, help_text="ISO 4217, like USD.")


class AddressBody(serializers.Serializer[Any]):
    address_line1 = serializers.CharField()
    address_line2 = serializers.CharField()
    city = serializers.CharField()
    state = serializers.CharField()
    postal_code = serializers.CharField()
    country = serializers.CharField()


class ItemBody(serializers.Serializer[Any]):
    id = Id()
    product_id = Id()
    variant_id = Id()
    product_name = serializers.CharField()
    variant_name = serializers.CharField()
    sku = serializers.CharField()
    price = Amount(help_text="Major units.")
    quantity = serializers.IntegerField(min_value=1)
    weight = Amount(help_text="Kilograms of one piece.")
    subtotal = Amount()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ShippingMethodBody(serializers.Serializer[Any]):
    id = Id()
    name = serializers.CharField()
    description = serializers.CharField()
    cost = Amount()


class CustomerBody(serializers.Serializer[Any]):
    email = serializers.CharField()
    phone = serializers.CharField()
    full_name = serializers.CharField()


class AppliedDiscountBody(serializers.Serializer[Any]):
    id = Id()
    code = serializers.CharField()
    type = Words("basket")
    method = Words("percentage", "fixed")
    value = Amount(help_text="Per cent, or major units off.")
    amount = Amount()


class CheckoutBody(serializers.Serializer[Any]):
    """A checkout, whole. Money in major units, weight in kilograms, times in UTC."""

    id = Id()
    session_id = serializers.UUIDField()
    items = ItemBody(many=True)
    status = Words("active", "completed", "expired")
    shipping_address = AddressBody()
    billing_address = AddressBody()
    shipping_method_id = serializers.IntegerField(min_value=0, help_text="0: none chosen.")
    shipping_method = ShippingMethodBody(allow_null=True)
    payment_provider = serializers.CharField(allow_blank=True)
    total_amount = Amount(help_text="The items' sum.")
    shipping_cost = Amount()
    total_weight = Amount()
    customer_details = CustomerBody()
    currency = Currency()
    discount_code = serializers.CharField(allow_blank=True)
    discount_amount = Amount()
    final_amount = Amount(help_text="What is to be paid.")
    applied_discount = AppliedDiscountBody(allow_null=True, help_text="null also where the code gives nothing now.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    last_activity_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class OrderItemBody(serializers.Serializer[Any]):
    id = Id()
    product_id = Id()
    variant_id = Id()
    product_name = serializers.CharField()
    variant_name = serializers.CharField()
    sku = serializers.CharField()
    price = Amount()
    quantity = serializers.IntegerField(min_value=1)
    subtotal = Amount()


class OrderBody(serializers.Serializer[Any]):
    id = Id()
    user_id = serializers.IntegerField(min_value=0, help_text="0: a guest.")
    order_number = serializers.CharField(allow_blank=True, help_text="Empty until a payment is accepted.")
    status = Words("pending", help_text="Placed, not yet sent.")
    total_amount = Amount(help_text="The items' sum.")
    items = OrderItemBody(many=True)
    shipping_address = AddressBody()
    billing_address = AddressBody()
    customer_details = CustomerBody()
    shipping_method = serializers.CharField()
    shipping_cost = Amount()
    subtotal = Amount(help_text="The items' sum.")
    total = Amount(help_text="What is to be paid.")
    discount_code = serializers.CharField(allow_blank=True)
    discount_amount = Amount()
    final_amount = Amount(help_text="What is to be paid.")
    currency = Currency()
    payment_provider = serializers.CharField(allow_blank=True)
    payment_status = Words(
        "pending",
        "processing",
        help_text="pending: accepted, or waiting for the shopper (action_required). processing: no clear answer yet.",
    )
    created_at = serializers.DateTimeField()


@extend_schema_field({"type": "boolean", "enum": [True]})
class Always(serializers.BooleanField):
    pass


class CompletionBody(serializers.Serializer[Any]):
    success = Always()
    message = serializers.CharField()
    data = OrderBody()  # type: ignore[assignment]  # the document's own name for it
    action_required = serializers.BooleanField()
    redirect_url = serializers.CharField(allow_blank=True, help_text="Where the shopper approves the payment.")


class SummaryBody(serializers.Serializer[Any]):
    id = Id()
    session_id = serializers.UUIDField()
    status = Words("active", "completed", "expired")
    total_amount = Amount()
    discount_amount = Amount()
    final_amount = Amount()
    currency = Currency()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(required=False, help_text="Completed checkouts only.")
    converted_order_id = Id(required=False, help_text="Completed checkouts only.")


class CheckoutListBody(serializers.Serializer[Any]):
    items = SummaryBody(many=True)
    total = serializers.IntegerField(min_value=0, help_text="How many there are with this filter, on all pages.")
    offset = serializers.IntegerField(min_value=0)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT)
