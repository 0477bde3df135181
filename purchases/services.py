"""What can be done with a purchase. Its row is locked before the balance's and a checkout's, never after them.

Terminal states never change: every verb works on a purchase that is still processing and raises Overtaken otherwise.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import ApiKey
from common.crash import crash_point
from common.transactions import in_transaction
from outbox import services as outbox
from prepaid import services as prepaid
from prepaid.states import HoldStatus
from purchases import sentences, told
from purchases.models import Purchase, PurchaseEvent
from purchases.states import PURCHASE, PurchaseStatus, Step

REQUESTED_EVENT = "purchase.requested"
FAILED_EVENT = "purchase.failed"  # what it left behind is to be cleared away


class Overtaken(Exception):
    """Somebody else has done this step, or ended the purchase."""


class Charged(Exception):
    """What was held is spent, or its seller was asked to take it: to be looked at before anything is called failed."""


ASKED = "asked"  # in `known`: a seller elsewhere was asked to complete, and has not said clearly no


@dataclass(frozen=True)
class Sold:
    """What was bought. `amount`: minor units of `currency`; `reference`: the order's, here or in the other shop.

    `charge_key`: settles what is held when the purchase ends, where no gateway of ours has done so.
    """

    amount: int
    currency: str
    reference: str
    charge_key: str = ""


@in_transaction
def request(key: ApiKey, *, url: str, user_data: Mapping[str, Any]) -> Purchase:
    """Written down with its deadline; a worker hears of it."""
    now = timezone.now()
    purchase = Purchase.objects.create(
        key=key,
        url=told.shown(url),
        told=told.kept(url, user_data),
        created_at=now,
        deadline_at=now + timedelta(seconds=settings.PURCHASE_DEADLINE_SECONDS),
    )
    outbox.record(REQUESTED_EVENT, {"purchase": purchase.pk})
    return purchase


def locked(purchase: Purchase) -> Purchase:
    """Its row as it is now, for the caller's transaction. Raises Overtaken where it has moved on."""
    row = Purchase.objects.select_for_update(no_key=True).get(pk=purchase.pk)
    if row.has_ended or row.step != purchase.step:
        raise Overtaken
    return row


def advance(row: Purchase, note: str, *, to: Step, **changes: Any) -> None:
    """The step is done; the next one, with what it needs to know, is written beside it. Needs the row's lock."""
    _note(row, note)
    _save(row, step=to, **changes)
    crash_point(f"purchase: {to} is next, not committed")


@in_transaction
def step_done(purchase: Purchase, note: str, *, to: Step, **changes: Any) -> None:
    """Raises Overtaken."""
    advance(locked(purchase), note, to=to, **changes)


@in_transaction
def remember(purchase: Purchase, **known: Any) -> None:
    """Within a step that asks others: what is not to be asked twice. Raises Overtaken."""
    row = locked(purchase)
    _save(row, known=row.known | known)
    purchase.known = row.known


@in_transaction
def complete(purchase: Purchase, sold: Sold) -> None:
    """Bought and paid. Raises Overtaken."""
    row = locked(purchase)
    if sold.charge_key:
        prepaid.settle(row.source, charge_key=sold.charge_key)
    note = f"Bought for {sentences.money(sold.amount, sold.currency)}: order {sold.reference}."
    values = {"amount": sold.amount, "currency": sold.currency, "order_reference": sold.reference}
    _end(row, PurchaseStatus.COMPLETED, note, **values)


@in_transaction
def fail(purchase: Purchase, note: str, *, is_looked_at: bool = False) -> None:
    """It comes to nothing: what is held is given back, so that nothing can be charged any more.

    `is_looked_at`: what was charged bought nothing and goes back by itself, or nobody can be asked. Raises Overtaken,
    Charged.
    """
    row = locked(purchase)
    if row.known.get(ASKED) and not is_looked_at:
        raise Charged
    held = prepaid.give_back(row.source)
    if held is not None and held.status == HoldStatus.SETTLED and not is_looked_at:
        raise Charged
    _end(row, PurchaseStatus.FAILED, note, notes=sentences.shortened(note))
    outbox.record(FAILED_EVENT, {"purchase": row.pk}, key=f"{FAILED_EVENT}:{row.pk}")


def note_checkout(row: Purchase, session: uuid.UUID) -> None:
    """Within a step: what it pays for is begun. Needs the row's lock."""
    _save(row, checkout_session=session)


def _end(row: Purchase, target: PurchaseStatus, note: str, **changes: Any) -> None:
    PURCHASE.check(row.status, target)
    _note(row, note)
    _save(row, status=target, step=Step.DONE, ended_at=timezone.now(), told="", **changes)
    crash_point(f"purchase: {target}, not committed")


def _note(row: Purchase, note: str) -> None:
    PurchaseEvent.objects.create(purchase=row, step=row.step, note=sentences.shortened(note))


def _save(row: Purchase, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
