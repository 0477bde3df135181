"""How money stands, for `/metrics`. Counts only: no amounts, and nothing of a person."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone

from common.metrics import Gauge
from payments import needs
from payments.models import Payment
from payments.queries import money_without_order
from payments.states import IN_DOUBT, PaymentStatus


def read() -> Iterator[Gauge]:
    doubt = Payment.objects.filter(status__in=IN_DOUBT).order_by()
    found = doubt.aggregate(count=Count("pk"), oldest=Min("created_at"))
    age = max((timezone.now() - found["oldest"]).total_seconds(), 0.0) if found["oldest"] else 0.0
    waiting = Payment.objects.filter(status=PaymentStatus.REQUIRES_ACTION).count()
    yield Gauge("shop_payments_in_doubt", "Payments whose outcome nobody knows yet", found["count"])
    yield Gauge("shop_payments_in_doubt_age_seconds", "How long ago the oldest of them began", age)
    yield Gauge("shop_payments_waiting_for_shopper", "Payments the shopper has yet to approve", waiting)
    yield Gauge("shop_money_without_order", "Payments to be given back that are not", money_without_order().count())
    yield from _needs()


def _needs() -> Iterator[Gauge]:
    for kind in needs.KINDS:
        said = "What waits on the page Money to settle"
        yield Gauge("shop_needs_a_person", said, kind.rows().count(), {"kind": kind.name})
