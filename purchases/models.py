"""What an agent asked to be bought, how far it got, and every step on the way. Minor units throughout."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey
from purchases.states import PurchaseStatus, Step

SOURCE_PREFIX = "purchase:"


class Purchase(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="purchases", editable=False)
    url = models.CharField(max_length=2000, editable=False)  # as it may be shown (told.shown)
    # What the agent told us, address and person: sealed (common.sealed), and gone as soon as the purchase has ended.
    told = models.TextField(blank=True, editable=False)
    status = models.CharField(max_length=10, choices=PurchaseStatus, default=PurchaseStatus.PROCESSING, editable=False)
    step = models.CharField(max_length=10, choices=Step, default=Step.GUARD, editable=False)
    # What the steps found out so far and the next ones need: ids and addresses of goods, nothing of a person.
    known = models.JSONField(default=dict, editable=False)
    checkout_session = models.UUIDField(null=True, editable=False)  # of our own checkout, once there is one
    quoted_amount = models.BigIntegerField(null=True, editable=False)  # what is set aside and will be charged
    amount = models.BigIntegerField(null=True, editable=False)  # what was charged
    currency = models.CharField(max_length=3, blank=True, editable=False)
    notes = models.CharField(max_length=1000, blank=True, editable=False)  # for the agent; why it failed
    order_reference = models.CharField(max_length=120, blank=True, editable=False)  # here or in the other shop
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deadline_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    forgotten_at = models.DateTimeField(null=True, editable=False)  # its address and notes went (retention)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=PurchaseStatus.COMPLETED) | Q(amount__isnull=False), name="completed_has_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(status=PurchaseStatus.COMPLETED) | Q(amount__isnull=True), name="only_completed_is_charged"
            ),
            models.CheckConstraint(
                condition=Q(status=PurchaseStatus.PROCESSING) | Q(told=""), name="ended_keeps_nothing_of_a_person"
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline_at"],
                condition=Q(status=PurchaseStatus.PROCESSING),
                name="purchase_by_deadline",
            ),
            models.Index(fields=["ended_at"], condition=Q(forgotten_at__isnull=True), name="purchase_to_be_forgotten"),
            models.Index(fields=["key", "-id"], name="purchase_by_key"),
            models.Index(fields=["status", "-id"], name="purchase_by_status"),
        ]

    def __str__(self) -> str:
        return f"Purchase {self.pk} ({self.status})"

    @property
    def source(self) -> str:
        """Who asks for the money and the order, as a text."""
        return f"{SOURCE_PREFIX}{self.public_id}"

    @property
    def buyer(self) -> str:
        """Who buys, as its order says it."""
        return f"agent:{self.key_id} {self.key.name}"

    @property
    def has_ended(self) -> bool:
        return self.status != PurchaseStatus.PROCESSING


class PurchaseEvent(models.Model):
    """The timeline: what each step found, added to and never changed. Nothing of a person."""

    purchase = models.ForeignKey(Purchase, on_delete=models.CASCADE, related_name="events", editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    step = models.CharField(max_length=10, choices=Step, editable=False)  # that was done
    note = models.CharField(max_length=1000, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.step}: {self.note}"
