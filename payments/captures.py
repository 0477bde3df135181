"""Captures that others made at PayPal and report here. Each pays once, for ever: the unique index decides.

    no transaction    ask PayPal, where its keys are set: known, and of this amount, currency and PayPal order?
    transaction       lock the order, write the payment, apply_result

Without PayPal's keys a report is taken at its word and shown as unverified. Where PayPal has the capture as pending, or
cannot be reached, the payment is in doubt as any other: the reconciler asks, and nothing counts until PayPal says so.
"""

from __future__ import annotations

import uuid

from django.db import IntegrityError

from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import parts
from orders.models import Order
from orders.states import OrderStatus
from payments import services
from payments.gateways import registry
from payments.gateways.base import GatewayRefund, GatewayResult, GatewayUnavailable, Outcome, RefundState
from payments.models import Payment

PROVIDER = "paypal"
BY_HAND = "by hand"  # heard from staff, of what nobody else can tell


def order_of(reference: str) -> Order:
    """The newest order of that name that counts, else the newest of that name. Raises DomainError(ORDER_NOT_FOUND)."""
    named = Order.objects.filter(takes_parts=True, reference=reference).order_by("-id")
    order = named.exclude(status=OrderStatus.CANCELED).first() or named.first()
    if order is None:
        raise DomainError(ErrorCode.ORDER_NOT_FOUND)
    return order


def is_gone(order: Order) -> bool:
    """Whether no money brings it back: another one took its place, or it was accepted and taken back."""
    if order.status != OrderStatus.CANCELED:
        return False
    return order.accepted_at is not None or parts.is_replaced(order)


def is_taken(capture_id: str, *, except_by: str = "") -> bool:
    """Whether money was reported under this id; not counting the request `except_by`."""
    reported = Payment.objects.filter(is_reported=True, gateway_reference=capture_id)
    return reported.exclude(idempotency_key=except_by).exists()


def report(order: Order, *, capture_id: str, amount: int, key: str = "") -> Payment:
    """The payment that the capture became; `amount` in minor units of the order's currency.

    `key` (at most 80 characters) recognises the repeat of a request that died after its work was done.
    Raises DomainError: CAPTURE_TAKEN, CAPTURE_NOT_VERIFIED, BUSY; ORDER_NOT_FOUND where the order was replaced
    meanwhile: the money is written down all the same, and goes back.
    """
    services.must_not_hold_a_transaction()
    payment = _earlier(key) if key else None
    if payment is None:
        payment = _new(order, capture_id, amount, key or f"report_{uuid.uuid4().hex}")
    if is_gone(payment.order):
        raise DomainError(ErrorCode.ORDER_NOT_FOUND)
    return payment


def _earlier(key: str) -> Payment | None:
    return Payment.objects.select_related("order").filter(is_reported=True, idempotency_key=key).first()


def _new(order: Order, capture_id: str, amount: int, key: str) -> Payment:
    gateway = registry.gateway_name_for_reports()
    result = _vouched_for(gateway, order, capture_id, amount)
    try:
        return _written(order.pk, gateway, capture_id, amount, key, result)
    except IntegrityError as error:
        raise DomainError(ErrorCode.CAPTURE_TAKEN) from error


def note_stray(order: Order, *, capture_id: str, amount: int, key: str = "") -> None:
    """Money reported for an order that is gone: written down, so that it is listed and goes back. Raises BUSY."""
    try:
        report(order, capture_id=capture_id, amount=amount, key=key)
    except DomainError as error:
        if error.code is ErrorCode.BUSY:
            raise


# --- asking ---------------------------------------------------------------------------------------
def _vouched_for(gateway: str, order: Order, capture_id: str, amount: int) -> GatewayResult:
    if gateway == registry.UNVERIFIED:
        return _at_its_word(order, capture_id, amount)
    try:
        result = registry.gateway(gateway).look_up(reference=capture_id, key="")
    except GatewayUnavailable:
        return services.UNANSWERED
    if not _is_as_reported(result, order, amount):
        raise DomainError(ErrorCode.CAPTURE_NOT_VERIFIED)
    return result


def _is_as_reported(result: GatewayResult, order: Order, amount: int) -> bool:
    """Money that went back already, or was declined, is not to be had."""
    is_coming = result.outcome in {Outcome.CAPTURED, Outcome.PROCESSING} and not result.goes_back
    said = (result.amount, result.currency, result.paid_under)
    return is_coming and said == (amount, order.currency, order.reference)


def _at_its_word(order: Order, capture_id: str, amount: int) -> GatewayResult:
    return GatewayResult(
        outcome=Outcome.CAPTURED,
        reference=capture_id,
        amount=amount,
        currency=order.currency,
        captured_amount=amount,
        message="Reported, not verified: PayPal's keys are not set.",
        paid_under=order.reference,
    )


# --- writing --------------------------------------------------------------------------------------
@in_transaction
def _written(order_id: int, gateway: str, capture_id: str, amount: int, key: str, result: GatewayResult) -> Payment:
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    payment = Payment.objects.create(
        order=order,
        provider=PROVIDER,
        gateway=gateway,
        gateway_reference=capture_id,
        idempotency_key=key,
        instrument=order.reference,
        is_reported=True,
        currency=order.currency,
        amount=amount,
    )
    return services.apply_result(payment.pk, result, heard_from="report")


# --- money that nobody can be asked to give back --------------------------------------------------
@in_transaction
def note_paid_back_by_hand(payment_id: int, *, by: str) -> int:
    """Staff paid back, at PayPal, what an unverified payment's order has no use for. How much of it that was.

    Minor units; 0 where there is nothing to be paid back like that. Doing it twice is harmless.
    """
    order_id = Payment.objects.values_list("order_id", flat=True).get(pk=payment_id)
    Order.objects.select_for_update(no_key=True).get(pk=order_id)
    payment = Payment.objects.get(pk=payment_id)
    amount = payment.surplus_amount - payment.refunded_amount
    if payment.gateway != registry.UNVERIFIED or amount <= 0:
        return 0
    services.apply_result(payment.pk, _with_refund(payment, amount, by), heard_from=BY_HAND)
    return amount


def _with_refund(payment: Payment, amount: int, by: str) -> GatewayResult:
    refund = GatewayRefund(f"by hand: {payment.public_id}, {payment.surplus_amount}", amount, RefundState.DONE)
    return GatewayResult(
        outcome=Outcome.CAPTURED,
        reference=payment.gateway_reference,
        amount=payment.amount,
        currency=payment.currency,
        captured_amount=payment.captured_amount,
        refunded_amount=payment.refunded_amount + amount,
        message=f"Paid back by hand, says {by}.",
        paid_under=payment.instrument,
        refunds=(refund,),
    )
