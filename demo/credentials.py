"""The demo users' password: DEMO_PASSWORD, or one made once and kept for this data directory's owner only."""

from __future__ import annotations

import os
import secrets

from django.conf import settings

STAFF = "merchant"
CUSTOMER = "shopper"
USERS = (STAFF, CUSTOMER)
OTHER_STAFF = ("manager", "support", "analyst")  # named after their roles


def password() -> str:
    """The same answer in every process of an instance, also when several ask at once for the first time."""
    if settings.DEMO_PASSWORD:
        return str(settings.DEMO_PASSWORD)
    path = settings.DATA_DIR / "demo_password"
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(12))
        try:
            os.link(fresh, path)  # whole or not at all, and the first one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
