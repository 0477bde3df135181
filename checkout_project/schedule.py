"""Every scheduled job, in one place: name -> task and how often. `/readyz` watches the same table."""

from __future__ import annotations

from django.conf import settings

from outbox.jobs import Job

JOBS: dict[str, Job] = {
    # With Redis a recorded event wakes the worker at once and this is the safety net.
    "outbox": Job("outbox.tasks.drain", every=1.0 if settings.REDIS_URL else 0.5),
    "checkouts-expiry": Job("checkouts.tasks.expire_checkouts", every=settings.SWEEP_INTERVAL_SECONDS),
    "unpaid-orders": Job("payments.tasks.cancel_expired_orders", every=settings.SWEEP_INTERVAL_SECONDS),
    "reconciliation": Job("payments.tasks.settle_doubtful", every=settings.SWEEP_INTERVAL_SECONDS),
    "abandonment": Job("recovery.tasks.mark_abandoned", every=settings.SWEEP_INTERVAL_SECONDS),
    "recovery-mails": Job("recovery.tasks.send_mails", every=settings.SWEEP_INTERVAL_SECONDS),
    "carts-expiry": Job("recovery.tasks.expire_carts", every=settings.SWEEP_INTERVAL_SECONDS),
    "gateway-events": Job("payments.tasks.sweep_gateway_events", every=settings.SWEEP_INTERVAL_SECONDS),
    "links-expiry": Job("payments.tasks.end_expired_links", every=settings.SWEEP_INTERVAL_SECONDS),
    # A purchase has a deadline of minutes: nobody should have to wait a whole sweep longer.
    "purchases": Job("purchases.tasks.end_overdue", every=min(settings.SWEEP_INTERVAL_SECONDS, 5)),
    "refunds": Job("payments.tasks.settle_refunds", every=settings.SWEEP_INTERVAL_SECONDS),
    "day-figures": Job("analytics.tasks.count_closed_days", every=settings.SWEEP_INTERVAL_SECONDS),
    "day-figures-check": Job("analytics.tasks.check_counted_days", every=86_400),
    "kept-figures-check": Job("analytics.tasks.check_kept_figures", every=86_400),
    "recovery-figures-check": Job("analytics.tasks.check_recovery_figures", every=86_400),
    # Each payment is due once a night; a run takes what is due then, bit by bit.
    "comparison": Job("payments.tasks.compare_with_gateways", every=300),
    # Old orders lose their names first: a cart whose order still has one stays.
    "payers-forgotten": Job("payments.tasks.forget_payers", every=600),
    "shoppers-forgotten": Job("recovery.tasks.forget_shoppers", every=600),
    "purchases-forgotten": Job("purchases.tasks.forget_purchases", every=3600),
    "sign-ins-forgotten": Job("dialects.tasks.forget_sign_ins", every=3600),
    "decline-marks": Job("payments.tasks.purge_decline_marks", every=3600),
    "done-events": Job("outbox.tasks.purge_done_events", every=86_400),
    "kept-answers": Job("dialects.tasks.purge_kept_answers", every=3600),
    "rate-hits": Job("dialects.tasks.purge_rate_hits", every=600),
}
