"""What somebody intends to buy. Lines live here and nowhere else; prices are the catalog's of the moment."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from carts.states import CartStatus
from catalog.models import Variant, currency_code


class Door(models.TextChoices):
    """Which way a cart came in."""

    SHOP = "shop", "Shop's pages or guest API"
    INTENT = "intent", "Intent API"
    CART2TABLE = "cart2table", "cart2table API"
    TRACKER = "tracker", "Another store, by the tracker API"


class Cart(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    door = models.CharField(max_length=12, choices=Door, default=Door.SHOP, editable=False)
    # Eight hex digits by which the cart2table API knows it; null for all others.
    code = models.CharField(max_length=8, unique=True, null=True, editable=False)  # noqa: DJ001
    status = models.CharField(max_length=10, choices=CartStatus, default=CartStatus.ACTIVE)
    currency = models.CharField(max_length=3, validators=[currency_code])
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    full_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    last_activity_at = models.DateTimeField(default=timezone.now, editable=False)  # writes only, never reads
    first_abandoned_at = models.DateTimeField(null=True, blank=True, editable=False)  # a fact that stays
    bought_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Minor units. What its things came to when it was abandoned; figures count this, whatever prices do later.
    abandoned_amount = models.BigIntegerField(default=0, editable=False)
    # The newest payment link and its end, written down from payments.links for the tracker API to show.
    payment_link = models.URLField(max_length=300, blank=True, editable=False)
    payment_link_expires_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            # The abandonment sweep reads this one and nothing else.
            models.Index(
                fields=["last_activity_at"],
                condition=Q(status=CartStatus.ACTIVE) & ~Q(email=""),
                name="cart_idle_with_address",
            ),
            models.Index(fields=["email", "-id"], name="cart_by_email"),
            models.Index(fields=["status", "-id"], name="cart_by_status"),
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk} ({self.status})"


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="one_line_a_variant"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="line_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"


class CartItem(models.Model):
    """A thing in another store's cart: only its name, price and number are known here."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    name = models.CharField(max_length=300)
    unit_amount = models.BigIntegerField()  # minor units of the cart's currency
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1, unit_amount__gte=0), name="item_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"
