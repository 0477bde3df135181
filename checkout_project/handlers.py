"""Which tasks hear of which event: event name -> Celery task names, called as `task(event_id, payload)`.

Every handler may be called again for the same event and must then change nothing more.
"""

from __future__ import annotations

HANDLERS: dict[str, tuple[str, ...]] = {
    "job.wanted": ("outbox.tasks.run_job",),
    "order.accepted": ("orders.tasks.send_confirmation", "payments.tasks.end_used_links"),
    "order.canceled": ("payments.tasks.void_holds",),
    "order.confirmation_wanted": ("orders.tasks.send_confirmation_again",),
    "order.part_paid": ("payments.tasks.tell_part_paid",),
    "order.refunded": ("payments.tasks.tell_refunded",),
    "order.shipped": ("orders.tasks.tell_shipped",),
    "order.taken_back": ("payments.tasks.tell_canceled",),
    "payment.failed": ("payments.tasks.tell_failed",),
    "payment.in_review": ("payments.tasks.tell_in_review",),
    "payment.settled": ("checkouts.tasks.follow_payment",),
    "payment.surplus": ("payments.tasks.give_back_surplus",),
    "payment_link.mail_wanted": ("checkouts.tasks.send_payment_link",),
    "gateway_event.received": ("payments.tasks.work_on_gateway_event",),
    "purchase.failed": ("purchases.tasks.clear_away",),
    "purchase.requested": ("purchases.tasks.work",),
    "shopper.agreed": ("recovery.tasks.note_consent",),
    "test_gateway.notified": ("payments.tasks.hear_test_gateway",),
}
