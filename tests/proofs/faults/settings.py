"""The real settings with the waiting times scaled down, so that what takes hours in a shop takes seconds here."""

from checkout_project.settings import *  # noqa: F403

STRIPE_TIMEOUT = PAYPAL_TIMEOUT = (0.5, 0.7)
# Shorter than a call that is repeated by its SDK: payments are asked about that are still under way.
FIRST_LOOK_AFTER_SECONDS = 3
OUTBOX_LEASE_SECONDS = 4
JOB_LEASE_SECONDS = 4
IDEMPOTENCY_LEASE_SECONDS = 3
