"""The demo's two people: `merchant` (staff) and `shopper` (not staff), with the password the start prints."""

from __future__ import annotations

from accounts.models import User
from demo.credentials import CUSTOMER, STAFF, password


def load() -> None:
    secret = password()
    for name in (STAFF, CUSTOMER):
        is_staff = name == STAFF
        user, is_new = User.objects.get_or_create(
            username=name,
            defaults={"email": f"{name}@example.com", "is_staff": is_staff, "is_superuser": is_staff},
        )
        if is_new or not user.check_password(secret):  # DEMO_PASSWORD may have changed since the last start
            user.set_password(secret)
            user.save()
