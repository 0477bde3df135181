"""Background doors of the dialects."""

from common import idempotency
from outbox.jobs import scheduled_job


@scheduled_job
def purge_kept_answers() -> int:
    """Answers kept for repeated requests are dropped after their 24 hours; they hold personal data."""
    return idempotency.purge_expired()
