"""What is owed to the outside as rows: facts to hand over (events), and how each scheduled job last fared."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone


class OutboxEvent(models.Model):
    """A fact written in the transaction that made it true, to be handed to its handlers at least once.

    `attempts` goes up with every claim, so it also names the claim: who was overtaken after his
    lease ran out can no longer mark the event.
    """

    name = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True, null=True, blank=True)  # noqa: DJ001 (NULL: no key)
    created_at = models.DateTimeField(default=timezone.now)
    available_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")
    # What its handlers say became of it, where they say something: "sent", or why nothing was done.
    outcome = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["available_at", "id"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                name="outbox_event_open",
                fields=["available_at", "id"],
                condition=Q(done_at__isnull=True, failed_at__isnull=True),
            ),
            models.Index(name="outbox_event_done", fields=["done_at"], condition=Q(done_at__isnull=False)),
            models.Index(name="outbox_event_failed", fields=["failed_at"], condition=Q(failed_at__isnull=False)),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="outbox_event_done_or_failed",
                condition=Q(done_at__isnull=True) | Q(failed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class JobRun(models.Model):
    """The last run of one scheduled job. `leased_until` keeps a second one from starting beside it."""

    name = models.CharField(max_length=200, unique=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]
        verbose_name = "job"
        permissions = [("run_job", "Can run scheduled jobs now")]

    def __str__(self) -> str:
        return self.name
