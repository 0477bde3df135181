"""Forgetting who paid, once nothing of an order's money is on its way, in doubt or with a person. Amounts, references,
the trail and the refunds stay."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from common.retention import BATCH
from common.transactions import in_transaction
from orders import retention
from orders.models import Order
from payments.models import Difference, GatewayEvent, Payment, Refund
from payments.states import ON_ITS_WAY, OPEN, EventStatus, PaymentStatus

_UNSETTLED = (*OPEN, PaymentStatus.AUTHORIZED, PaymentStatus.REVIEW)


def settled(before: datetime) -> QuerySet[Order]:
    """Orders that are over, and of whose money nothing has been heard since `before`."""
    payments = Payment.objects.filter(order=OuterRef("pk"))
    going_back = Q(surplus_amount__gt=F("refunded_amount"))
    moving = payments.filter(Q(status__in=_UNSETTLED) | going_back | Q(updated_at__gt=before))
    refunds = Refund.objects.filter(payment__order=OuterRef("pk"))
    refunding = refunds.filter(Q(status__in=ON_ITS_WAY) | Q(updated_at__gt=before))
    differing = Difference.objects.filter(payment__order=OuterRef("pk"), settled_at__isnull=True)
    return retention.over(before).filter(~Exists(moving), ~Exists(refunding), ~Exists(differing))


@in_transaction
def anonymise_orders(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of settled orders, and who tried to pay them. How many. Raises DomainError(BUSY)."""
    due = settled(before)
    if not due.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    locked = due.order_by("updated_at").select_for_update(skip_locked=True, no_key=True)
    ids = list(locked.values_list("pk", flat=True)[:limit])
    ids = list(due.filter(pk__in=ids).values_list("pk", flat=True))  # their payments may have moved before the lock
    Payment.objects.filter(order__in=ids).update(
        instrument="", action_url="", redirect_url="", client_subject="", card_subject=""
    )
    return retention.anonymise(ids, now=timezone.now())


@in_transaction
def empty_events(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of gateways' events that were worked on: what they said goes, that they came stays. How many."""
    closed = (EventStatus.DONE, EventStatus.IGNORED)
    in_question = Exists(Payment.objects.filter(pk=OuterRef("payment"), status__in=_UNSETTLED))
    old = GatewayEvent.objects.filter(~in_question, raw__isnull=False, received_at__lte=before, status__in=closed)
    if not old.exists():
        return 0
    locked = old.order_by("received_at").select_for_update(skip_locked=True, no_key=True)
    ids = list(locked.values_list("pk", flat=True)[:limit])
    return GatewayEvent.objects.filter(pk__in=ids).update(raw=None)
