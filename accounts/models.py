"""Who may sign in: staff of the shop, and customers who have an account. And keys, with which programs come."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.utils import timezone


class User(AbstractUser):
    """Django's own user under our own table, so that it can grow without a rewrite."""

    # Changed by accounts.second_step only: with it, a password alone opens nothing.
    has_second_step = models.BooleanField("second step", default=False, editable=False)

    class Meta(AbstractUser.Meta):
        permissions = [("reset_second_step", "Can switch off a colleague's second step")]


class RecoveryCode(models.Model):
    """One of a user's codes for the day the phone is gone. Only its digest is kept; it passes once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes", editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"A recovery code of {self.user_id}"


class RoleGroup(models.Model):
    """Which group is a role's, and what the system has given it so far: accounts.roles."""

    key = models.CharField(max_length=20, unique=True, editable=False)
    # Null: the merchant has deleted it.
    group = models.OneToOneField(Group, on_delete=models.SET_NULL, null=True, related_name="role", editable=False)
    given = models.JSONField(default=list, editable=False)  # permissions, like "orders.view_order"

    def __str__(self) -> str:
        return self.key


class Scope(models.TextChoices):
    """Which API a key opens."""

    TRACKER = "tracker", "Tracker API"
    PURCHASE = "purchase", "Purchase API"


class ApiKey(models.Model):
    """A secret a program shows with each call. Only its digest is kept: nobody can read it here again."""

    name = models.CharField(max_length=100, help_text="Who will use it, so that you know which one to revoke.")
    scope = models.CharField("opens", max_length=20, choices=Scope)
    prefix = models.CharField("begins with", max_length=12, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.CharField(max_length=150, blank=True, editable=False)
    rotated_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)  # to the minute
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None
