"""What gateways tell us of their own accord: stored once, worked on afterwards, never believed.

An event only says whom to ask about: the gateway's answer to our own question is what is applied, so events that
come late, doubled or in any order end in one state. One whose payment is not known here waits for it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from common.crash import crash_point
from common.money import written
from common.transactions import in_transaction
from outbox import services as outbox
from payments import reconcile
from payments.gateways import hints
from payments.gateways.base import GatewayUnavailable, Hint
from payments.models import GatewayEvent, Payment
from payments.states import EVENT, EventStatus

logger = logging.getLogger(__name__)

RECEIVED_EVENT = "gateway_event.received"  # its worker's call
TAKE_UP_AFTER = timedelta(minutes=5)  # received and not worked on: its call was lost, or failed for good
WAITS_FOR = timedelta(days=3)  # as long as gateways themselves go on sending
_OUR_KEY = re.compile(r"pay_[0-9a-f]{32}_purchase")
NO_USE = "Of a kind that changes no payment."
NOT_OURS = "Not about a payment of this shop."
NOT_YET = "Its payment is not known here. It waits until it is."
NEVER_CAME = "Its payment did not appear here."


def receive(*, gateway: str, event_id: str, kind: str, created_at: datetime, raw: dict[str, Any]) -> bool:
    """Stores a verified event; False where it was stored before. Raises DomainError(BUSY)."""
    raw = hints.storable(raw)
    is_new = _stored(
        gateway=gateway,
        event_id=hints.storable(event_id)[:255],
        type=hints.storable(kind)[:120],
        created_at=created_at,
        raw=raw,
        **_names_in(hints.hint_of(gateway, raw)),
    )
    crash_point("event stored, gateway not told")
    return is_new


def _names_in(hint: Hint) -> dict[str, str]:
    """By what the event's payment may be known, as far as it is told yet."""
    return {
        "reference": (hint.reference or "".join(hint.parts[:1]))[:120],
        "payment_key": hint.key if _OUR_KEY.fullmatch(hint.key) else "",
    }


@in_transaction
def _stored(*, gateway: str, event_id: str, **values: Any) -> bool:
    event, is_new = GatewayEvent.objects.get_or_create(gateway=gateway, event_id=event_id, defaults=values)
    if is_new:
        outbox.record(RECEIVED_EVENT, {"event": event.pk})
    return is_new


# --- working on one -------------------------------------------------------------------------------
def work(event_pk: int) -> None:
    """Finds the event's payment and asks the gateway about it. Once it is done or ignored, nothing happens.

    Raises GatewayUnavailable and DomainError(BUSY): the event stays as it is and is taken up again.
    """
    event = GatewayEvent.objects.get(pk=event_pk)
    if event.status in {EventStatus.DONE, EventStatus.IGNORED}:
        return
    hint = hints.hint_of(event.gateway, event.raw or {})
    if not hint.is_wanted:
        _close(event, EventStatus.IGNORED, NO_USE)
        return
    payment = _payment_of(event.gateway, hint)
    if payment is None:
        hint = hints.followed(event.gateway, hint)
        payment = _payment_of(event.gateway, hint)
    if payment is None:
        _leave(event, hint)
        return
    payment = reconcile.refresh(payment.pk, reference=hint.reference, heard_from="webhook")
    crash_point("event worked on, not closed")
    _close(event, EventStatus.DONE, _what_is_known(event, payment), payment=payment, **_names_in(hint))


def _payment_of(sender: str, hint: Hint) -> Payment | None:
    """By its reference or that of a part of it, by its own key, by that of a refund of it."""
    payments = Payment.objects.filter(gateway__in=hints.gateways_of(sender))
    references = [reference for reference in (hint.reference, *hint.parts) if reference]
    by = [
        Q(gateway_reference__in=references) if references else None,
        Q(idempotency_key=hint.key) if hint.key else None,
        Q(refunds__idempotency_key=hint.refund_key) if hint.refund_key else None,
    ]
    return next((found for condition in by if condition and (found := payments.filter(condition).first())), None)


def _leave(event: GatewayEvent, hint: Hint) -> None:
    """No payment of it here: it waits where it bears a key like ours, and is somebody else's otherwise."""
    names = _names_in(hint)
    if names["payment_key"]:
        _close(event, EventStatus.WAITING, NOT_YET, **names)
    else:
        _close(event, EventStatus.IGNORED, NOT_OURS, **names)


def _close(event: GatewayEvent, status: EventStatus, outcome: str, **values: Any) -> None:
    """A conditional update: whoever else worked on it meanwhile found the same."""
    if status != EventStatus.WAITING:
        values["done_at"] = timezone.now()
    rows = GatewayEvent.objects.filter(pk=event.pk, status__in=EVENT.sources(status))
    rows.update(status=status, outcome=outcome[:300], **values)


def _what_is_known(event: GatewayEvent, payment: Payment) -> str:
    currency = payment.currency
    taken, back = (written(amount, currency) for amount in (payment.captured_amount, payment.refunded_amount))
    known = f"The gateway was asked: {payment.status}, {taken} taken, {back} paid back."
    is_dispute = "dispute" in event.type.lower()
    return f"{known} A dispute is answered in the gateway's own pages." if is_dispute else known


# --- working on them again ------------------------------------------------------------------------
@in_transaction
def replay(event_pks: Iterable[int]) -> int:
    """Has events worked on again, whatever became of them. How many; one too old to be kept whole stays as it is."""
    events = GatewayEvent.objects.filter(pk__in=list(event_pks), raw__isnull=False)
    events.filter(status__in=EVENT.sources(EventStatus.RECEIVED)).update(
        status=EventStatus.RECEIVED, outcome="", done_at=None
    )
    pks = list(events.values_list("pk", flat=True))
    for pk in pks:
        outbox.record(RECEIVED_EVENT, {"event": pk})
    return len(pks)


def sweep(*, limit: int = 100) -> int:
    """Takes up events that nobody worked on, and waiting ones whose payment has appeared; gives up on those that
    waited too long. How many were taken up."""
    now = timezone.now()
    forgotten = GatewayEvent.objects.filter(status=EventStatus.RECEIVED, received_at__lte=now - TAKE_UP_AFTER)
    silent: set[str] = set()  # gateways that do not answer: the others' events do not wait for them
    taken_up = 0
    for events in (forgotten, _waiting_no_more()):
        for pk, gateway in events.order_by("id").values_list("pk", "gateway")[:limit]:
            taken_up += _take_up(pk, gateway, silent)
    too_old = GatewayEvent.objects.filter(status=EventStatus.WAITING, received_at__lte=now - WAITS_FOR)
    too_old.update(status=EventStatus.IGNORED, outcome=NEVER_CAME, done_at=now)
    return taken_up


def _waiting_no_more() -> QuerySet[GatewayEvent]:
    gateways = [gateway for sender in hints.SENDERS for gateway in hints.gateways_of(sender)]
    payments = Payment.objects.filter(gateway__in=gateways)
    by_reference = payments.exclude(gateway_reference="").filter(gateway_reference=OuterRef("reference"))
    is_here = Exists(by_reference) | Exists(payments.filter(idempotency_key=OuterRef("payment_key")))
    return GatewayEvent.objects.filter(is_here, status=EventStatus.WAITING)


def _take_up(pk: int, gateway: str, silent: set[str]) -> int:
    if gateway in silent:
        return 0
    try:
        work(pk)
    except GatewayUnavailable:
        silent.add(gateway)
        return 0
    except Exception:  # one event's trouble must not keep the others waiting
        logger.exception("Gateway event %s could not be worked on.", pk)
    return 1
