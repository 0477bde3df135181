"""A shop of its own: another database, test payments, no mail server and no worker outside this process."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test.utils import override_settings

from carts.models import Cart
from demo.simulation.mail_server import BACKEND
from orders.models import Order
from recovery.models import Enrolment, Sequence

GAP_SECONDS = 72_000
HOLDOUT_PERCENT = 10
QUIET_HOURS = (21, 8)
_SETTINGS: dict[str, Any] = {
    "DEMO": True,
    "EMAIL_BACKEND": BACKEND,  # no mail leaves the process
    "OUTBOX_KICKS_WORKER": False,
    "TIME_ZONE": "UTC",
    "SHOP_CURRENCY": "USD",
    "LANGUAGE_CODE": "en",
    "ABANDON_AFTER_SECONDS": 1800,
    "CART_EXPIRES_AFTER_SECONDS": 8 * 86_400,
    "CHECKOUT_EXPIRES_AFTER_SECONDS": 30 * 86_400,
    "UNPAID_ORDER_EXPIRES_AFTER_SECONDS": 12 * 3600,
    "RECOVERY_AUDIENCE": "all",
    "RECOVERY_MIN_GAP_SECONDS": GAP_SECONDS,
    "RECOVERY_MAX_MAILS_PER_CART": 6,
    "RECOVERY_MAX_MAILS_PER_PERSON": 10,
    "RECOVERY_HOLDOUT_PERCENT": HOLDOUT_PERCENT,
    "RECOVERY_QUIET_HOURS": QUIET_HOURS,
    "HANDOVER_LEASE_SECONDS": 180,
}
# Without a key there is no gateway but the test one.
_KEYS = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET")


class NotEmpty(Exception):
    """Here is a shop already."""


@contextmanager
def throwaway_database() -> Iterator[None]:
    """A new one beside the shop's, by Django's own means for tests; the shop's is not opened."""
    with tempfile.TemporaryDirectory(prefix="simulation-") as directory:
        name = f"simulation_{os.getpid()}_{secrets.token_hex(4)}"
        of_shop = connection.settings_dict["NAME"]
        is_file = connection.vendor == "sqlite"
        connection.settings_dict["TEST"]["NAME"] = str(Path(directory) / name) if is_file else name
        connection.creation.create_test_db(verbosity=0, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(str(of_shop), verbosity=0)


@contextmanager
def furnished() -> Iterator[None]:
    """The simulation's settings. Raises NotEmpty where there is anything that may be a shop's."""
    for model in (Cart, Order, Enrolment, Sequence):
        if model._default_manager.exists():
            raise NotEmpty(
                f"There are {model._meta.verbose_name_plural} in this database: the simulation needs its own."
            )
    with override_settings(**_SETTINGS, **dict.fromkeys(_KEYS, "")):
        assert settings.EMAIL_BACKEND == BACKEND  # noqa: S101 - before anything is sent
        yield
