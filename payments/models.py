"""Money on its way: one row an attempt, one row for everything that was said about it. Minor units throughout."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from common import moments
from common.money import written
from orders.models import Order
from payments.gateways.base import Outcome
from payments.states import OPEN, EventStatus, PaymentStatus, RefundStatus


class Payment(models.Model):
    """One attempt to move money for an order."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments", editable=False)
    provider = models.CharField(max_length=20, editable=False)  # as the shopper chose it: stripe, mobilepay, ...
    gateway = models.CharField(max_length=20, editable=False)  # who really played it: `test` until an adapter exists
    gateway_reference = models.CharField(max_length=120, blank=True, editable=False)
    idempotency_key = models.CharField(max_length=80, unique=True, editable=False)
    instrument = models.CharField(max_length=200, blank=True, editable=False)  # a token, never a card number
    # Money that others moved and told us of: never charged by us, and several of them may be open at once.
    is_reported = models.BooleanField(default=False, editable=False)
    status = models.CharField(max_length=20, choices=PaymentStatus, default=PaymentStatus.CREATED, editable=False)
    currency = models.CharField(max_length=3, editable=False)
    amount = models.BigIntegerField(editable=False)
    # What was asked at first, where staff took another amount as ours since; null: `amount` is what was asked.
    first_asked_amount = models.BigIntegerField(null=True, editable=False)
    captured_amount = models.BigIntegerField(default=0, editable=False)
    refunded_amount = models.BigIntegerField(default=0, editable=False)
    # How much of what was captured is not the order's and goes back by itself (payments.sums).
    surplus_amount = models.BigIntegerField(default=0, editable=False)
    decline_code = models.CharField(max_length=60, blank=True, editable=False)
    message = models.CharField(max_length=300, blank=True, editable=False)
    action_url = models.URLField(max_length=2000, blank=True, editable=False)
    redirect_url = models.URLField(max_length=2000, blank=True, editable=False)  # where the caller wants the shopper
    # Who tries, as payments.declines counts it: keyed digests of the client's address and of the card.
    client_subject = models.CharField(max_length=64, blank=True, editable=False)
    card_subject = models.CharField(max_length=64, blank=True, editable=False)
    # What the gateway said when staff settled that this money is not ours: said again, it changes nothing.
    disowned_word = models.CharField(max_length=120, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)  # when the gateway was last asked about it
    ask_again_at = models.DateTimeField(null=True, editable=False)  # while in doubt
    times_asked = models.PositiveIntegerField(default=0, editable=False)
    # When the nightly comparison holds it against the gateway's books again; null: never (again).
    compare_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        permissions = [
            ("capture_payment", "Can take money that is held"),
            ("void_payment", "Can let go of money that is held"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(status__in=OPEN, is_reported=False), name="one_open_payment_an_order"
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_reference"],
                condition=~Q(gateway_reference=""),
                name="one_payment_a_gateway_reference",
            ),
            # Whichever gateway vouched for it: a capture id pays once, for ever.
            models.UniqueConstraint(
                fields=["gateway_reference"], condition=Q(is_reported=True), name="one_reported_payment_a_reference"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("captured_amount"))
                & (Q(captured_amount__lte=F("amount")) | Q(status=PaymentStatus.REVIEW)),
                name="refunded_at_most_captured_at_most_asked",
            ),
            models.CheckConstraint(
                condition=Q(surplus_amount__gte=0, surplus_amount__lte=F("captured_amount")),
                name="surplus_at_most_captured",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ask_again_at"], condition=Q(ask_again_at__isnull=False), name="payment_in_doubt_by_time"
            ),
            models.Index(
                fields=["compare_at"], condition=Q(compare_at__isnull=False), name="payment_to_compare_by_time"
            ),
            models.Index(fields=["status", "-id"], name="payment_by_status"),
            models.Index(fields=["created_at"], name="payment_by_time"),
            # Staff look for it without knowing whose it is; without a condition, which SQLite could not tell that fits.
            models.Index(fields=["gateway_reference", "-id"], name="payment_by_reference"),
            models.Index(
                fields=["id"], condition=Q(surplus_amount__gt=F("refunded_amount")), name="payment_without_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {written(self.asked_amount, self.currency)} ({self.status})"

    @property
    def asked_amount(self) -> int:
        """Of the gateway, when it was begun: whatever staff took as ours later."""
        return self.amount if self.first_asked_amount is None else self.first_asked_amount

    @property
    def refundable_amount(self) -> int:
        return self.captured_amount - self.refunded_amount

    @property
    def is_returned(self) -> bool:
        """Taken, and none of it for its order: it goes back, or went."""
        return self.status == PaymentStatus.CAPTURED and 0 < self.captured_amount == self.surplus_amount

    @property
    def is_played_by_test(self) -> bool:
        return self.gateway == "test" and self.provider != "test"


class Refund(models.Model):
    """Money on its way back: written, with its key, before the gateway is asked, and counted from then on."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", editable=False)
    # Which request wanted it. One request may take from several payments, and from each of them once.
    request_key = models.CharField(max_length=80, editable=False)
    idempotency_key = models.CharField(max_length=80, unique=True, editable=False)
    gateway_reference = models.CharField(max_length=120, blank=True, editable=False)
    amount = models.BigIntegerField(editable=False)  # minor units of the payment's currency
    reason = models.CharField(max_length=300, editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    status = models.CharField(max_length=10, choices=RefundStatus, default=RefundStatus.ASKED, editable=False)
    message = models.CharField(max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    ask_again_at = models.DateTimeField(null=True, editable=False)  # while asked
    times_asked = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "request_key"], name="one_refund_a_request_and_payment"),
            models.UniqueConstraint(
                fields=["gateway_reference"], condition=~Q(gateway_reference=""), name="one_refund_a_gateway_reference"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
        ]
        indexes = [
            models.Index(
                fields=["ask_again_at"], condition=Q(ask_again_at__isnull=False), name="refund_in_doubt_by_time"
            ),
            models.Index(fields=["status", "-id"], name="refund_by_status"),
        ]

    def __str__(self) -> str:
        return f"{written(self.amount, self.payment.currency)} back ({self.status})"


class PaymentEntry(models.Model):
    """The trail: what was asked and what was answered, added to and never changed."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="entries", editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    heard_from = models.CharField(max_length=20, editable=False)  # answer, look-up, webhook, staff
    outcome = models.CharField(max_length=20, editable=False)
    status_before = models.CharField(max_length=20, editable=False)
    status_after = models.CharField(max_length=20, editable=False)
    captured_amount = models.BigIntegerField(editable=False)
    refunded_amount = models.BigIntegerField(editable=False)
    note = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "payment entries"

    def __str__(self) -> str:
        return f"{moments.written(self.at)} {self.heard_from}: {self.outcome}"


class GatewayEvent(models.Model):
    """A webhook as it came, stored once and worked on afterwards. A hint only: the gateway is asked what is true."""

    gateway = models.CharField(max_length=20, editable=False)
    event_id = models.CharField(max_length=255, editable=False)  # the gateway's own
    type = models.CharField(max_length=120, editable=False)
    # By what we may know its payment: its reference at the gateway, its idempotency key; '' where nobody told.
    reference = models.CharField(max_length=120, blank=True, editable=False)
    payment_key = models.CharField(max_length=80, blank=True, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="events", editable=False)
    status = models.CharField(max_length=10, choices=EventStatus, default=EventStatus.RECEIVED, editable=False)
    outcome = models.CharField(max_length=300, blank=True, editable=False)  # a sentence for the merchant
    raw = models.JSONField(null=True, editable=False)  # as it came, without secrets; null: too old to be kept
    created_at = models.DateTimeField(editable=False)  # when the gateway made it
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    done_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="one_row_a_gateway_event")]
        indexes = [
            models.Index(fields=["status", "-id"], name="gateway_event_by_status"),
            models.Index(fields=["gateway", "reference"], name="gateway_event_by_reference"),
            models.Index(fields=["received_at"], condition=Q(raw__isnull=False), name="gateway_event_with_raw_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.type} ({self.status})"


class PaymentLink(models.Model):
    """An address under which what is owed can be paid once. Of its token a digest is kept, and the salt from which it
    is made anew when it is to be shown (common.pay_links)."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    salt = models.CharField(max_length=64, default="", editable=False)
    # Whose money it asks for, as a text that points up: `cart:7` or `order:12`. One live link each.
    owner = models.CharField(max_length=80, editable=False)
    owner_version = models.CharField(
        max_length=64, editable=False
    )  # digest of what it was made for: changed, it is dead
    amount = models.BigIntegerField(editable=False)  # minor units of `currency`
    currency = models.CharField(max_length=3, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="links", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    expires_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)  # used, or replaced by a newer one

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(ended_at__isnull=True), name="one_live_link_an_owner"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="link_for_something"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(ended_at__isnull=True), name="live_link_by_expiry"),
            models.Index(fields=["owner", "-id"], name="link_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{written(self.amount, self.currency)} for {self.owner}"


class DeclineMark(models.Model):
    """That somebody was declined: a row each for client address, e-mail, card fingerprint and checkout, as digests."""

    subject = models.CharField(max_length=64, editable=False)  # keyed digest of kind and value
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="decline_marks", editable=False)
    # Which try it was, where the shopper may try several cards on one payment; '' where a payment is one try.
    attempt = models.CharField(max_length=120, blank=True, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "subject", "attempt"], name="one_mark_a_try_and_subject")
        ]
        indexes = [
            models.Index(fields=["subject", "at"], name="decline_by_subject"),
            models.Index(fields=["at"], name="decline_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.subject[:12]} {self.at:%Y-%m-%d %H:%M:%S}"


class Difference(models.Model):
    """What the nightly comparison found: our books and the gateway's say different things of one payment."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="differences", editable=False)
    kind = models.CharField(max_length=20, editable=False)  # status, captured, refunded, currency, unknown
    ours = models.CharField(max_length=120, editable=False)
    theirs = models.CharField(max_length=120, editable=False)
    found_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)  # found again by a later comparison
    settled_at = models.DateTimeField(null=True, editable=False)
    settled_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "kind"], condition=Q(settled_at__isnull=True), name="one_open_difference_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.ours} here, {self.theirs} there"


class TestCharge(models.Model):
    """The `test` gateway's own books: what a real gateway would keep on its side. No rule of ours reads it."""

    __test__ = False  # its name begins like a test's

    key = models.CharField(max_length=80, unique=True)
    reference = models.CharField(max_length=40, unique=True)
    provider = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20, choices=[(outcome, outcome) for outcome in Outcome])
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    captured_amount = models.BigIntegerField(default=0)
    refunded_amount = models.BigIntegerField(default=0)
    captures_at_once = models.BooleanField(default=True)
    decline_code = models.CharField(max_length=60, blank=True)
    return_url = models.URLField(max_length=2000, blank=True)
    done_keys = models.JSONField(default=list)  # keys of captures, voids and refunds already carried out
    refunds = models.JSONField(default=list)  # [{reference, key, amount, state}]
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.reference} ({self.outcome})"
