"""The demo's secrets: DEMO_PASSWORD and DEMO_API_KEYS, or made once and kept for this data directory's owner only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

from django.conf import settings

from accounts.keys import BEGINS_WITH

STAFF = "merchant"
CUSTOMER = "shopper"
USERS = (STAFF, CUSTOMER)
OTHER_STAFF = ("manager", "support", "analyst")  # named after their roles


API_KEYS = 2


def password() -> str:
    """The demo users'."""
    return str(settings.DEMO_PASSWORD) or _kept("demo_password", lambda: secrets.token_urlsafe(12))


def api_keys() -> list[str]:
    """Of the purchase API, one client each."""
    made = (BEGINS_WITH + secrets.token_urlsafe(32) for _ in range(API_KEYS))
    return settings.DEMO_API_KEYS or _kept("demo_api_keys", lambda: "\n".join(made)).split()


def _kept(name: str, make: Callable[[], str]) -> str:
    """The same answer in every process of an instance, also when several ask at once for the first time."""
    path = settings.DATA_DIR / name
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
        try:
            os.link(fresh, path)  # whole or not at all, and the first one wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
