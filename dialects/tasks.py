"""Background doors of the dialects."""

from accounts import retention
from common import idempotency, rates
from common.retention import in_batches
from outbox.jobs import scheduled_job


@scheduled_job
def purge_kept_answers() -> int:
    """Answers kept for repeated requests are dropped after their 24 hours; they hold personal data."""
    return idempotency.purge_expired()


@scheduled_job
def purge_rate_hits() -> int:
    """Requests that no longer count against a limit are dropped."""
    return rates.purge()


@scheduled_job
def forget_sign_ins() -> int:
    """Sessions that are over, and failed sign-ins of long ago."""
    return in_batches(retention.forget_sessions, retention.forget_failures)
