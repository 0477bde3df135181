"""Money to settle: what only a person can, as one page of the admin, the menu's number and the home page have it.
Each list is empty in a shop where nothing went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


# --- all of it ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Kind:
    """`sees`: whose rows these are, app.model. `settles`: the permission of who can act; `settling`: what they may, in
    words. `todo`: said to them alone."""

    name: str
    title: str
    what: str
    todo: str
    sees: str
    settles: str
    settling: str
    rows: Callable[[], QuerySet[Any]]


KINDS = (
    Kind(
        "review",
        "Payments in review",
        "The gateway says another amount or currency than asked.",
        "Open the payment and settle it.",
        "payments.payment",
        *("payments.change_payment", "settle payments"),
        in_review,
    ),
    Kind(
        "money_that_stays",
        "Money that did not go back",
        "It has no order, and the gateway would not pay it back.",
        "Pay it back in the gateway's own pages; where nobody vouches for it (unverified), look for it there first, "
        "and then say so in the list of payments.",
        "payments.payment",
        *("payments.change_payment", "settle payments"),
        money_that_stays,
    ),
    Kind(
        "refund_unknown",
        "Refunds nobody knows the outcome of",
        "The gateway never said clearly.",
        "Look there; what it lists is taken in by the next look at the payment.",
        "payments.payment",
        *("payments.change_payment", "settle payments"),
        refunds_unknown,
    ),
    Kind(
        "difference",
        "Differences to a gateway's books",
        "The nightly comparison found them: our books and the gateway's say different things.",
        "Open the difference: take the gateway's word, or leave it.",
        "payments.difference",
        *("payments.change_difference", "settle differences"),
        differences,
    ),
    Kind(
        "goods_missing",
        "Paid, and the goods are missing",
        "Paid in full by captures that others reported, but sold out by then.",
        "When the goods have come, have the order take them, in the list of orders; else the money is to go back.",
        "orders.order",
        *("orders.change_order", "change orders"),
        goods_missing,
    ),
)


def advice(what: str, todo: str, settling: str, *, is_theirs: bool) -> str:
    """Nobody is told to do what their role may not."""
    return f"{what} {todo}".rstrip() if is_theirs else f"{what} Somebody who may {settling} can see to it."


def seen(may_see: Callable[[str], bool]) -> list[Kind]:
    return [kind for kind in KINDS if may_see(kind.sees)]


def how_many(may_see: Callable[[str], bool]) -> int:
    """Of what they may see. One query at most."""
    lists = [kind.rows().order_by().values("pk") for kind in seen(may_see)]
    return lists[0].union(*lists[1:], all=True).count() if lists else 0
