"""What only a person can settle: payments in review, refunds nobody knows the outcome of, money that did not go back,
differences between our books and a gateway's, paid orders whose goods are gone. Each list is empty in a shop where
nothing went wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from orders.models import Order
from orders.parts import GOODS_MISSING
from payments.models import Difference, Payment, Refund
from payments.queries import money_without_order
from payments.states import ON_ITS_WAY, PaymentStatus, RefundStatus

GOES_BACK_WITHIN = timedelta(minutes=10)  # by itself; what takes longer does not


def in_review() -> QuerySet[Payment]:
    return Payment.objects.filter(status=PaymentStatus.REVIEW).order_by("id")


def refunds_unknown() -> QuerySet[Refund]:
    return Refund.objects.filter(status=RefundStatus.UNKNOWN).order_by("id")


def money_that_stays() -> QuerySet[Payment]:
    """Money without an order that nobody is giving back: the gateway refused, or nothing was begun for a while."""
    own = Refund.objects.filter(payment=OuterRef("pk"))
    is_under_way = Exists(own.filter(status__in=ON_ITS_WAY))
    has_stopped = Exists(own.filter(status=RefundStatus.REFUSED)) | Q(updated_at__lte=timezone.now() - GOES_BACK_WITHIN)
    return money_without_order().filter(has_stopped).exclude(is_under_way).order_by("id")


def differences() -> QuerySet[Difference]:
    return Difference.objects.filter(settled_at__isnull=True).order_by("id")


def goods_missing() -> QuerySet[Order]:
    return Order.objects.filter(GOODS_MISSING).order_by("id")


def how_many() -> int:
    """In one query."""
    lists: list[QuerySet[Any]] = [in_review(), refunds_unknown(), money_that_stays(), differences(), goods_missing()]
    first, *others = [rows.order_by().values("pk") for rows in lists]
    return first.union(*others, all=True).count()
