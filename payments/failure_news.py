"""When a shopper is to hear that a payment came to nothing: it was in doubt for long, and they were told to wait."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max

from outbox import services as outbox
from payments.models import Payment
from payments.states import PaymentStatus

FAILED_EVENT = "payment.failed"
LONG_IN_DOUBT = timedelta(minutes=1)  # before that they are still there and see it
_BY_THEMSELVES = {"webhook", "look-up"}  # answers that nobody waits for in front of a page


def note(payment: Payment, *, before: str, heard_from: str) -> None:
    """Of a payment that has moved. Needs the order's row lock, and the move to be on the payment's trail."""
    came_to_nothing = (before, payment.status) == (PaymentStatus.PROCESSING, PaymentStatus.DECLINED)
    if came_to_nothing and heard_from in _BY_THEMSELVES and _was_long_in_doubt(payment):
        outbox.record(FAILED_EVENT, {"payment": payment.pk}, key=f"{FAILED_EVENT}:{payment.order_id}:{payment.pk}")


def _was_long_in_doubt(payment: Payment) -> bool:
    entries = payment.entries.all()
    begun = entries.filter(status_after=PaymentStatus.PROCESSING).exclude(status_before=PaymentStatus.PROCESSING)
    over = entries.filter(status_before=PaymentStatus.PROCESSING, status_after=PaymentStatus.DECLINED)
    moments = begun.aggregate(begun=Max("at")) | over.aggregate(over=Max("at"))
    return bool(moments["begun"] and moments["over"] and moments["over"] - moments["begun"] >= LONG_IN_DOUBT)
