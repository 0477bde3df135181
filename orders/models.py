"""What was agreed. Lines, addresses and amounts are snapshots: later changes of the catalog never reach them.

Amounts are whole minor units of the order's currency.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from carts.models import Cart
from catalog.pricing import Totals
from orders.states import OrderStatus


class Order(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Who asked for it, as a text that points up: `checkout:123`. One order each, for ever.
    source = models.CharField(max_length=80, unique=True, editable=False)
    # Comes with the first accepted payment; null, not "", because many may lack it and none may share it.
    number = models.CharField(max_length=30, unique=True, null=True, editable=False)  # noqa: DJ001
    status = models.CharField(max_length=10, choices=OrderStatus, default=OrderStatus.PENDING, editable=False)
    cart = models.ForeignKey(Cart, on_delete=models.SET_NULL, null=True, related_name="orders", editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="orders"
    )

    # Who bought it in somebody else's books, as a text: `supabase:<sub>`. Empty for guests and for our own users.
    buyer = models.CharField(max_length=300, blank=True, editable=False)

    # What the caller calls it (the cart2table API: the PayPal order's id). Not unique: a replaced order keeps its own.
    reference = models.CharField(max_length=120, blank=True, editable=False)
    # Paid by several payments that others report. It holds no stock: stock is taken when it is fully paid.
    takes_parts = models.BooleanField(default=False, editable=False)

    email = models.EmailField(blank=True)
    # The buyer's digest (common.persons.email_key), since it was accepted; '' before, and without an address.
    person = models.CharField(max_length=64, blank=True, editable=False)
    phone = models.CharField(max_length=40, blank=True)
    full_name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=20, blank=True, editable=False)  # of the mails about it; '': the shop's
    shipping_address = models.JSONField(default=dict)  # keys: common.addresses.FIELDS
    billing_address = models.JSONField(default=dict)
    shipping_method_name = models.CharField(max_length=100, blank=True)
    discount_code = models.CharField(max_length=40, blank=True)

    currency = models.CharField(max_length=3, editable=False)
    items_amount = models.BigIntegerField(editable=False)
    discount_amount = models.BigIntegerField(editable=False)
    shipping_amount = models.BigIntegerField(editable=False)
    tax_amount = models.BigIntegerField(default=0, editable=False)
    total_amount = models.BigIntegerField(editable=False)
    # Sums of the payments, kept by payments.services.apply_result.
    captured_amount = models.BigIntegerField(default=0, editable=False)
    refunded_amount = models.BigIntegerField(default=0, editable=False)
    surplus_amount = models.BigIntegerField(default=0, editable=False)  # captured, but not for this order: goes back

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(editable=False)  # while unpaid
    # An unpaid order past its time that could not be canceled is looked at again then, behind the others.
    sweep_again_at = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    canceled_at = models.DateTimeField(null=True, editable=False)
    fulfilled_at = models.DateTimeField(null=True, blank=True)  # paid in parts: when its goods were taken off the shelf
    anonymised_at = models.DateTimeField(null=True, editable=False)  # nobody knows any more whose it was

    # On its way to the buyer: since when, with whom, under which number (orders.fulfilment).
    shipped_at = models.DateTimeField(null=True, editable=False)
    carrier = models.CharField(max_length=60, blank=True, editable=False)
    tracking_number = models.CharField(max_length=100, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("refund_order", "Can pay orders back"),
            ("cancel_order", "Can cancel orders"),
            ("fulfil_order", "Can send orders"),
            ("edit_address", "Can change where orders go"),
            ("resend_confirmation", "Can send confirmations again"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    total_amount=F("items_amount") - F("discount_amount") + F("shipping_amount") + F("tax_amount")
                ),
                name="order_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(items_amount__gte=0, discount_amount__gte=0, shipping_amount__gte=0, tax_amount__gte=0)
                & Q(discount_amount__lte=F("items_amount")),
                name="order_amounts_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("captured_amount")),
                name="order_refunded_at_most_captured",
            ),
            models.CheckConstraint(
                condition=Q(surplus_amount__gte=0, surplus_amount__lte=F("captured_amount")),
                name="order_surplus_at_most_captured",
            ),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.PENDING) | Q(number__isnull=False) | Q(status=OrderStatus.CANCELED),
                name="accepted_order_has_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status=OrderStatus.PENDING), name="order_unpaid_by_expiry"),
            # By its beginning, too: in the order of its bytes, whatever the database's language.
            models.Index(
                fields=["email", "-id"], opclasses=["varchar_pattern_ops", "int8_ops"], name="order_by_address"
            ),
            models.Index(fields=["created_at"], name="order_by_time"),
            models.Index(fields=["status", "-id"], name="order_by_status"),
            models.Index(fields=["buyer", "-id"], condition=~Q(buyer=""), name="order_by_buyer"),
            models.Index(fields=["reference", "-id"], condition=~Q(reference=""), name="order_by_reference"),
            # What a discount code brought.
            models.Index(fields=["discount_code", "-id"], condition=~Q(discount_code=""), name="order_by_code"),
            # What was sold in a while, by day and currency.
            models.Index(
                fields=["accepted_at", "currency"], condition=Q(accepted_at__isnull=False), name="order_by_acceptance"
            ),
            # What somebody bought in a while, over all their carts.
            # `IS NOT NULL` follows from any comparison; a database that is given its values apart from the statement
            # could not tell that `~Q(person="")` fits.
            models.Index(
                fields=["person", "accepted_at"], condition=Q(accepted_at__isnull=False), name="order_by_person"
            ),
            models.Index(
                fields=["id"],
                condition=Q(takes_parts=True, status=OrderStatus.ACCEPTED, fulfilled_at__isnull=True),
                name="order_goods_missing",
            ),
            # What is to be sent (orders.fulfilment.TO_BE_SENT); what was all paid back is not, and would pile up here.
            # In the order of the list: where few are, PostgreSQL would else walk through all orders for a page of them.
            models.Index(
                fields=["-id"],
                condition=Q(status=OrderStatus.ACCEPTED, shipped_at__isnull=True)
                & (Q(captured_amount=0) | Q(captured_amount__gt=F("refunded_amount"))),
                name="order_to_be_sent",
            ),
            models.Index(
                fields=["updated_at"], condition=Q(anonymised_at__isnull=True), name="order_to_anonymise_by_time"
            ),
        ]

    def __str__(self) -> str:
        """An id never stands where a number would: another order may be called ORD-2026-<id>."""
        return self.number or f"Order without a number (id {self.pk}, {self.status})"

    @property
    def totals(self) -> Totals:
        """The agreed sums; the lines' shares of the discount are on the lines."""
        return Totals(
            items_amount=self.items_amount,
            discount_amount=self.discount_amount,
            shipping_amount=self.shipping_amount,
            tax_amount=self.tax_amount,
            total_amount=self.total_amount,
            line_discounts=(),
        )

    @property
    def kept_amount(self) -> int:
        """What was paid for this order. What is given back from it afterwards is no debt again."""
        return self.captured_amount - self.surplus_amount

    @property
    def is_all_paid_back(self) -> bool:
        return 0 < self.captured_amount == self.refunded_amount

    @property
    def is_paid(self) -> bool:
        return self.kept_amount >= self.total_amount

    @property
    def due_amount(self) -> int:
        return max(self.total_amount - self.kept_amount, 0)

    @property
    def owed_amount(self) -> int:
        """What somebody owes: of a canceled order nobody does, though `due_amount` may still take it up again."""
        return 0 if self.status == OrderStatus.CANCELED else self.due_amount

    def is_over(self, now: datetime) -> bool:
        """Whether its time to be paid has run out. One that got a part of its money waits for the rest."""
        return self.expires_at <= now and not (self.takes_parts and self.kept_amount)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    # Plain numbers, not keys: the order outlives what the catalog still sells.
    # Null for a thing that only another store's catalog knows.
    product_id = models.BigIntegerField(null=True)
    variant_id = models.BigIntegerField(null=True, db_index=True)
    product_name = models.CharField(max_length=200)
    variant_name = models.CharField(max_length=200)
    sku = models.CharField(max_length=64, blank=True)
    unit_amount = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    discount_amount = models.BigIntegerField(default=0)
    weight_grams = models.PositiveIntegerField(default=0)
    customization = models.JSONField(default=dict)  # what the buyer wrote about this line, as given

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"

    @property
    def amount(self) -> int:
        return self.unit_amount * self.quantity

    @property
    def total_amount(self) -> int:
        """What is paid for it, without shipping."""
        return self.amount - self.discount_amount


class OrderNumber(models.Model):
    """The last number given out in a year: ORD-2026-0001, without gaps."""

    year = models.PositiveIntegerField(primary_key=True)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
