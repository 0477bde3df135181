"""What the shop sells, at which price, how much of it there is, and which codes make it cheaper.

Amounts are whole minor units of the row's currency; weights are whole grams.
"""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from catalog.states import AdjustedBecause, ReservationStatus
from common.money import signed, written

currency_code = RegexValidator(r"^[A-Z]{3}$", "A currency is three capital letters, like USD.")


class Timestamped(models.Model):
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Product(Timestamped):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField("for sale", default=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["is_active", "name", "id"], name="product_listing")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.slug])


class Variant(Timestamped):
    """One thing that can be put into a cart: a product in one size and color."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=200)
    sku = models.CharField("SKU", max_length=64, unique=True)
    options = models.JSONField(default=dict, blank=True, help_text='What tells it apart: {"Size": "Medium"}')
    weight_grams = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField("for sale", default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.sku})"


class Price(models.Model):
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices")
    currency = models.CharField(max_length=3, validators=[currency_code])
    amount = models.BigIntegerField(help_text="Minor units: 2499 is 24.99.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "currency"], name="one_price_a_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return written(self.amount, self.currency)


class Stock(models.Model):
    """How many pieces there are and how many of them are promised. Changed by catalog.stock only."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, primary_key=True, related_name="stock")
    on_hand = models.IntegerField(default=0)
    reserved = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "stock"
        constraints = [
            models.CheckConstraint(condition=Q(reserved__gte=0), name="reserved_not_negative"),
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="reserved_at_most_on_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} on hand, {self.reserved} reserved"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockAdjustment(models.Model):
    """One change of what is on hand that no shopper caused: who, when, why. Rows are only added, by catalog.stock."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="adjustments", editable=False)
    on_hand_before = models.IntegerField(editable=False)
    on_hand_after = models.IntegerField(editable=False)
    reason = models.CharField(max_length=10, choices=AdjustedBecause, editable=False)
    note = models.CharField(max_length=200, blank=True, editable=False)
    by = models.CharField(max_length=150, blank=True, editable=False)
    # The press that wanted it: the same one again changes nothing.
    wish = models.CharField(max_length=80, unique=True, null=True, editable=False)  # noqa: DJ001
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["variant", "-id"], name="adjustment_by_variant"),
            models.Index(fields=["reason", "-id"], name="adjustment_by_reason"),
        ]

    def __str__(self) -> str:
        return f"{signed(self.pieces, 'd')} of {self.variant_id} ({self.reason})"

    @property
    def pieces(self) -> int:
        return self.on_hand_after - self.on_hand_before


class Reservation(models.Model):
    """Pieces promised to one holder (an order's source, like `checkout:123`) until bought, given back or expired."""

    holder = models.CharField(max_length=80)
    stock = models.ForeignKey(Stock, on_delete=models.CASCADE, related_name="reservations")
    quantity = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=ReservationStatus, default=ReservationStatus.HELD)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "stock"], name="one_reservation_a_holder"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="reservation_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.holder} ({self.status})"


class Discount(Timestamped):
    """A code that makes the basket cheaper. Amounts per currency are in its terms."""

    class Kind(models.TextChoices):
        BASKET = "basket", "the whole basket"

    class Method(models.TextChoices):
        PERCENTAGE = "percentage"
        FIXED = "fixed"

    code = models.CharField(max_length=40, unique=True, help_text="Kept in capitals; shoppers may type it in any case.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.BASKET)
    method = models.CharField(max_length=10, choices=Method)
    basis_points = models.PositiveIntegerField(default=0, help_text="Percentage codes: 2500 is 25 %.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    usage_limit = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    used_count = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis_points__lte=10_000), name="at_most_all_off"),
            models.CheckConstraint(
                condition=Q(usage_limit__isnull=True) | Q(used_count__lte=F("usage_limit")), name="used_at_most_limit"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: object, **kwargs: object) -> None:
        self.code = self.code.strip().upper()
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class DiscountTerms(models.Model):
    """What a code gives, and from which basket on, in one currency. A percentage code works without any."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="terms")
    currency = models.CharField(max_length=3, validators=[currency_code])
    off_amount = models.BigIntegerField(default=0, help_text="Fixed codes: minor units off.")
    minimum_amount = models.BigIntegerField(default=0, help_text="Minor units the items must come to.")

    class Meta:
        verbose_name_plural = "discount terms"
        constraints = [
            models.UniqueConstraint(fields=["discount", "currency"], name="one_terms_a_currency"),
            models.CheckConstraint(condition=Q(off_amount__gte=0, minimum_amount__gte=0), name="terms_not_negative"),
        ]

    def __str__(self) -> str:
        off, minimum = (written(amount, self.currency) for amount in (self.off_amount, self.minimum_amount))
        return f"{off} off from {minimum}"


class DiscountRedemption(models.Model):
    """One use of a code by one holder; given back (deleted) when the order comes to nothing."""

    discount = models.ForeignKey(Discount, on_delete=models.PROTECT, related_name="redemptions")
    holder = models.CharField(max_length=80, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.discount_id} by {self.holder}"
