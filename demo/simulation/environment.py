"""What the process of a simulation is told before Django reads its settings: nothing of the shop that is configured
here but its database server, where the simulation makes a database of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

COMMAND = "simulate_recovery"
# Empty counts as not set, and .env does not set them either.
_UNSET = ("EMAIL_URL", "API_KEY", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "BASE_URL", "METRICS_TOKEN", "CRASH_POINTS")
_GATEWAYS: tuple[str, ...] = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API_BASE")
_GATEWAYS += ("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID", "PAYPAL_API_BASE")


def prepare() -> None:
    """An empty DATA_DIR that goes when the process does, and the demo's rules."""
    directory = tempfile.mkdtemp(prefix="simulation-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    os.environ.update(dict.fromkeys((*_UNSET, *_GATEWAYS), ""), DEMO="1", DATA_DIR=directory)
