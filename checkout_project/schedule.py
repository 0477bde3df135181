"""Every scheduled job, in one place: name -> task, what it does and how often. `/readyz` watches the same table."""

from __future__ import annotations

from django.conf import settings

from outbox.jobs import Job

_SWEEP = settings.SWEEP_INTERVAL_SECONDS
_HOUR, _DAY = 3600, 86_400

JOBS: dict[str, Job] = {
    # With Redis a recorded event wakes the worker at once and this is the safety net.
    "outbox": Job("outbox.tasks.drain", "Hands on what happened, sends mails", 1.0 if settings.REDIS_URL else 0.5),
    "checkouts-expiry": Job("checkouts.tasks.expire_checkouts", "Ends checkouts whose time is over", _SWEEP),
    "unpaid-orders": Job("payments.tasks.cancel_expired_orders", "Cancels orders that nobody paid in time", _SWEEP),
    "reconciliation": Job("payments.tasks.settle_doubtful", "Asks gateways about payments in doubt", _SWEEP),
    "abandonment": Job("recovery.tasks.mark_abandoned", "Finds carts that were left", _SWEEP),
    "recovery-mails": Job("recovery.tasks.send_mails", "Sends the recovery mails that are due", _SWEEP),
    "carts-expiry": Job("recovery.tasks.expire_carts", "Gives up carts that were left long ago", _SWEEP),
    "gateway-events": Job("payments.tasks.sweep_gateway_events", "Works on webhooks that led to nothing yet", _SWEEP),
    "links-expiry": Job("payments.tasks.end_expired_links", "Ends payment links whose time is over", _SWEEP),
    # A purchase has a deadline of minutes: nobody should have to wait a whole sweep longer.
    "purchases": Job("purchases.tasks.end_overdue", "Ends agents' purchases past their deadline", min(_SWEEP, 5)),
    "refunds": Job("payments.tasks.settle_refunds", "Asks gateways about refunds under way", _SWEEP),
    "day-figures": Job("analytics.tasks.count_closed_days", "Counts the figures of days that are over", _SWEEP),
    "day-figures-check": Job("analytics.tasks.check_counted_days", "Counts kept figures again, day by day", _DAY),
    "kept-figures-check": Job("analytics.tasks.check_kept_figures", "Counts the home page's in plain SQL", _DAY),
    "recovery-figures-check": Job("analytics.tasks.check_recovery_figures", "Counts the mails' in plain SQL", _DAY),
    # Each payment is due once a night; a run takes what is due then, bit by bit.
    "comparison": Job("payments.tasks.compare_with_gateways", "Compares our books with the gateways'", 300),
    # Old orders lose their names first: a cart whose order still has one stays.
    "payers-forgotten": Job("payments.tasks.forget_payers", "Forgets whose old orders were", 600),
    "shoppers-forgotten": Job("recovery.tasks.forget_shoppers", "Forgets old carts and who left them", 600),
    "purchases-forgotten": Job("purchases.tasks.forget_purchases", "Forgets whom agents bought for", _HOUR),
    "sign-ins-forgotten": Job("dialects.tasks.forget_sign_ins", "Forgets sessions and sign-ins of long ago", _HOUR),
    "decline-marks": Job("payments.tasks.purge_decline_marks", "Drops declines that count no more", _HOUR),
    "done-events": Job("outbox.tasks.purge_done_events", "Drops outbox events that are done", _DAY),
    "kept-answers": Job("dialects.tasks.purge_kept_answers", "Drops answers kept for repeated requests", _HOUR),
    "rate-hits": Job("dialects.tasks.purge_rate_hits", "Drops requests that count against no limit now", 600),
}
