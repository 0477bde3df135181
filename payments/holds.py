"""Money that a gateway holds for us: taken, or let go of. Each asks the gateway under a key of the payment's own, so
that asking again moves nothing twice."""

from __future__ import annotations

from collections.abc import Callable

from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import fulfilment
from orders.states import OrderStatus
from payments import reconcile, services
from payments.gateways import registry
from payments.gateways.base import Gateway, GatewayRefused, GatewayResult, GatewayUnavailable
from payments.models import Payment
from payments.states import PaymentStatus


def capture(payment_id: int) -> Payment:
    """Takes all that is held. One that is taken already stays as it is.

    Raises DomainError: ILLEGAL_MOVE, ORDER_NOT_PAYABLE (canceled: let go of it), GATEWAY_REFUSED, GATEWAY_SILENT, BUSY.
    """
    payment = _held(payment_id, PaymentStatus.CAPTURED)
    if payment.status == PaymentStatus.CAPTURED:
        return payment
    if payment.order.status == OrderStatus.CANCELED:
        raise DomainError(ErrorCode.ORDER_NOT_PAYABLE)
    key = _key(payment, "capture")
    return _settle(
        payment,
        PaymentStatus.CAPTURED,
        lambda gateway: gateway.capture(payment.gateway_reference, amount=payment.amount, key=key),
    )


def void(payment_id: int) -> Payment:
    """Lets go of what is held. One that is let go of already stays as it is.

    Raises DomainError: ILLEGAL_MOVE, PAYMENT_NEEDED (an accepted order stands on it), GATEWAY_REFUSED, GATEWAY_SILENT,
    BUSY.
    """
    payment = _held(payment_id, PaymentStatus.VOIDED)
    if payment.status == PaymentStatus.VOIDED:
        return payment
    key = _key(payment, "void")
    return _settle(payment, PaymentStatus.VOIDED, lambda gateway: gateway.void(payment.gateway_reference, key=key))


def void_of(order_id: int) -> None:
    """Lets go of all that is held for an order that is canceled. Doing it twice is harmless. Raises as `void` does."""
    held = Payment.objects.filter(order=order_id, status=PaymentStatus.AUTHORIZED, order__status=OrderStatus.CANCELED)
    for payment_id in held.order_by("pk").values_list("pk", flat=True):
        void(payment_id)


@in_transaction
def _held(payment_id: int, target: PaymentStatus) -> Payment:
    """As it is now: held, or where it is to go."""
    order = fulfilment.locked(Payment.objects.values_list("order_id", flat=True).get(pk=payment_id))
    payment = Payment.objects.get(pk=payment_id)
    payment.order = order
    if payment.status not in {PaymentStatus.AUTHORIZED, target}:
        raise DomainError(ErrorCode.ILLEGAL_MOVE, what="payment", current=payment.status, target=target.value)
    if target == PaymentStatus.VOIDED and _stands_on(payment):
        raise DomainError(ErrorCode.PAYMENT_NEEDED)
    return payment


def _stands_on(payment: Payment) -> bool:
    """Whether without it an accepted order would lack money."""
    order = payment.order
    return (
        payment.status == PaymentStatus.AUTHORIZED
        and order.status == OrderStatus.ACCEPTED
        and order.kept_amount < order.total_amount
    )


def _key(payment: Payment, verb: str) -> str:
    return payment.idempotency_key.replace("_purchase", f"_{verb}")


def _settle(payment: Payment, target: PaymentStatus, ask: Callable[[Gateway], GatewayResult]) -> Payment:
    """A gateway that will not is asked how it stands: perhaps it was done before, and its key forgotten."""
    services.must_not_hold_a_transaction()
    try:
        result = ask(registry.gateway(payment.gateway))
    except GatewayUnavailable:
        services.apply_result(payment.pk, services.UNANSWERED, heard_from="answer")
        raise DomainError(ErrorCode.GATEWAY_SILENT) from None
    except GatewayRefused as error:
        return _refused(payment, target, str(error))
    return services.apply_result(payment.pk, result, heard_from="answer")


def _refused(payment: Payment, target: PaymentStatus, reason: str) -> Payment:
    try:
        known = reconcile.refresh(payment.pk, heard_from="look-up")
    except GatewayUnavailable:
        raise DomainError(ErrorCode.GATEWAY_SILENT) from None
    if known.status != target:
        raise DomainError(ErrorCode.GATEWAY_REFUSED, reason=reason)
    return known
