"""What waits for the merchant, over all apps: how many of each, and the list where they are. Lists are counted to
common.admin.COUNT_CAP and no further."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from catalog import low_stock
from common.admin import counted
from orders.fulfilment import TO_BE_SENT
from orders.models import Order
from orders.states import Sending
from outbox.health import overdue_jobs
from outbox.models import OutboxEvent
from payments import needs as of_money
from payments.models import GatewayEvent, Payment
from payments.queries import money_without_order
from payments.states import IN_DOUBT, EventStatus

SETTLES_WITHIN = timedelta(minutes=10)  # by itself, when nothing is wrong
SENT_WITHIN = timedelta(days=1)  # every shop has some that are to be sent: it is late ones that need somebody


@dataclass(frozen=True)
class Need:
    """`count`: so many, and as CappedCount "10,000+"."""

    title: str
    advice: str
    count: int
    address: str


@dataclass(frozen=True)
class _Kind:
    title: str
    advice: str
    sees: str  # whose rows these are: app.model
    rows: Callable[[datetime], QuerySet[Any] | int]
    address: Callable[[datetime], str]
    within: timedelta = SETTLES_WITHIN  # rows and address are asked for what has waited longer


def waiting(may: Callable[[str], bool]) -> list[Need]:
    """What there is any of, as far as who looks may open its list. A query each."""
    return [need for need in _counted(may) if need.count]


def _counted(may: Callable[[str], bool]) -> Iterator[Need]:
    now = timezone.now()
    for kind in KINDS:
        since = now - kind.within
        if may(kind.sees):
            found = kind.rows(since)
            count = found if isinstance(found, int) else counted(found)
            yield Need(kind.title, kind.advice, count, kind.address(since))


def _list(model: str, **chosen: Any) -> Callable[[datetime], str]:
    """The list with these filters; `{since}` in one stands for the moment."""

    def address(since: datetime) -> str:
        filled = {name: str(value).format(since=since.isoformat()) for name, value in chosen.items()}
        return f"{reverse(f'admin:{model}_changelist')}?{urlencode(filled)}"

    return address


def _needs_you(since: datetime) -> str:  # noqa: ARG001 - asked as every list is
    return reverse("admin:payments_needs_you")


_PAYMENTS = "payments_payment"
_UNWORKED = (EventStatus.RECEIVED, EventStatus.WAITING)

KINDS = (
    _Kind(
        "Payments in review",
        "The gateway says another amount or currency than asked.",
        "payments.payment",
        lambda since: of_money.in_review(),  # noqa: ARG005
        _list(_PAYMENTS, status__exact="review"),
    ),
    _Kind(
        "Payments in doubt",
        "Nobody knows their outcome yet. The gateway is asked again by itself.",
        "payments.payment",
        lambda since: Payment.objects.filter(status__in=IN_DOUBT, created_at__lt=since),
        _list(_PAYMENTS, status__in=",".join(IN_DOUBT), created_at__lt="{since}"),
    ),
    _Kind(
        "Money without an order",
        "It came for nothing and is not all paid back. It goes back by itself, unless the gateway refuses.",
        "payments.payment",
        lambda since: money_without_order(),  # noqa: ARG005
        _list(_PAYMENTS, without_order=1),
    ),
    _Kind(
        "Refunds nobody knows the outcome of",
        "Look at the gateway; what it lists is taken in.",
        "payments.payment",
        lambda since: of_money.refunds_unknown(),  # noqa: ARG005
        _needs_you,
    ),
    _Kind(
        "Differences to a gateway's books",
        "The nightly comparison found them.",
        "payments.difference",
        lambda since: of_money.differences(),  # noqa: ARG005
        _list("payments_difference", state="open"),
    ),
    _Kind(
        "Paid, and the goods are missing",
        "Sold out by the time they were paid.",
        "orders.order",
        lambda since: of_money.goods_missing(),  # noqa: ARG005
        _list("orders_order", goods="missing"),
    ),
    _Kind(
        "Orders not sent within a day",
        "Accepted more than a day ago, and nobody has said that they are on their way (Fulfil). The orders To be sent "
        "have newer ones, too.",
        "orders.order",
        lambda since: Order.objects.filter(TO_BE_SENT, accepted_at__lt=since),
        _list("orders_order", sending=Sending.TO_BE_SENT, accepted_at__lt="{since}"),
        within=SENT_WITHIN,
    ),
    _Kind(
        "Webhooks not worked on",
        "A gateway told something that has led to nothing yet.",
        "payments.gatewayevent",
        lambda since: GatewayEvent.objects.filter(status__in=_UNWORKED, received_at__lt=since),
        _list("payments_gatewayevent", status__in=",".join(_UNWORKED), received_at__lt="{since}"),
    ),
    _Kind(
        "Nearly sold out",
        f"At most {low_stock.LOW} pieces can still be bought.",
        "catalog.variant",
        lambda since: low_stock.variants(),  # noqa: ARG005
        _list("catalog_variant", stock="low"),
    ),
    _Kind(
        "Background work that failed",
        "Given up after many tries. Run it again in the list, once what stopped it is mended.",
        "outbox.outboxevent",
        lambda since: OutboxEvent.objects.filter(failed_at__isnull=False),  # noqa: ARG005
        _list("outbox_outboxevent", state="failed"),
    ),
    _Kind(
        "Background work that is late",
        "Due for minutes and not done: is a worker running?",
        "outbox.outboxevent",
        lambda since: OutboxEvent.objects.filter(done_at=None, failed_at=None, available_at__lt=since),
        _list("outbox_outboxevent", state="open", available_at__lt="{since}"),
    ),
    _Kind(
        "Jobs that are overdue",
        "They have not succeeded as often as they should.",
        "outbox.jobrun",
        lambda since: len(overdue_jobs()),  # noqa: ARG005
        lambda since: reverse("admin:outbox_jobrun_changelist"),  # noqa: ARG005
    ),
)
