"""What somebody intends to buy. Lines live here and nowhere else; prices are the catalog's of the moment."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from carts.states import CartStatus
from catalog.models import Variant, currency_code


class Cart(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
