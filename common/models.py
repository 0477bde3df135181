"""Rows that belong to no app of their own."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class IdempotencyRecord(models.Model):
    """One call a caller may repeat: what was asked (as digests only) and what was answered."""

    scope = models.CharField(max_length=64, unique=True, help_text="Digest of API, caller, method, path and key.")
    fingerprint = models.CharField(max_length=64, help_text="Keyed digest of the body without card number and cvv.")
    status = models.PositiveSmallIntegerField(null=True, help_text="Empty while the work goes on.")
    body = models.TextField(default="", help_text="The answer as it was sent.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    locked_until = models.DateTimeField(null=True, help_text="Until then the work belongs to whoever began it.")

    def __str__(self) -> str:
        return f"{self.scope[:12]} ({self.status or 'at work'})"


class ChangedRecord(models.Model):
    """That something became of a record after its day: that day's figures are to be counted anew. Kept until they are.

    `record` is a plain number: which row of which app it is, the app above knows that counts it.
    """

    class What(models.TextChoices):
        ORDER = "order", "Order"
        CHECKOUT = "checkout", "Checkout"

    what = models.CharField(max_length=10, choices=What)
    record = models.BigIntegerField()
    since = models.DateTimeField(null=True)  # of one that is gone: the moment by which it counted

    def __str__(self) -> str:
        return f"{self.what} {self.record}"


class RateHit(models.Model):
    """One request that counts against a limit, until it no longer does. Whose it is is kept as a digest."""

    subject = models.CharField(max_length=64, help_text="Keyed digest of the limit's name and whom it counts.")
    counts_until = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "counts_until"], name="rate_hit_by_subject"),
            models.Index(fields=["counts_until"], name="rate_hit_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.subject[:12]} until {self.counts_until:%H:%M:%S}"
