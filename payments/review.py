"""The way out of review: the gateway said another amount or currency than asked, and a person decides.

Each act asks the gateway first what it says now, outside any transaction; what staff then decides goes through
`apply_result`, as everything does, with who decided it in the payment's trail. A second click changes nothing more.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from common.money import written
from common.transactions import in_transaction
from orders.states import OrderStatus
from payments import refunds, services
from payments.gateways import registry
from payments.gateways.base import GatewayResult, GatewayUnavailable, Outcome
from payments.models import Payment, Refund
from payments.paid_back import MADE_ELSEWHERE
from payments.refund_news import REVIEW
from payments.staff_word import NOT_OURS, PAY_BACK, STAFF, TO_BE_PAID_BACK, must_be_in_review
from payments.states import ON_ITS_WAY, PaymentStatus, RefundStatus


class NotPossible(Exception):
    """With a sentence for staff; nothing was changed."""


def take_as_ours(payment_id: int, *, by: str) -> Payment:
    """The payment is for what the gateway says. What the order has no use for goes back by itself.

    Raises NotPossible, DomainError: ILLEGAL_MOVE (not in review), BUSY.
    """
    payment, said = _asked(payment_id, PaymentStatus.CAPTURED)
    _must_be_ours(payment, said)
    if said.goes_back and payment.order.status != OrderStatus.ACCEPTED:
        raise NotPossible("A part of it was paid back already: it cannot pay the order. Pay back the rest.")
    return services.apply_result(payment_id, _decided(said, f"Taken as ours by {by}."), heard_from=STAFF)


def settle_as_not_ours(payment_id: int, *, by: str) -> Payment:
    """Nothing of it counts, whatever the gateway goes on saying; said otherwise later, it comes to review again.

    Raises NotPossible, DomainError: ILLEGAL_MOVE, BUSY.
    """
    payment, said = _asked(payment_id, PaymentStatus.DECLINED)
    ours = payment.refunds.filter(status__in=(*ON_ITS_WAY, RefundStatus.DONE)).exclude(created_by=MADE_ELSEWHERE)
    if ours.exists() or payment.surplus_amount:
        raise NotPossible("Some of it is on its way back from here already, so it was ours.")
    decided = replace(
        _decided(said, f"Not ours, says {by}."), outcome=Outcome.DECLINED, decline_code=NOT_OURS, refunds=()
    )
    return services.apply_result(payment_id, decided, heard_from=STAFF)


def pay_back(payment_id: int, *, by: str) -> Refund | None:
    """All that is left of it goes back. None where nothing was left; a refusal of the gateway is the refund's status.

    Raises NotPossible, DomainError: ILLEGAL_MOVE, BUSY.
    """
    payment, said = _asked(payment_id, PaymentStatus.CAPTURED)
    _must_be_ours(payment, said)
    decided = replace(_decided(said, f"{TO_BE_PAID_BACK}, says {by}."), decline_code=PAY_BACK)
    refund = _take_to_pay_back(payment_id, decided, by)
    return refunds.pursue(refund) if refund else None


@in_transaction
def _take_to_pay_back(payment_id: int, decided: GatewayResult, by: str) -> Refund | None:
    """Both or neither: money that was taken to be paid back is never forgotten."""
    payment = services.apply_result(payment_id, decided, heard_from=STAFF)
    return refunds.write_rest(
        payment,
        reason="It was not what was asked for.",
        request_key=f"{REVIEW}{uuid.uuid4().hex}",
        created_by=by,
    )


# --- what the gateway says now --------------------------------------------------------------------
def _asked(payment_id: int, target: PaymentStatus) -> tuple[Payment, GatewayResult]:
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    must_be_in_review(payment, target)
    services.must_not_hold_a_transaction()
    try:
        said = registry.gateway(payment.gateway).look_up(
            reference=payment.gateway_reference, key=payment.idempotency_key, since=payment.created_at
        )
    except GatewayUnavailable:
        raise NotPossible("The gateway could not be asked. Please try again.") from None
    return payment, said


def _must_be_ours(payment: Payment, said: GatewayResult) -> None:
    if said.outcome != Outcome.CAPTURED or not said.captured_amount:
        raise NotPossible(f"The gateway has not captured anything: it says {said.outcome}. Settle it as not ours.")
    if said.currency != payment.currency:
        raise NotPossible(
            f"It came in {said.currency}, and the order is in {payment.currency}: pay it back in the gateway's own "
            "pages, then settle it as not ours."
        )
    if said.captured_amount != said.amount:
        raise NotPossible("The gateway has captured a part of it so far. Capture the rest there, or cancel it.")
    if payment.surplus_amount > said.captured_amount:
        raise NotPossible("More of it is on its way back than the gateway has.")


def _decided(said: GatewayResult, note: str) -> GatewayResult:
    heard = f"{written(said.amount, said.currency)}, captured {written(said.captured_amount, said.currency)}"
    return replace(said, message=f"{note} The gateway: {heard}.", action_url="", client_secret="")
