"""What somebody intends to buy. Lines live here and nowhere else; prices are the catalog's of the moment."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from carts.states import CartStatus
from catalog.models import Variant, currency_code
from common import pay_links


class Door(models.TextChoices):
    """Which way a cart came in."""

    SHOP = "shop", "Shop's pages or guest API"
    INTENT = "intent", "Intent API"
    CART2TABLE = "cart2table", "cart2table API"
    TRACKER = "tracker", "Another store, by the tracker API"
    AGENT = "agent", "An agent, by the purchase API"
    STAFF = "staff", "Staff, for somebody on the phone"


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
    abandoned_at = models.DateTimeField(null=True, blank=True, editable=False)  # when it was abandoned last: its spell
    is_followed_up = models.BooleanField(default=False, editable=False)  # the recovery engine has seen this spell
    # What its shopper is written to in; '': nobody said so, the shop's is meant. Frozen when the cart is abandoned.
    language = models.CharField(max_length=20, blank=True, editable=False)
    bought_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Minor units. What its things came to when it was first abandoned; figures count this, whatever prices do later.
    abandoned_amount = models.BigIntegerField(default=0, editable=False)
    # Of the newest payment link, written down by payments.links. Its address is made from the salt (common.pay_links)
    # and never kept: whoever has it may pay.
    payment_link_salt = models.CharField(max_length=64, blank=True, editable=False)
    payment_link_expires_at = models.DateTimeField(null=True, editable=False)  # set: there has been a link

    class Meta:
        ordering = ["-id"]
        indexes = [
            # The abandonment sweep reads this one and nothing else.
            models.Index(
                fields=["last_activity_at"],
                condition=Q(status=CartStatus.ACTIVE) & ~Q(email=""),
                name="cart_idle_with_address",
            ),
            # What the recovery engine has yet to see, and what expires next.
            models.Index(
                fields=["abandoned_at"],
                condition=Q(status=CartStatus.ABANDONED, is_followed_up=False),
                name="cart_newly_abandoned",
            ),
            models.Index(
                fields=["abandoned_at"], condition=Q(status=CartStatus.ABANDONED), name="cart_abandoned_by_time"
            ),
            models.Index(Lower("email"), F("id").desc(), condition=~Q(email=""), name="cart_by_person"),
            # By its beginning, too: in the order of its bytes, whatever the database's language.
            models.Index(
                fields=["email", "-id"], opclasses=["varchar_pattern_ops", "int8_ops"], name="cart_by_address"
            ),
            models.Index(fields=["created_at"], name="cart_by_time"),
            models.Index(fields=["status", "-id"], name="cart_by_status"),
            models.Index(fields=["status", "updated_at"], name="cart_by_change"),  # what is old enough to be forgotten
            # Every cart that is or was abandoned, newest first. `IS NOT NULL` and no status in the condition: a
            # database that is given its values apart from the statement can still tell that it fits.
            models.Index(
                fields=["-id", "status"], condition=Q(first_abandoned_at__isnull=False), name="cart_once_abandoned"
            ),
            # Figures by the day of abandonment, from the index alone.
            models.Index(
                fields=["first_abandoned_at", "currency", "status", "abandoned_amount"],
                condition=Q(first_abandoned_at__isnull=False),
                name="cart_by_cohort",
            ),
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk} ({self.status})"

    @property
    def payment_link(self) -> str:
        """The newest payment link's address, '' where there is none or its time is over."""
        expires_at = self.payment_link_expires_at
        is_over = expires_at is None or expires_at <= timezone.now()
        return "" if is_over or not self.payment_link_salt else pay_links.address_of(self.payment_link_salt)


class Identity(models.Model):
    """One way in which a person is known (an e-mail address, a phone number), as a digest, and when they last bought.

    Its row lock is where a purchase and a recovery mail to the same person meet: carts.people.
    """

    key = models.CharField(max_length=64, primary_key=True)
    bought_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "identities"
        indexes = [models.Index(Coalesce("bought_at", "created_at"), name="identity_by_time")]

    def __str__(self) -> str:
        return self.key[:12]


class ChangedCohort(models.Model):
    """That something became of a cart after the day it was abandoned on: that day's figures are to be counted anew."""

    first_abandoned_at = models.DateTimeField()  # the cart's: its day, in the shop's time zone, is the one that changed
    # Which cart, where mails about it may be concerned; a plain number, it may be gone.
    cart_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.first_abandoned_at:%Y-%m-%d}"


class RemovedCohort(models.Model):
    """What removed carts had come to, so that the figures of their days stay what they are. Rows are only added.

    By the quarter of an hour in which they were first abandoned: no time zone's day begins within one.
    """

    quarter = models.DateTimeField(db_index=True)
    currency = models.CharField(max_length=3)
    abandoned = models.PositiveIntegerField()
    recovered = models.PositiveIntegerField()
    abandoned_amount = models.BigIntegerField()  # minor units
    recovered_amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.quarter:%Y-%m-%d %H:%M} {self.currency}: {self.recovered} of {self.abandoned}"


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


class Refusal(models.Model):
    """Something that a cart's shopper wanted and was told no (carts.refusals). The same again is counted here."""

    class Kind(models.TextChoices):
        DISCOUNT = "discount", "Discount code"
        STOCK = "stock", "Not in stock, or not for sale"
        SHIPPING = "shipping", "Not shipped to the country"
        TOTAL = "total", "Total had changed"
        DECLINES = "declines", "Too many declined payments"

    # Its rows are found by the index of one_refusal_a_subject.
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=40)  # of common.errors.ErrorCode
    subject = models.CharField(max_length=64, blank=True)  # the code as typed, in capitals; the SKU; the country
    reason = models.CharField(max_length=40, blank=True)  # of the first time
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["cart", "code", "subject"], name="one_refusal_a_subject")]
        # The home page's figures, and the lists behind them.
        indexes = [models.Index(fields=["first_at", "kind", "cart"], name="refusal_by_time")]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}".rstrip()
