"""What a gateway lists as paid back becomes our refunds: ours get their reference, those made elsewhere get a row.

Answer, event and look-up may tell it in any order, any number of times. A refund only moves forward (pending, done,
failed), so an older list read late changes nothing, and each refund at the gateway is one row here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from common import changes
from payments import refund_news
from payments.gateways.base import GatewayRefund, RefundState
from payments.gateways.registry import GATEWAY_NAMES
from payments.models import Payment, Refund
from payments.states import REFUND, RefundStatus

MADE_ELSEWHERE = "gateway"  # `created_by` of a refund that nobody asked for here
_STATUS_OF = {
    RefundState.PENDING: RefundStatus.ASKED,
    RefundState.DONE: RefundStatus.DONE,
    RefundState.FAILED: RefundStatus.REFUSED,
}
_WHAT_A_GATEWAY_CHANGES = ("status", "gateway_reference", "message", "ask_again_at", "times_asked", "updated_at")


def take_in(payment: Payment, listed: tuple[GatewayRefund, ...]) -> int:
    """Writes down what the gateway lists. The sum (minor units) of all the payment's refunds that are done.

    Needs the order's row lock.
    """
    rows = list(payment.refunds.order_by("id"))
    before = [(row.pk, row.status) for row in rows]
    for said in _one_a_key(listed, {row.idempotency_key for row in rows}):
        row = _row_of(said, rows)
        if row is None:
            row = _made_elsewhere(payment, said)
            rows.append(row)
        _move(row, said)
    if before != [(row.pk, row.status) for row in rows]:
        changes.note_order(payment.order_id)
    return sum(row.amount for row in rows if row.status == RefundStatus.DONE)


def _one_a_key(listed: tuple[GatewayRefund, ...], ours: set[str]) -> list[GatewayRefund]:
    """A refund of ours that the gateway made in several parts, as one. It has failed when none of them is left."""
    parts: dict[str, list[GatewayRefund]] = {}
    for said in listed:
        parts.setdefault(said.key if said.key in ours else said.reference, []).append(said)
    return [_together(same) if len(same) > 1 else same[0] for same in parts.values()]


def _together(parts: list[GatewayRefund]) -> GatewayRefund:
    left = [part for part in parts if part.state != RefundState.FAILED]
    state = min((part.state for part in left), key=list(RefundState).index, default=RefundState.FAILED)
    return replace(parts[0], amount=sum(part.amount for part in left or parts), state=state)


def _row_of(said: GatewayRefund, rows: list[Refund]) -> Refund | None:
    """By our key, else by the gateway's reference. One that was taken for a stranger before its key was told is the
    same refund: that row goes."""
    by_key = next((row for row in rows if row.idempotency_key == said.key), None)
    by_reference = next((row for row in rows if row.gateway_reference == said.reference), None)
    if by_key and by_reference and by_key != by_reference:
        rows.remove(by_reference)
        by_reference.delete()
    return by_key or by_reference


def _made_elsewhere(payment: Payment, said: GatewayRefund) -> Refund:
    name = f"{payment.gateway}:{said.reference}"[:80]
    return Refund.objects.create(
        payment=payment,
        request_key=name,
        idempotency_key=name,
        amount=said.amount,
        reason=f"Made at {GATEWAY_NAMES.get(payment.gateway, payment.gateway)}, not here.",
        created_by=MADE_ELSEWHERE,
    )


def _move(row: Refund, said: GatewayRefund) -> None:
    if said.amount < row.amount and said.state != RefundState.FAILED:
        return  # a part of it only: the rest is asked for again, under the same key
    before = (row.status, row.gateway_reference)
    target = _STATUS_OF[said.state]
    has_failed_there = row.status == RefundStatus.REFUSED and row.gateway_reference
    if REFUND.allows(row.status, target) and not has_failed_there:
        row.status, row.message = target, said.message[:300]
    row.gateway_reference = row.gateway_reference or said.reference
    if before != (row.status, row.gateway_reference):
        if row.status != RefundStatus.ASKED or row.ask_again_at is None:
            plan_next_look(row)
        row.save(update_fields=_WHAT_A_GATEWAY_CHANGES)
        if row.status != before[0]:
            refund_news.note(row)


def plan_next_look(refund: Refund) -> None:
    """When to ask about it again, as payments in doubt are; never once it is settled. The caller saves it."""
    delays = settings.RECONCILE_DELAYS_SECONDS
    if refund.status != RefundStatus.ASKED or not delays:
        refund.ask_again_at = None
        return
    refund.ask_again_at = timezone.now() + timedelta(seconds=delays[min(refund.times_asked, len(delays) - 1)])
    refund.times_asked += 1
