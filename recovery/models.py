"""Sequences of mails, who is in one, what was sent or not and why, and the links the mails carry.

People are known by the digest of their e-mail address (`person`, common.persons.email_key); tokens are kept as digests
only. Amounts are whole minor units.
"""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from carts.models import Cart
from catalog.models import Discount, currency_code
from checkouts.models import Checkout
from common import moments
from recovery.states import (
    Audience,
    CustomerKind,
    Outcome,
    Reason,
    SuppressedBecause,
    Wait,
)

COUNTRIES = RegexValidator(r"^([A-Z]{2}(, ?[A-Z]{2})*)?$", "Countries are two capital letters each, like DK, SE.")


def _span(seconds: int) -> str:
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds and seconds % length == 0:
            count = seconds // length
            return f"{count} {unit.removesuffix('s') if count == 1 else unit}"
    return f"{seconds} s"


# --- what the merchant writes ---------------------------------------------------------------------
class Sequence(models.Model):
    """Mails about one cart, one after the other. A cart goes into the first one that is on and meant for its owner."""

    name = models.CharField(max_length=100)
    audience = models.CharField(
        max_length=10,
        choices=[(audience.value, audience.label) for audience in Audience if audience != Audience.OFF],
        default=Audience.ALL,
        help_text="Never more than RECOVERY_AUDIENCE allows.",
    )
    position = models.PositiveIntegerField(default=0, help_text="Sequences are looked at in this order.")
    # On since then; null: off. Carts abandoned before are never mailed.
    activated_at = models.DateTimeField("on since", null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.activated_at is not None


class Step(models.Model):
    """One mail of a sequence: when, on which conditions, and which code comes with it."""

    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="steps")
    delay_seconds = models.PositiveIntegerField("delay", help_text="Seconds after the cart was abandoned.")
    is_active = models.BooleanField("is sent", default=True)

    customer_kind = models.CharField("for", max_length=10, choices=CustomerKind, default=CustomerKind.ANY)
    countries = models.CharField(
        max_length=200, blank=True, validators=[COUNTRIES], help_text="Like DK, SE. Empty: wherever they live."
    )
    currency = models.CharField(max_length=3, blank=True, validators=[currency_code], help_text="Of the amounts.")
    minimum_amount = models.BigIntegerField(default=0, help_text="What the cart must come to. Minor units.")

    basis_points = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(10_000)])
    off_amount = models.BigIntegerField(default=0, help_text="Off the basket. Minor units.")
    floor_amount = models.BigIntegerField(default=0, help_text="What the basket must come to for the code.")
    code_life_seconds = models.PositiveIntegerField(default=604_800, help_text="Seconds after the mail was sent.")

    class Meta:
        ordering = ["delay_seconds", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sequence", "delay_seconds"], name="one_step_a_moment"),
            models.CheckConstraint(
                condition=Q(minimum_amount__gte=0, off_amount__gte=0, floor_amount__gte=0, basis_points__lte=10_000),
                name="step_amounts_make_sense",
            ),
            models.CheckConstraint(condition=Q(basis_points=0) | Q(off_amount=0), name="step_gives_one_thing"),
            models.CheckConstraint(
                condition=~Q(currency="") | Q(minimum_amount=0, off_amount=0, floor_amount=0),
                name="step_amounts_have_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}, after {_span(self.delay_seconds)}"

    @property
    def gives_a_code(self) -> bool:
        return bool(self.basis_points or self.off_amount)


class StepText(models.Model):
    """What a step says in one language. Placeholders in braces: recovery.texts."""

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=20, help_text="Like en or de; a cart of another one gets the shop's.")
    subject = models.CharField(max_length=200)
    body = models.TextField(help_text="Plain text; an empty line begins a paragraph.")

    class Meta:
        ordering = ["language"]
        constraints = [models.UniqueConstraint(fields=["step", "language"], name="one_text_a_language")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.language})"


# --- who is in one --------------------------------------------------------------------------------
class Enrolment(models.Model):
    """One abandoned cart in one sequence. A person has at most one that is running."""

    cart = models.ForeignKey(Cart, on_delete=models.SET_NULL, null=True, related_name="enrolments", editable=False)
    sequence = models.ForeignKey(Sequence, on_delete=models.PROTECT, related_name="enrolments", editable=False)
    person = models.CharField(max_length=64, editable=False)  # '': forgotten (recovery.retention)
    spell_at = models.DateTimeField("abandoned at", editable=False)  # the cart's abandoned_at: this spell and no other
    is_held_out = models.BooleanField("in the control group", default=False, editable=False)
    # The control group's share when its owner was drawn; null: there was no control group.
    drawn_percent = models.PositiveSmallIntegerField("control group's share, %", null=True, editable=False)
    # When a mail about it was first found fit to go, were it not for the group; of a person's first such one only.
    compared_at = models.DateTimeField("compared since", null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(editable=False)  # when the next step is looked at
    waits_for = models.CharField(max_length=20, choices=Wait, blank=True, editable=False)
    # The delay of the last step that was decided, sent or skipped; the next one is the step after it.
    decided_delay_seconds = models.IntegerField(default=-1, editable=False)
    # What the steps' delays are counted from: the abandonment, moved on by whatever made a mail late.
    origin_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_because = models.CharField(max_length=20, choices=Reason, blank=True, editable=False)  # '': no step is left

    class Meta:
        ordering = ["-id"]
        verbose_name = "cart in a sequence"
        verbose_name_plural = "carts in a sequence"
        permissions = [("send_mail_now", "Can send a recovery mail before its time")]
        constraints = [
            models.UniqueConstraint(fields=["cart", "spell_at"], name="one_enrolment_a_spell"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="one_running_enrolment_a_person"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(compared_at__isnull=False), name="compared_once_a_person"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True), name="enrolment_by_due"),
            models.Index(fields=["sequence", "-id"], name="enrolment_by_sequence"),
            models.Index(fields=["person", "-id"], name="enrolment_by_person"),
            models.Index(fields=["created_at"], name="enrolment_by_time"),
            models.Index(
                fields=["compared_at"], condition=Q(compared_at__isnull=False), name="enrolment_compared_by_time"
            ),
            models.Index(
                fields=["ended_at"], condition=Q(cart__isnull=True) & ~Q(person=""), name="enrolment_to_forget_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"Cart {self.cart_id} in {self.sequence_id}"


class Holdout(models.Model):
    """Which group a person is in, drawn once and kept, whatever the share becomes later."""

    person = models.CharField(max_length=64, primary_key=True)
    is_held_out = models.BooleanField()
    percent = models.PositiveSmallIntegerField()  # the control group's share when it was drawn
    drawn_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.person[:12]} ({'held out' if self.is_held_out else 'mailed'})"


# --- what became of each mail ---------------------------------------------------------------------
class Message(models.Model):
    """One step about one spell of one cart: the claim to send it, and what came of it. One row each."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # its Message-ID
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="messages", editable=False)
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="messages", editable=False)
    person = models.CharField(max_length=64, editable=False)
    outcome = models.CharField(max_length=12, choices=Outcome, editable=False)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, editable=False)  # of a skipped one
    decided_at = models.DateTimeField(editable=False)  # when it was claimed, or skipped
    finished_at = models.DateTimeField(null=True, editable=False)  # when the mail server had answered
    attempts = models.PositiveIntegerField(default=0, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    subject = models.CharField(max_length=300, blank=True, editable=False)
    language = models.CharField(max_length=20, blank=True, editable=False)
    unsubscribe_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001

    class Meta:
        ordering = ["-id"]
        verbose_name = "recovery mail"
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "step"], name="one_message_a_step_and_spell"),
            models.CheckConstraint(condition=Q(outcome=Outcome.SKIPPED) ^ Q(reason=""), name="skipped_for_a_reason"),
        ]
        indexes = [
            models.Index(fields=["person", "-decided_at"], name="message_by_person"),  # the gap: when was the last?
            models.Index(
                fields=["decided_at"], condition=Q(outcome=Outcome.HANDING_OVER), name="message_being_handed_over"
            ),
            models.Index(fields=["outcome", "reason", "-id"], name="message_by_outcome"),
            models.Index(fields=["step", "outcome"], name="message_by_step"),
            models.Index(fields=["decided_at"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return f"Recovery mail {self.pk} ({self.outcome})"


class RecoveryLink(models.Model):
    """The way back to one cart, for whoever has the token. Only its digest is kept."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="recovery_links", editable=False)
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="link", editable=False)
    discount = models.ForeignKey(Discount, on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    # What the mail said each thing costs, to tell the shopper what has changed: {variant id: minor units}.
    told_amounts = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["expires_at"], name="recovery_link_by_expiry")]

    def __str__(self) -> str:
        return f"Link {self.pk} to cart {self.cart_id}"


class Click(models.Model):
    """Somebody pressed the button on the page a link leads to. Looking at the page is none: scanners look, too."""

    link = models.ForeignKey(RecoveryLink, on_delete=models.CASCADE, related_name="clicks", editable=False)
    checkout = models.ForeignKey(Checkout, on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Click on {self.link_id}"


# --- who may be written to ------------------------------------------------------------------------
class Suppression(models.Model):
    """An address no recovery mail goes to, of whichever sequence. Only its digest is kept, and a hint for people."""

    person = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField("address", max_length=100, editable=False)  # a***@example.com
    reason = models.CharField(max_length=12, choices=SuppressedBecause, editable=False)
    source = models.CharField(max_length=200, blank=True, editable=False)  # which message, or who did it
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "suppressed address"
        verbose_name_plural = "suppressed addresses"
        indexes = [models.Index(fields=["reason", "-id"], name="suppression_by_reason")]

    def __str__(self) -> str:
        return f"{self.hint} ({self.reason})"


class Consent(models.Model):
    """The proof that somebody agreed to recovery mails: to which words, when, from where. Rows are only added, and go
    when they were withdrawn long ago (recovery.retention)."""

    person = models.CharField(max_length=64, editable=False, db_index=True)
    hint = models.CharField("address", max_length=100, editable=False)
    text_version = models.CharField(max_length=40, editable=False)
    text = models.TextField(editable=False)  # the words they agreed to
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    network = models.CharField(max_length=45, blank=True, editable=False)  # the address in part: 203.0.113.0
    source = models.CharField(max_length=40, editable=False)  # the page or door
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["withdrawn_at"], condition=Q(withdrawn_at__isnull=False), name="consent_by_withdrawal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hint}, {moments.written(self.given_at)}"
