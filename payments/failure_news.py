"""When a shopper is to hear that a payment came to nothing, or that a person looks at it.

They were told to wait: because nobody knew for long, or because something else arrived than was asked for.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Max, QuerySet

from orders.states import OrderStatus
from outbox import services as outbox
from payments.models import Payment, PaymentEntry
from payments.states import PaymentStatus

FAILED_EVENT = "payment.failed"
IN_REVIEW_EVENT = "payment.in_review"
LONG_IN_DOUBT = timedelta(minutes=1)  # before that they are still there and see it
_BY_THEMSELVES = {"webhook", "look-up"}  # answers that nobody waits for in front of a page


def note(payment: Payment, *, before: str, heard_from: str) -> None:
    """Of a payment that has moved. Needs the order's row lock, and the move to be on the payment's trail."""
    if payment.status == before or payment.order.status != OrderStatus.PENDING:
        return
    if payment.status == PaymentStatus.REVIEW:
        _record(IN_REVIEW_EVENT, payment, *_which_review(payment))
    elif payment.status == PaymentStatus.DECLINED and before == PaymentStatus.REVIEW:
        _record(FAILED_EVENT, payment, *_which_review(payment))
    elif payment.status == PaymentStatus.DECLINED and before == PaymentStatus.PROCESSING:
        _note_doubt_that_is_over(payment, heard_from)


def _note_doubt_that_is_over(payment: Payment, heard_from: str) -> None:
    if heard_from in _BY_THEMSELVES and _was_long_in_doubt(payment):
        _record(FAILED_EVENT, payment)


def _record(name: str, payment: Payment, *which: str) -> None:
    outbox.record(name, {"payment": payment.pk}, key=":".join((name, f"{payment.order_id}:{payment.pk}", *which)))


def _which_review(payment: Payment) -> tuple[str]:
    """Another word of the gateway brings a payment back that was settled: that is news again."""
    return (f"review-{moves_into_review(payment).count()}",)


def moves_into_review(payment: Payment) -> QuerySet[PaymentEntry]:
    return payment.entries.filter(status_after=PaymentStatus.REVIEW).exclude(status_before=PaymentStatus.REVIEW)


def _was_long_in_doubt(payment: Payment) -> bool:
    entries = payment.entries.all()
    begun = entries.filter(status_after=PaymentStatus.PROCESSING).exclude(status_before=PaymentStatus.PROCESSING)
    over = entries.filter(status_before=PaymentStatus.PROCESSING, status_after=PaymentStatus.DECLINED)
    moments = begun.aggregate(begun=Max("at")) | over.aggregate(over=Max("at"))
    return bool(moments["begun"] and moments["over"] and moments["over"] - moments["begun"] >= LONG_IN_DOUBT)
