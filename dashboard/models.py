"""What the dashboard keeps of its own: lists that staff comes back to. All else belongs to the apps below."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import User


class SavedFilter(models.Model):
    """A list as somebody narrowed it. Its address may be given to whoever sees that list; only its owner forgets it."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters", editable=False)
    list = models.CharField(max_length=100, editable=False)  # orders.order
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)  # of the list's address
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_permissions = ()
        permissions = [("export_list", "Can take lists away as CSV")]
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "list", "name"], name="one_saved_filter_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
