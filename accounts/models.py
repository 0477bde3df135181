"""Who may sign in: staff of the shop, and customers who have an account."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Django's own user under our own table, so that it can grow without a rewrite."""
