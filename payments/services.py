"""Money on its way: write the row, call the gateway outside any transaction, write the answer.

`apply_result` is the only place where money changes state. The gateway's answer, its webhook and our own asking all
end there, in any order, any number of times.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, F, Q
from django.utils import timezone

from carts import refusals
from common import changes, rows
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.money import written
from common.prepared import Given, Prepared
from common.transactions import holds_a_transaction, in_transaction
from orders.links import token_of
from orders.models import Order
from orders.states import OrderStatus
from outbox import services as outbox
from payments import declines, failure_news, nights, paid_back, staff_word
from payments.gateways import registry
from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.models import Payment, PaymentEntry
from payments.staff_word import PAY_BACK, STAFF
from payments.states import OPEN, PAYMENT, REFUSED, PaymentStatus
from payments.sums import tell_order

logger = logging.getLogger(__name__)

SETTLED_EVENT = "payment.settled"  # a payment moved, and what hangs on it has yet to follow
FIRST_LOOK_AFTER = timedelta(seconds=settings.FIRST_LOOK_AFTER_SECONDS)

_STATUS_OF = {
    Outcome.CAPTURED: PaymentStatus.CAPTURED,
    Outcome.AUTHORIZED: PaymentStatus.AUTHORIZED,
    Outcome.DECLINED: PaymentStatus.DECLINED,
    Outcome.REQUIRES_ACTION: PaymentStatus.REQUIRES_ACTION,
    Outcome.APPROVED: PaymentStatus.PROCESSING,
    Outcome.PROCESSING: PaymentStatus.PROCESSING,
    Outcome.VOIDED: PaymentStatus.VOIDED,
    Outcome.UNKNOWN: PaymentStatus.PROCESSING,
}
REFUSED_BY_GATEWAY = "refused_by_gateway"  # it would not even try: the payment data is wrong, not the card
UNANSWERED = GatewayResult(outcome=Outcome.UNKNOWN)
HOSTED = "hosted"  # the instrument of a payment the shopper makes on the gateway's own page
IN_BROWSER = "in_browser"  # the instrument of a payment the shopper confirms with the gateway's own script


def open_payment(
    order: Order, *, provider: str, instrument: str, redirect_url: str = "", client_address: str = ""
) -> Payment:
    """A new attempt for what the order still owes, written before the gateway is asked, its key with it.

    Runs in the caller's transaction, after all its row locks. `client_address`: whose declines count, '' where nobody
    knows. Raises DomainError: PAYMENT_PROVIDER_UNKNOWN, TOO_MANY_DECLINES, BUSY; IntegrityError when the order has an
    open payment already.
    """
    public_id = uuid.uuid4()
    gateway = registry.gateway_name_for(provider)
    card = registry.gateway(gateway).card_of(instrument)
    who = declines.admit(order, client_address=client_address, card_fingerprint=card)
    payment = Payment(
        public_id=public_id,
        order=order,
        provider=provider,
        gateway=gateway,
        idempotency_key=f"pay_{public_id.hex}_purchase",
        instrument=instrument,
        client_subject=who.client,
        card_subject=who.card,
        currency=order.currency,
        amount=order.due_amount,
        redirect_url=redirect_url,
        ask_again_at=timezone.now() + FIRST_LOOK_AFTER,
    )
    return rows.insert(payment)


def is_being_paid(order: Order) -> bool:
    """Whether an attempt is under way whose answer is not known. Needs the order's row lock to mean anything."""
    return order.payments.filter(status__in=OPEN).exists()


def charge(payment: Payment) -> GatewayResult:
    """Asks the gateway, under the payment's own key: asking again moves no more money.

    No clear answer comes back as UNKNOWN, a gateway that will not even try as DECLINED with its message.
    """
    must_not_hold_a_transaction()
    crash_point("payment written, gateway not asked")
    result = _asked(payment)
    crash_point("gateway asked, its answer not written")
    return result


def _asked(payment: Payment) -> GatewayResult:
    try:
        gateway = registry.gateway(payment.gateway)
        ask = {IN_BROWSER: gateway.prepare, HOSTED: gateway.host}.get(payment.instrument, gateway.purchase)
        return ask(_request(payment))
    except GatewayUnavailable:
        return UNANSWERED
    except GatewayRefused as error:
        return refused(payment, str(error))


def refused(payment: Payment, message: str) -> GatewayResult:
    return GatewayResult(
        outcome=Outcome.DECLINED,
        decline_code=REFUSED_BY_GATEWAY,
        message=message,
        amount=payment.amount,
        currency=payment.currency,
    )


def pay_order(order_id: int, *, provider: str, instrument: str, client_address: str = "") -> Payment:
    """The next try for an order that still owes money, after a redirected payment came to nothing.

    Raises DomainError: ORDER_NOT_PAYABLE (paid, canceled or past its time), PAYMENT_IN_PROGRESS,
    PAYMENT_PROVIDER_UNKNOWN, TOO_MANY_DECLINES, BUSY. A decline is no error here: it is the returned payment's status.
    """
    payment = _open_next(order_id, provider, instrument, client_address)
    return apply_result(payment.pk, charge(payment), heard_from="answer")


def _cart_of_order(order_id: int) -> int | None:
    return Order.objects.values_list("cart_id", flat=True).get(pk=order_id)


@in_transaction
@refusals.noted_on(_cart_of_order)
def _open_next(order_id: int, provider: str, instrument: str, client_address: str) -> Payment:
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    if not (order.status == OrderStatus.PENDING and order.due_amount) or order.is_over(timezone.now()):
        raise DomainError(ErrorCode.ORDER_NOT_PAYABLE)
    if stands_in_the_way(order):
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    return open_payment(order, provider=provider, instrument=instrument, client_address=client_address)


def stands_in_the_way(order: Order) -> bool:
    """Whether there is a payment that may still pay the order; money that goes back is none.

    Where several payments add up, nor is a part that came: the rest is still to be paid.
    """
    settled = Q(status=PaymentStatus.CAPTURED)
    if not order.takes_parts:
        settled &= Q(surplus_amount=F("captured_amount"))
    return order.payments.exclude(status__in=REFUSED).exclude(settled).exists()


def _request(payment: Payment) -> ChargeRequest:
    return ChargeRequest(
        key=payment.idempotency_key,
        provider=payment.provider,
        amount=payment.amount,
        currency=payment.currency,
        instrument=payment.instrument,
        order_reference=payment.order.public_id.hex,
        return_url=f"{settings.BASE_URL}/orders/{token_of(payment.order)}/return?payment={payment.public_id.hex}",
        asked_at=payment.created_at,
    )


def must_not_hold_a_transaction() -> None:
    """A gateway call inside a transaction would hold its locks for as long as the gateway likes."""
    if holds_a_transaction():
        raise RuntimeError("A gateway is never called inside a transaction.")


_ORDER_LOCKED = Prepared[Order](
    lambda: Order.objects.select_for_update(of=("self",), no_key=True).filter(
        payments__id=Given("id", BigIntegerField())
    )
)
_LOCKED = Prepared[Payment](
    lambda: Payment.objects.select_for_update(no_key=True).filter(pk=Given("id", BigIntegerField()))
)


def _locked_with_order(payment_id: int) -> Payment:
    """In two statements: one that joins them would lock the payment first, and refunds lock the order first."""
    order = _ORDER_LOCKED.first(id=payment_id)
    payment = _LOCKED.first(id=payment_id)
    if order is None or payment is None:
        raise Payment.DoesNotExist(payment_id)
    payment.order = order
    return payment


@in_transaction
def apply_result(payment_id: int, result: GatewayResult, *, heard_from: str) -> Payment:
    """What the gateway said becomes what we know. Late, doubled and reordered answers change nothing more.

    Locks the order, then the payment. `heard_from`: answer, look-up, webhook or staff. Raises DomainError: BUSY, and
    ILLEGAL_MOVE for a word of staff (payments.review) on a payment that is not in review.
    """
    payment, before = _hear(payment_id, result, heard_from=heard_from)
    if payment.status != before:
        outbox.record(SETTLED_EVENT, {"payment": payment.pk, "source": payment.order.source})
    return payment


def follow_answer(payment_id: int, result: GatewayResult) -> Payment:
    """As `apply_result`, in the caller's own transaction, which moves what hangs on the payment: nobody else need be
    told. Where this raises, that transaction is to be given up."""
    return _hear(payment_id, result, heard_from="answer")[0]


def _hear(payment_id: int, result: GatewayResult, *, heard_from: str) -> tuple[Payment, str]:
    """The payment, and the status it had before."""
    payment = _locked_with_order(payment_id)
    before, sums_before = payment.status, _sums(payment)
    now = timezone.now()
    _move(payment, result, now, is_staff=heard_from == STAFF)
    _note(payment, result, now, heard_from=heard_from, before=before)
    if payment.status != before or result.refunded_amount or result.captured_amount:
        tell_order(payment, now, is_returned=heard_from == STAFF and result.decline_code == PAY_BACK)
    if sums_before != _sums(payment) and payment.order.accepted_at:
        changes.note_order(payment.order_id, since=payment.order.accepted_at, now=now)
    if payment.status == PaymentStatus.REVIEW != before:
        logger.error("Payment %s needs a person, see it in the admin. %s", payment.pk, payment.message)
    failure_news.note(payment, before=before, heard_from=heard_from)
    crash_point("answer written, not committed")
    return payment, before


def _sums(payment: Payment) -> tuple[str, int, int, int]:
    """What its order's figures are made of, beside the rows of its refunds."""
    return payment.status, payment.captured_amount, payment.refunded_amount, payment.surplus_amount


_WHAT_AN_ANSWER_CHANGES = (
    *("status", "gateway_reference", "captured_amount", "refunded_amount", "decline_code", "message", "action_url"),
    *("client_subject", "card_subject", "asked_at", "ask_again_at", "times_asked", "updated_at"),
    "compare_at",
)


def _move(payment: Payment, result: GatewayResult, now: datetime, *, is_staff: bool) -> None:
    before = payment.status
    if is_staff:
        staff_word.believe(payment, result, refunded_amount=_paid_back(payment, result))
    # Silence tells nothing, save that the gateway has been asked: a payment that waits for its shopper goes on waiting.
    elif result.outcome != Outcome.UNKNOWN or result.needs_a_person or payment.status == PaymentStatus.CREATED:
        _believe(payment, result)
    declines.hear(payment, result, before=before)
    _plan_next_look(payment, now)
    rows.update(payment, (*_WHAT_AN_ANSWER_CHANGES, *(staff_word.WHAT_STAFF_CHANGES if is_staff else ())))


def _believe(payment: Payment, result: GatewayResult) -> None:
    if staff_word.is_disowned(payment, result):
        return
    differs = _differs(payment, result)
    target = PaymentStatus.REVIEW if differs or result.needs_a_person else _STATUS_OF[result.outcome]
    is_for_a_person = payment.status == PaymentStatus.REVIEW  # no answer of a gateway takes it out of their hands
    if PAYMENT.allows(payment.status, target) and not is_for_a_person:
        payment.status = target
    if target == payment.status:
        payment.gateway_reference = payment.gateway_reference or result.reference
        payment.decline_code, payment.action_url = result.decline_code[:60], result.action_url
        payment.message = (_difference(payment, result) if differs else result.message)[:300]
    is_ours = payment.status in {PaymentStatus.CAPTURED, PaymentStatus.REVIEW}
    if is_ours and result.currency == payment.currency:  # sums of two currencies would be no sum
        payment.captured_amount = max(payment.captured_amount, result.captured_amount)
        payment.refunded_amount = min(_paid_back(payment, result), payment.captured_amount)


def _paid_back(payment: Payment, result: GatewayResult) -> int:
    """Where the gateway lists its refunds, the sum of those done, which falls when one fails later; an older list
    read late changes nothing. A total alone only grows."""
    if result.refunds:
        return paid_back.take_in(payment, result.refunds)
    return max(payment.refunded_amount, result.refunded_amount)


def _difference(payment: Payment, result: GatewayResult) -> str:
    """For the person who decides."""
    amounts = (result.amount, result.captured_amount, result.refunded_amount)
    amount, captured, refunded = (written(each, result.currency) for each in amounts)
    said, asked = f"{amount}, captured {captured}, refunded {refunded}", written(payment.amount, payment.currency)
    if payment.is_reported:
        of_what = result.paid_under or "nothing it names"
        return f"Reported as {asked} of {payment.instrument}; the gateway says {said}, of {of_what}."
    return f"Asked for {asked}; the gateway says {said}."


def _differs(payment: Payment, result: GatewayResult) -> bool:
    """Money of another amount or currency than asked is never taken for an answer."""
    if result.outcome not in {Outcome.CAPTURED, Outcome.AUTHORIZED}:
        return False
    same = (result.amount, result.currency) == (payment.amount, payment.currency)
    is_too_much = result.captured_amount > payment.amount or result.refunded_amount > result.captured_amount
    return not same or is_too_much or _is_not_as_reported(payment, result)


def _is_not_as_reported(payment: Payment, result: GatewayResult) -> bool:
    """Of money that others reported: taken for something else, or gone back before it ever counted."""
    if not payment.is_reported or payment.status == PaymentStatus.CAPTURED:
        return False
    return result.paid_under != payment.instrument or result.goes_back


def _plan_next_look(payment: Payment, now: datetime) -> None:
    delays = settings.RECONCILE_DELAYS_SECONDS
    payment.asked_at = now
    payment.compare_at = nights.next_night(now) if payment.gateway_reference else None
    if payment.status in OPEN and delays:
        delay = delays[min(payment.times_asked, len(delays) - 1)]
        payment.ask_again_at = now + timedelta(seconds=delay)
        payment.times_asked += 1
    else:
        payment.ask_again_at = None


def _note(payment: Payment, result: GatewayResult, now: datetime, *, heard_from: str, before: str) -> None:
    entry = PaymentEntry(
        payment=payment,
        at=now,
        heard_from=heard_from,
        outcome=result.outcome,
        status_before=before,
        status_after=payment.status,
        captured_amount=payment.captured_amount,
        refunded_amount=payment.refunded_amount,
        note=(payment.message if payment.status == PaymentStatus.REVIEW else result.message)[:300],
    )
    rows.insert(entry)
