"""What staff settles of a payment in review becomes what we know of it. Later words of the gateway do not undo it.

- Ours: the payment is for what the gateway says from now on, so that it says nothing else afterwards. What was asked
  stays beside it. `payments.sums` then decides what the order has use for; the rest goes back by itself.
- To be paid back: ours as well, and none of it is the order's.
- Not ours: nothing of it counts. The gateway's word is remembered: said again, it changes nothing.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop

from common.errors import DomainError, ErrorCode
from payments.gateways.base import GatewayResult, Outcome
from payments.models import Payment
from payments.states import PaymentStatus

STAFF = "staff"  # heard from
NOT_OURS, PAY_BACK = "not_ours", "pay_back"  # what staff decided, where a gateway would say why it declined
TO_BE_PAID_BACK = "To be paid back"  # begins the trail's note of that
WHAT_STAFF_CHANGES = ("amount", "first_asked_amount", "disowned_word")
FOR_THE_SHOPPER = gettext_noop("This payment did not match the order.")


def word_of(result: GatewayResult) -> str:
    """What a gateway says was paid, in minor units; what went back since does not matter."""
    return f"{result.amount} {result.currency}, captured {result.captured_amount}"


def is_disowned(payment: Payment, result: GatewayResult) -> bool:
    """Staff has heard just this before, and settled that the money is not ours."""
    return bool(payment.disowned_word) and payment.disowned_word == word_of(result)


def must_be_in_review(payment: Payment, target: PaymentStatus) -> None:
    """Raises DomainError(ILLEGAL_MOVE)."""
    if payment.status != PaymentStatus.REVIEW:
        raise DomainError(ErrorCode.ILLEGAL_MOVE, what="payment", current=payment.status, target=target.value)


def believe(payment: Payment, result: GatewayResult, *, refunded_amount: int) -> None:
    """Changes the row in memory. `refunded_amount`: minor units, what went back of it so far.

    Raises DomainError(ILLEGAL_MOVE) where the payment is not in review (any more).
    """
    target = PaymentStatus.CAPTURED if result.outcome == Outcome.CAPTURED else PaymentStatus.DECLINED
    must_be_in_review(payment, target)
    payment.status, payment.action_url = target, ""
    payment.gateway_reference = payment.gateway_reference or result.reference
    if target == PaymentStatus.CAPTURED:
        if result.amount != payment.amount:
            payment.first_asked_amount = payment.asked_amount
        payment.amount, payment.captured_amount = result.amount, result.captured_amount
        payment.refunded_amount = min(refunded_amount, result.captured_amount)
        payment.decline_code, payment.message, payment.disowned_word = "", "", ""
    else:
        payment.captured_amount = payment.refunded_amount = 0
        payment.decline_code, payment.message, payment.disowned_word = NOT_OURS, FOR_THE_SHOPPER, word_of(result)
