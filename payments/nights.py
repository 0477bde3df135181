"""When a payment is held against the gateway's books: the night after the last word on it, then every night for a
week, then once a week for half a year. So long a merchant may pay back in a gateway's own pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from payments.models import Payment
from payments.states import OPEN, REFUSED, PaymentStatus

HOUR = 3  # of the shop's own time zone: when a gateway has the least to do
NIGHTLY_FOR = timedelta(days=7)
COMPARED_FOR = timedelta(days=180)


def next_night(moment: datetime) -> datetime:
    local = timezone.localtime(moment)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return night if local < night else night + timedelta(days=1)


def next_comparison(payment: Payment, now: datetime) -> datetime | None:
    """Of a payment that was just compared. None: the books of both sides are closed."""
    age = now - payment.created_at
    if payment.status in OPEN or payment.status == PaymentStatus.REVIEW or age < NIGHTLY_FOR:
        return next_night(now)
    is_all_back = payment.captured_amount > 0 and payment.captured_amount == payment.refunded_amount
    if payment.status in REFUSED or is_all_back or age > COMPARED_FOR:
        return None
    return next_night(now + timedelta(days=6))
