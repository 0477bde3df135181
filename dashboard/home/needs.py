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
from payments.needs_admin import address_of
from payments.states import IN_DOUBT, EventStatus

SETTLES_WITHIN = timedelta(minutes=10)  # by itself, when nothing is wrong
SENT_WITHIN = timedelta(days=1)  # every shop has some that are to be sent: it is late ones that need somebody


@dataclass(frozen=True)
class Need:
    """`count`: so many, and as CappedCount "10,000+". `is_theirs`: who looks may act on it."""

    title: str
    advice: str
    count: int
    address: str
    is_theirs: bool


@dataclass(frozen=True)
class _Kind:
    title: str
    what: str
    todo: str  # said to who may act alone
    sees: str  # whose rows these are: app.model
    acts: str  # the permission of who can see to it
    acting: str  # what they may, in words
    rows: Callable[[datetime], QuerySet[Any] | int]
    address: Callable[[datetime], str]
    within: timedelta = SETTLES_WITHIN  # rows and address are asked for what has waited longer


def waiting(may_see: Callable[[str], bool], may: Callable[[str], bool]) -> list[Need]:
    """What there is any of, as far as who looks may open its list. A query each."""
    return [need for need in _counted(may_see, may) if need.count]


def _counted(may_see: Callable[[str], bool], may: Callable[[str], bool]) -> Iterator[Need]:
    now = timezone.now()
    for kind in KINDS:
        if may_see(kind.sees):
            yield _need(kind, now - kind.within, is_theirs=may(kind.acts))


def _need(kind: _Kind, since: datetime, *, is_theirs: bool) -> Need:
    found = kind.rows(since)
    count = found if isinstance(found, int) else counted(found)
    advice = of_money.advice(kind.what, kind.todo, kind.acting, is_theirs=is_theirs)
    return Need(kind.title, advice, count, kind.address(since), is_theirs)


def _list(model: str, **chosen: Any) -> Callable[[datetime], str]:
    """The list with these filters; `{since}` in one stands for the moment."""

    def address(since: datetime) -> str:
        filled = {name: str(value).format(since=since.isoformat()) for name, value in chosen.items()}
        return f"{reverse(f'admin:{model}_changelist')}?{urlencode(filled)}"

    return address


def _of_money(kind: of_money.Kind) -> _Kind:
    """As the page Money to settle has it."""
    return _Kind(
        *(kind.title, kind.what, kind.todo, kind.sees, kind.settles, kind.settling),
        lambda since: kind.rows(),  # noqa: ARG005
        lambda since: address_of(kind),  # noqa: ARG005
    )


_PAYMENTS = "payments_payment"
_UNWORKED = (EventStatus.RECEIVED, EventStatus.WAITING)

KINDS = (
    *map(_of_money, of_money.KINDS),
    _Kind(
        "Payments in doubt",
        "Nobody knows their outcome yet. The gateway is asked again by itself.",
        "Ask the gateway now, on the payment's page, does not wait for that.",
        "payments.payment",
        *("payments.change_payment", "settle payments"),
        lambda since: Payment.objects.filter(status__in=IN_DOUBT, created_at__lt=since),
        _list(_PAYMENTS, status__in=",".join(IN_DOUBT), created_at__lt="{since}"),
    ),
    _Kind(
        "Orders not sent within a day",
        "Accepted more than a day ago, and not said to be on their way. The orders To be sent have newer ones, too.",
        "Tick them and choose Mark as sent above the list, or press Fulfil on an order's page, once they are.",
        "orders.order",
        *("orders.fulfil_order", "send orders"),
        lambda since: Order.objects.filter(TO_BE_SENT, accepted_at__lt=since),
        _list("orders_order", sending=Sending.TO_BE_SENT, accepted_at__lt="{since}"),
        within=SENT_WITHIN,
    ),
    _Kind(
        "Webhooks not worked on",
        "A gateway told something that has led to nothing yet.",
        "Replay has it worked on again.",
        "payments.gatewayevent",
        *("payments.change_gatewayevent", "replay gateway events"),
        lambda since: GatewayEvent.objects.filter(status__in=_UNWORKED, received_at__lt=since),
        _list("payments_gatewayevent", status__in=",".join(_UNWORKED), received_at__lt="{since}"),
    ),
    _Kind(
        "Nearly sold out",
        f"At most {low_stock.LOW} pieces can still be bought.",
        "Adjust stock, on the variant's page, when more have come.",
        "catalog.variant",
        *("catalog.change_stock", "adjust stock"),
        lambda since: low_stock.variants(),  # noqa: ARG005
        _list("catalog_variant", stock="low"),
    ),
    _Kind(
        "Background work that failed",
        "Given up after many tries.",
        "Run it again in the list, once what stopped it is mended.",
        "outbox.outboxevent",
        *("outbox.change_outboxevent", "run background work again"),
        lambda since: OutboxEvent.objects.filter(failed_at__isnull=False),  # noqa: ARG005
        _list("outbox_outboxevent", state="failed"),
    ),
    _Kind(
        "Background work that is late",
        "Due for minutes and not done.",
        "Is a worker running?",
        "outbox.outboxevent",
        *("outbox.change_outboxevent", "run background work again"),
        lambda since: OutboxEvent.objects.filter(done_at=None, failed_at=None, available_at__lt=since),
        _list("outbox_outboxevent", state="open", available_at__lt="{since}"),
    ),
    _Kind(
        "Jobs that are overdue",
        "They have not succeeded as often as they should.",
        "Is a worker running? The list says what stopped each, and runs one now.",
        "outbox.jobrun",
        *("outbox.run_job", "run jobs"),
        lambda since: len(overdue_jobs()),  # noqa: ARG005
        lambda since: reverse("admin:outbox_jobrun_changelist"),  # noqa: ARG005
    ),
)
