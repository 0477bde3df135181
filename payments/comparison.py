"""The nightly comparison: what we know of each payment against what its gateway says, each difference by its name.

Nothing is changed by it: a person takes the gateway's word, or leaves it. A difference that is gone the next time has
settled itself. Each payment has a time of its own at which it is due and gets its next one with its result, so a run
may end, or its worker die, anywhere: the next one goes on from there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from common.money import written
from common.transactions import in_transaction
from orders.models import Order
from payments import nights, reconcile, services
from payments.gateways import registry
from payments.gateways.base import GatewayResult, GatewayUnavailable, Outcome
from payments.models import Difference, Payment
from payments.staff_word import is_disowned
from payments.states import ACCEPTED, OPEN, PaymentStatus

logger = logging.getLogger(__name__)

SECONDS_A_RUN = 200.0  # shorter than a job's lease
PAUSE_SECONDS = 0.2  # between two questions: the shop's payments come first
BATCH = 50
ASK_AGAIN_AFTER = timedelta(hours=1)  # a gateway that did not answer
_MONEY = (Outcome.CAPTURED, Outcome.AUTHORIZED)


class Kind(StrEnum):
    UNKNOWN = "unknown"  # the gateway does not know it
    STATUS = "status"  # money moved on one side only
    CURRENCY = "currency"
    AMOUNT = "amount"  # what was asked for
    CAPTURED = "captured"
    REFUNDED = "refunded"
    ORDER = "order"  # our own books: the order's sums are not those of its payments


class NotPossible(Exception):
    """With a sentence for staff."""


@dataclass(frozen=True)
class Sides:
    """What each side says, for people."""

    ours: str
    theirs: str


Found = dict[Kind, Sides]


# --- the run --------------------------------------------------------------------------------------
def compare_due(*, seconds: float = SECONDS_A_RUN, pause: float = PAUSE_SECONDS) -> int:
    """Compares payments whose time has come, the longest due first, until none is left or the seconds are over.

    A gateway that does not answer is not asked again in this run. How many were compared.
    """
    stop_at = time.monotonic() + seconds
    compared, silent = 0, set[str]()
    while time.monotonic() < stop_at and (batch := _due(silent)):
        for payment in batch:
            if payment.gateway not in silent and time.monotonic() < stop_at:
                compared += _compare_or_leave(payment, silent)
                time.sleep(pause)
    return compared


def _due(silent: set[str]) -> list[Payment]:
    due = Payment.objects.filter(compare_at__lte=timezone.now()).exclude(gateway__in=silent)
    return list(due.order_by("compare_at", "id")[:BATCH])


def _compare_or_leave(payment: Payment, silent: set[str]) -> bool:
    try:
        compare(payment)
    except GatewayUnavailable:
        silent.add(payment.gateway)
        later = timezone.now() + ASK_AGAIN_AFTER
    except Exception:  # one payment's trouble must not keep the others waiting
        logger.exception("Payment %s could not be compared.", payment.pk)
        later = nights.next_night(timezone.now())
    else:
        return True
    Payment.objects.filter(pk=payment.pk).update(compare_at=later)
    return False


def compare(payment: Payment) -> None:
    """Asks the gateway and names what differs. Raises GatewayUnavailable, DomainError(BUSY)."""
    asked_at = timezone.now()
    _write_down(payment.pk, _said(payment), asked_at)


def _said(payment: Payment) -> GatewayResult | None:
    """None where there is nothing to compare: the payment is not settled yet, or nobody can be asked about it."""
    is_settled = payment.status not in (*OPEN, PaymentStatus.REVIEW)
    if not is_settled or not payment.gateway_reference or payment.gateway == registry.UNVERIFIED:
        return None
    services.must_not_hold_a_transaction()
    return registry.gateway(payment.gateway).look_up(reference=payment.gateway_reference, key=payment.idempotency_key)


# --- what was found -------------------------------------------------------------------------------
@in_transaction
def _write_down(payment_id: int, said: GatewayResult | None, asked_at: datetime) -> None:
    payment = Payment.objects.select_for_update(no_key=True).get(pk=payment_id)
    if payment.asked_at > asked_at:  # heard of meanwhile: what was said is older than what we know
        return
    now = timezone.now()
    found = {**(_differences(payment, said) if said else {}), **_order_difference(payment)}
    _settle_gone(payment, found, now)
    for kind, sides in found.items():
        _note(payment, kind, sides, now)
    is_comparable = payment.gateway != registry.UNVERIFIED and payment.gateway_reference
    payment.compare_at = nights.next_comparison(payment, now) if is_comparable else None
    payment.save(update_fields=["compare_at"])


def _settle_gone(payment: Payment, found: Found, now: datetime) -> None:
    still_open = payment.differences.filter(settled_at__isnull=True)
    still_open.exclude(kind__in=list(found)).update(settled_at=now)


def _note(payment: Payment, kind: Kind, sides: Sides, now: datetime) -> None:
    """A difference that somebody left as it is comes back only when one side says something else."""
    latest = payment.differences.filter(kind=kind).order_by("-id").first()
    if latest is None or (latest.settled_at and not _is_left_as_it_is(latest, sides)):
        Difference.objects.create(payment=payment, kind=kind, ours=sides.ours, theirs=sides.theirs)
        logger.error("Payment %s differs in %s: %s here, %s there.", payment.pk, kind, sides.ours, sides.theirs)
    elif not latest.settled_at:
        Difference.objects.filter(pk=latest.pk).update(ours=sides.ours, theirs=sides.theirs, seen_at=now)


def _is_left_as_it_is(difference: Difference, sides: Sides) -> bool:
    return bool(difference.settled_by) and Sides(difference.ours, difference.theirs) == sides


def _differences(payment: Payment, said: GatewayResult) -> Found:
    if is_disowned(payment, said):
        return {}
    return dict(_named(payment, said))


def _named(payment: Payment, said: GatewayResult) -> Iterator[tuple[Kind, Sides]]:
    is_money_here, is_money_there = payment.status in ACCEPTED, said.outcome in _MONEY
    if said.outcome == Outcome.UNKNOWN:
        if is_money_here:
            yield Kind.UNKNOWN, Sides(payment.status, "not known there")
    elif is_money_here != is_money_there or (is_money_there and payment.status != said.outcome.value):
        yield Kind.STATUS, Sides(payment.status, said.outcome.value)
    elif is_money_there and said.currency != payment.currency:
        yield Kind.CURRENCY, Sides(payment.currency, said.currency)
    elif is_money_there:
        yield from _amounts(payment, said)


def _amounts(payment: Payment, said: GatewayResult) -> Iterator[tuple[Kind, Sides]]:
    amounts = {
        Kind.AMOUNT: (payment.amount, said.amount),
        Kind.CAPTURED: (payment.captured_amount, said.captured_amount),
        Kind.REFUNDED: (payment.refunded_amount, said.refunded_amount),
    }
    for kind, (ours, theirs) in amounts.items():
        if ours != theirs:
            yield kind, Sides(written(ours, payment.currency), written(theirs, payment.currency))


def _order_difference(payment: Payment) -> Found:
    """In one statement: an order and its payments change together. Told with the order's newest payment only."""
    sums = (
        Order.objects.filter(pk=payment.order_id)
        .annotate(captured=Sum("payments__captured_amount"), refunded=Sum("payments__refunded_amount"))
        .annotate(surplus=Sum("payments__surplus_amount"), newest=Max("payments__id"))
        .get(newest__isnull=False)
    )
    ours = (sums.captured_amount, sums.refunded_amount, sums.surplus_amount)
    theirs = (sums.captured, sums.refunded, sums.surplus)
    if ours == theirs or sums.newest != payment.pk:
        return {}
    return {Kind.ORDER: Sides(_sums(ours, sums.currency, "order"), _sums(theirs, sums.currency, "payments"))}


def _sums(amounts: tuple[int, int, int], currency: str, whose: str) -> str:
    captured, refunded, surplus = (written(amount, currency) for amount in amounts)
    return f"{whose}: {captured}, back {refunded}, surplus {surplus}"


# --- what a person does about it ------------------------------------------------------------------
def take_their_word(difference_id: int, *, by: str) -> None:
    """What the gateway says becomes what we know, as far as its word alone can do that; then both are compared again.

    Raises NotPossible, DomainError(BUSY).
    """
    difference = Difference.objects.get(pk=difference_id)
    payment_id = difference.payment_id
    open_before = list(_open(payment_id).values_list("pk", flat=True))
    try:
        reconcile.refresh(payment_id, heard_from="look-up")
        compare(Payment.objects.get(pk=payment_id))
    except GatewayUnavailable:
        raise NotPossible("The gateway could not be asked. Please try again.") from None
    Difference.objects.filter(pk__in=open_before, settled_at__isnull=False, settled_by="").update(settled_by=by)
    if _open(payment_id).filter(kind=difference.kind).exists():
        raise NotPossible("The gateway's word alone does not settle this. Look at the payment there, and decide.")


def leave(difference_id: int, *, by: str) -> None:
    """It stays as it is, and is not told again as long as both sides say the same."""
    still_open = Difference.objects.filter(pk=difference_id, settled_at__isnull=True)
    still_open.update(settled_at=timezone.now(), settled_by=by)


def _open(payment_id: int) -> QuerySet[Difference]:
    return Difference.objects.filter(payment_id=payment_id, settled_at__isnull=True)
