"""Asking the gateway what became of a payment: after a return, after an event, and on a schedule while in doubt."""

from __future__ import annotations

import logging

from django.db.models import QuerySet
from django.utils import timezone

from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from orders.states import OrderStatus
from payments import services
from payments.gateways import registry
from payments.gateways.base import KEY_IS_GOOD_FOR, GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.models import Payment
from payments.states import OPEN

logger = logging.getLogger(__name__)

SILENCES = 3  # in a row: then the gateway is left alone for this sweep
NOBODY_KNOWS = GatewayResult(
    outcome=Outcome.UNKNOWN,
    needs_a_person=True,
    message="The gateway was asked so long ago that asking again might charge twice, and it finds nothing. Look there.",
)
TOO_LATE = "too_late"  # not charged or not yet taken when the order's time was over


def look_up(payment_id: int, *, heard_from: str = "look-up") -> Payment:
    """Asks the gateway what became of a payment. One it never heard of is asked for again, under the same key, as
    long as its order may be paid; after that it has come to nothing.

    Raises DomainError(BUSY). A gateway that cannot be reached leaves the payment as it is, to be asked about later.
    """
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    return payment if payment.status not in OPEN else _written(payment, _told_of(payment), heard_from)


def ask_now(payment_id: int) -> Payment:
    """As `look_up`, for somebody who waits for the answer. Raises DomainError: BUSY, GATEWAY_SILENT (nothing is
    written then; it is asked again when its time comes)."""
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    if payment.status not in OPEN:
        return payment
    result = _told_of(payment)
    if result is services.UNANSWERED:
        raise DomainError(ErrorCode.GATEWAY_SILENT)
    return _written(payment, result, "look-up")


def _told_of(payment: Payment) -> GatewayResult:
    """services.UNANSWERED where the gateway is silent."""
    try:
        return _next_step(payment, _asked_about(payment, payment.gateway_reference))
    except GatewayUnavailable:
        return services.UNANSWERED


def refresh(payment_id: int, *, heard_from: str, reference: str = "") -> Payment:
    """Asks about a payment whatever its state: one that is settled may have been paid back, disputed or taken since.

    `reference`: what the gateway is said to call it, where its own answer never told us. One that the gateway does not
    know stays as it is. Raises DomainError(BUSY), GatewayUnavailable.
    """
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    result = _asked_about(payment, payment.gateway_reference or reference)
    if result.outcome == Outcome.UNKNOWN:
        return payment
    if payment.status in OPEN:
        result = _next_step(payment, result)
    return _written(payment, result, heard_from)


def _asked_about(payment: Payment, reference: str) -> GatewayResult:
    services.must_not_hold_a_transaction()
    gateway = registry.gateway(payment.gateway)
    return gateway.look_up(reference=reference, key=payment.idempotency_key, since=payment.created_at)


def _written(payment: Payment, result: GatewayResult, heard_from: str) -> Payment:
    crash_point("payment looked up, nothing written")
    return services.apply_result(payment.pk, result, heard_from=heard_from)


def _next_step(payment: Payment, result: GatewayResult) -> GatewayResult:
    """What a look-up asks of us: to charge what never arrived, to take what the shopper has approved.

    Only as long as the order may be paid; after that nothing is charged or taken any more.
    """
    if result.outcome not in {Outcome.UNKNOWN, Outcome.APPROVED}:
        return result
    if result.outcome == Outcome.UNKNOWN and _is_lost(payment):
        return NOBODY_KNOWS
    is_forgotten = result.outcome == Outcome.UNKNOWN and payment.gateway_reference
    order = payment.order
    if order.status != OrderStatus.PENDING or order.is_over(timezone.now()):
        return GatewayResult(
            outcome=Outcome.DECLINED, decline_code=TOO_LATE, message="The order's time was over; nothing was taken."
        )
    if is_forgotten:  # it knew the payment once: asked for again it would be a second one
        return GatewayResult(outcome=Outcome.DECLINED, decline_code=TOO_LATE, message="The gateway let it lapse.")
    return services.charge(payment) if result.outcome == Outcome.UNKNOWN else _take(payment, result.reference)


def _is_lost(payment: Payment) -> bool:
    """The answer never came, and the key is no longer sure to be known there: not found is no proof of a no."""
    return not payment.gateway_reference and payment.created_at + KEY_IS_GOOD_FOR <= timezone.now()


def _take(payment: Payment, reference: str) -> GatewayResult:
    key = payment.idempotency_key.replace("_purchase", "_capture")
    crash_point("approved, not taken")
    try:
        return registry.gateway(payment.gateway).capture(reference, amount=payment.amount, key=key)
    except GatewayUnavailable:
        return services.UNANSWERED
    except GatewayRefused as error:
        return services.refused(payment, str(error))


def settle_doubtful(*, limit: int = 100) -> int:
    """Asks about payments whose time to be asked about has come, up to `limit` of each gateway. How many.

    A gateway that is silent several times in a row is left alone until the next time: a sweep may not take hours.
    """
    due = Payment.objects.filter(ask_again_at__lte=timezone.now())
    gateways = set(due.order_by().values_list("gateway", flat=True).distinct())
    return sum(_settle(due.filter(gateway=gateway).order_by("ask_again_at")[:limit]) for gateway in sorted(gateways))


def _settle(due: QuerySet[Payment]) -> int:
    asked = silent = 0
    for payment_id in due.values_list("pk", flat=True):
        silent = 0 if _is_answered(payment_id) else silent + 1
        asked += 1
        if silent == SILENCES:
            break
    return asked


def _is_answered(payment_id: int) -> bool:
    try:
        payment = Payment.objects.select_related("order").get(pk=payment_id)
        if payment.status not in OPEN:
            return True
        result = _told_of(payment)
        _written(payment, result, "look-up")
    except Exception:  # one payment's trouble must not keep the others waiting
        logger.exception("Payment %s could not be looked up.", payment_id)
        Payment.objects.filter(pk=payment_id).update(ask_again_at=timezone.now() + services.FIRST_LOOK_AFTER)
        return True
    return result is not services.UNANSWERED
