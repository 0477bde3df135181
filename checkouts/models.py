"""A timed session around one cart, and how its goods travel. Contact and lines are the cart's."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from carts.models import Cart
from catalog.models import Discount, currency_code
from checkouts.states import LIVE, CheckoutStatus
from common.countries import country_code
from common.money import written
from orders.models import Order

SOURCE_PREFIX = "checkout:"


class ShippingMethod(models.Model):
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField("on offer", default=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class ShippingRate(models.Model):
    """What a method costs: in one country, or (no country) in all that have no rate of their own. Where neither is, it
    is not offered."""

    method = models.ForeignKey(ShippingMethod, on_delete=models.CASCADE, related_name="rates")
    country = models.CharField(max_length=2, blank=True, default="", validators=[country_code])
    currency = models.CharField(max_length=3, validators=[currency_code])
    # False: the method goes everywhere else for the general rate, but not to this country.
    is_offered = models.BooleanField("shipped there", default=True)
    amount = models.BigIntegerField(help_text="Minor units: 599 is 5.99.")

    class Meta:
        ordering = ["currency", "country"]  # the general one first
        constraints = [
            models.UniqueConstraint(fields=["method", "currency", "country"], name="one_rate_a_country"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="rate_not_negative"),
            models.CheckConstraint(condition=Q(is_offered=True) | ~Q(country=""), name="general_rate_is_offered"),
        ]

    def __str__(self) -> str:
        amount = written(self.amount, self.currency)
        if not self.country:
            return amount
        return f"{self.country} {amount}" if self.is_offered else f"not to {self.country} in {self.currency}"


class Checkout(models.Model):
    session_key = models.UUIDField(default=uuid.uuid4, db_index=True, editable=False)  # the guest's cookie
    cart = models.ForeignKey(Cart, on_delete=models.PROTECT, related_name="checkouts", editable=False)
    status = models.CharField(max_length=10, choices=CheckoutStatus, default=CheckoutStatus.ACTIVE, editable=False)
    shipping_address = models.JSONField(default=dict, blank=True)  # keys: common.addresses.FIELDS
    billing_address = models.JSONField(default=dict, blank=True)  # empty: the shipping address
    shipping_method = models.ForeignKey(
        ShippingMethod, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    discount = models.ForeignKey(Discount, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Who buys through it in somebody else's books, as a text; becomes its order's. Empty: the shopper themselves.
    buyer = models.CharField(max_length=300, blank=True, editable=False)
    payment_provider = models.CharField(max_length=20, blank=True, editable=False)
    # Minor units. What the shopper was last shown: completion charges this or says that it changed.
    shown_total_amount = models.BigIntegerField(default=0, editable=False)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, null=True, related_name="checkout", editable=False)
    # Which repeatable request completed it, so that its repeat is answered with the order and not with a refusal.
    completed_by = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session_key"], condition=Q(status__in=LIVE), name="one_live_checkout_a_session"
            ),
            models.UniqueConstraint(fields=["cart"], condition=Q(status__in=LIVE), name="one_live_checkout_a_cart"),
            models.CheckConstraint(
                condition=~Q(status=CheckoutStatus.COMPLETED) | Q(order__isnull=False), name="completed_has_an_order"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status=CheckoutStatus.ACTIVE), name="checkout_by_expiry"),
            models.Index(fields=["status", "-id"], name="checkout_by_status"),
            models.Index(fields=["created_at"], name="checkout_by_time"),  # the funnel's days
        ]

    def __str__(self) -> str:
        return f"Checkout {self.pk} ({self.status})"

    @property
    def source(self) -> str:
        """Who asks for the order, and who holds its stock."""
        return f"{SOURCE_PREFIX}{self.pk}"
