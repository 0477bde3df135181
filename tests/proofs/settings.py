"""The real settings with slower mails, and a lease that lets a proof end soon."""

from checkout_project.settings import *  # noqa: F403

OUTBOX_HANDLERS = "tests.proofs.handlers.HANDLERS"
OUTBOX_LEASE_SECONDS = 3
