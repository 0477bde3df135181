"""Money on its way: write the row, call the gateway outside any transaction, write the answer.

`apply_result` is the only place where money changes state. The gateway's answer, its webhook and our own asking all
end there, in any order, any number of times.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, F, Q
from django.utils import timezone

from common.errors import DomainError, ErrorCode
from common.prepared import Given, Prepared
from common.transactions import in_transaction
from orders import services as orders
from orders.links import token_of
from orders.models import Order
from orders.states import OrderStatus
from outbox import services as outbox
from payments.gateways import registry
from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.models import Payment, PaymentEntry
from payments.states import IN_DOUBT, OPEN, PAYMENT, REFUSED, PaymentStatus
from payments.sums import tell_order

logger = logging.getLogger(__name__)

SETTLED_EVENT = "payment.settled"  # a payment moved, and what hangs on it has yet to follow
FIRST_LOOK_AFTER = timedelta(seconds=180)  # longer than any gateway call: nobody asks about a call still under way

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
TOO_LATE = "too_late"  # not charged or not yet taken when the order's time was over
UNANSWERED = GatewayResult(outcome=Outcome.UNKNOWN)
IN_BROWSER = "in_browser"  # the instrument of a payment the shopper confirms with the gateway's own script


def open_payment(order: Order, *, provider: str, instrument: str, redirect_url: str = "") -> Payment:
    """A new attempt for what the order still owes, written before the gateway is asked, its key with it.

    Runs in the caller's transaction. Raises DomainError(PAYMENT_PROVIDER_UNKNOWN); IntegrityError when the order has
    an open payment already.
    """
    public_id = uuid.uuid4()
    return Payment.objects.create(
        public_id=public_id,
        order=order,
        provider=provider,
        gateway=registry.gateway_name_for(provider),
        idempotency_key=f"pay_{public_id.hex}_purchase",
        instrument=instrument,
        currency=order.currency,
        amount=order.due_amount,
        redirect_url=redirect_url,
        ask_again_at=timezone.now() + FIRST_LOOK_AFTER,
    )


def is_being_paid(order: Order) -> bool:
    """Whether an attempt is under way whose answer is not known. Needs the order's row lock to mean anything."""
    return order.payments.filter(status__in=OPEN).exists()


def charge(payment: Payment) -> GatewayResult:
    """Asks the gateway, under the payment's own key: asking again moves no more money.

    No clear answer comes back as UNKNOWN, a gateway that will not even try as DECLINED with its message.
    """
    must_not_hold_a_transaction()
    try:
        gateway = registry.gateway(payment.gateway)
        ask = gateway.prepare if payment.instrument == IN_BROWSER else gateway.purchase
        return ask(_request(payment))
    except GatewayUnavailable:
        return UNANSWERED
    except GatewayRefused as error:
        return _refused(payment, str(error))


def _refused(payment: Payment, message: str) -> GatewayResult:
    return GatewayResult(
        outcome=Outcome.DECLINED,
        decline_code=REFUSED_BY_GATEWAY,
        message=message,
        amount=payment.amount,
        currency=payment.currency,
    )


def pay_order(order_id: int, *, provider: str, instrument: str) -> Payment:
    """The next try for an order that still owes money, after a redirected payment came to nothing.

    Raises DomainError: ORDER_NOT_PAYABLE (paid, canceled or past its time), PAYMENT_IN_PROGRESS,
    PAYMENT_PROVIDER_UNKNOWN, BUSY. A decline is no error here: it is the returned payment's status.
    """
    payment = _open_next(order_id, provider, instrument)
    return apply_result(payment.pk, charge(payment), heard_from="answer")


@in_transaction
def _open_next(order_id: int, provider: str, instrument: str) -> Payment:
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    is_payable = order.status == OrderStatus.PENDING and order.expires_at > timezone.now() and order.due_amount
    if not is_payable:
        raise DomainError(ErrorCode.ORDER_NOT_PAYABLE)
    if _stands_in_the_way(order):
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    return open_payment(order, provider=provider, instrument=instrument)


def _stands_in_the_way(order: Order) -> bool:
    """Whether there is a payment that may still pay the order; money that goes back is none."""
    goes_back = Q(status=PaymentStatus.CAPTURED, surplus_amount=F("captured_amount"))
    return order.payments.exclude(status__in=REFUSED).exclude(goes_back).exists()


def _request(payment: Payment) -> ChargeRequest:
    return ChargeRequest(
        key=payment.idempotency_key,
        provider=payment.provider,
        amount=payment.amount,
        currency=payment.currency,
        instrument=payment.instrument,
        order_reference=payment.order.public_id.hex,
        return_url=f"{settings.BASE_URL}/orders/{token_of(payment.order)}/return",
    )


def must_not_hold_a_transaction() -> None:
    """A gateway call inside a transaction would hold its locks for as long as the gateway likes."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
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
def apply_result(payment_id: int, result: GatewayResult, *, heard_from: str, is_followed: bool = False) -> Payment:
    """What the gateway said becomes what we know. Late, doubled and reordered answers change nothing more.

    Locks the order, then the payment. `heard_from`: answer, look-up, webhook or staff. `is_followed`: the caller moves
    what hangs on the payment in this same transaction, nobody else need be told. Raises DomainError(BUSY).
    """
    payment = _locked_with_order(payment_id)
    before = payment.status
    now = timezone.now()
    _move(payment, result, now)
    _note(payment, result, heard_from=heard_from, before=before)
    if payment.status != before or result.refunded_amount or result.captured_amount:
        tell_order(payment, now)
    if payment.status != before and not is_followed:
        outbox.record(SETTLED_EVENT, {"payment": payment.pk, "source": payment.order.source})
    return payment


_WHAT_AN_ANSWER_CHANGES = (
    *("status", "gateway_reference", "captured_amount", "refunded_amount", "decline_code", "message", "action_url"),
    *("asked_at", "ask_again_at", "times_asked", "updated_at"),
)


def _move(payment: Payment, result: GatewayResult, now: datetime) -> None:
    # Silence tells nothing, save that the gateway has been asked: a payment that waits for its shopper goes on waiting.
    if result.outcome != Outcome.UNKNOWN or payment.status == PaymentStatus.CREATED:
        _believe(payment, result)
    _plan_next_look(payment, now)
    payment.save(update_fields=_WHAT_AN_ANSWER_CHANGES)


def _believe(payment: Payment, result: GatewayResult) -> None:
    differs = _differs(payment, result)
    target = PaymentStatus.REVIEW if differs else _STATUS_OF[result.outcome]
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
        payment.refunded_amount = max(payment.refunded_amount, result.refunded_amount)


def _difference(payment: Payment, result: GatewayResult) -> str:
    """For the person who decides. Minor units."""
    said = f"{result.amount} {result.currency}, captured {result.captured_amount}, refunded {result.refunded_amount}"
    return f"Asked for {payment.amount} {payment.currency}; the gateway says {said}."


def _differs(payment: Payment, result: GatewayResult) -> bool:
    """Money of another amount or currency than asked is never taken for an answer."""
    if result.outcome not in {Outcome.CAPTURED, Outcome.AUTHORIZED}:
        return False
    same = (result.amount, result.currency) == (payment.amount, payment.currency)
    return not same or result.captured_amount > payment.amount


def _plan_next_look(payment: Payment, now: datetime) -> None:
    delays = settings.RECONCILE_DELAYS_SECONDS
    payment.asked_at = now
    if payment.status in OPEN and delays:
        delay = delays[min(payment.times_asked, len(delays) - 1)]
        payment.ask_again_at = now + timedelta(seconds=delay)
        payment.times_asked += 1
    else:
        payment.ask_again_at = None


def _note(payment: Payment, result: GatewayResult, *, heard_from: str, before: str) -> None:
    PaymentEntry.objects.create(
        payment=payment,
        heard_from=heard_from,
        outcome=result.outcome,
        status_before=before,
        status_after=payment.status,
        captured_amount=payment.captured_amount,
        refunded_amount=payment.refunded_amount,
        note=(payment.message if payment.status == PaymentStatus.REVIEW else result.message)[:300],
    )


def look_up(payment_id: int, *, heard_from: str = "look-up") -> Payment:
    """Asks the gateway what became of a payment. One it never heard of is asked for again, under the same key, as
    long as its order may be paid; after that it has come to nothing.

    Raises DomainError(BUSY). A gateway that cannot be reached leaves the payment as it is, to be asked about later.
    """
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    if payment.status not in OPEN:
        return payment
    must_not_hold_a_transaction()
    try:
        result = registry.gateway(payment.gateway).look_up(
            reference=payment.gateway_reference, key=payment.idempotency_key
        )
    except GatewayUnavailable:
        result = UNANSWERED
    else:
        result = _next_step(payment, result)
    return apply_result(payment.pk, result, heard_from=heard_from)


def _next_step(payment: Payment, result: GatewayResult) -> GatewayResult:
    """What a look-up asks of us: to charge what never arrived, to take what the shopper has approved.

    Only as long as the order may be paid; after that nothing is charged or taken any more.
    """
    if result.outcome not in {Outcome.UNKNOWN, Outcome.APPROVED}:
        return result
    is_forgotten = result.outcome == Outcome.UNKNOWN and payment.gateway_reference
    order = payment.order
    if order.status != OrderStatus.PENDING or order.expires_at <= timezone.now():
        return GatewayResult(
            outcome=Outcome.DECLINED, decline_code=TOO_LATE, message="The order's time was over; nothing was taken."
        )
    if is_forgotten:  # it knew the payment once: asked for again it would be a second one
        return GatewayResult(outcome=Outcome.DECLINED, decline_code=TOO_LATE, message="The gateway let it lapse.")
    return charge(payment) if result.outcome == Outcome.UNKNOWN else _take(payment, result.reference)


def _take(payment: Payment, reference: str) -> GatewayResult:
    key = payment.idempotency_key.replace("_purchase", "_capture")
    try:
        return registry.gateway(payment.gateway).capture(reference, amount=payment.amount, key=key)
    except GatewayUnavailable:
        return UNANSWERED
    except GatewayRefused as error:
        return _refused(payment, str(error))


def settle_doubtful(*, limit: int = 100) -> int:
    """Asks about every payment whose time to be asked about has come. How many were asked about."""
    due = Payment.objects.filter(ask_again_at__lte=timezone.now()).order_by("ask_again_at").values_list("pk", flat=True)
    asked = 0
    for payment_id in due[:limit]:
        try:
            look_up(payment_id)
        except Exception:  # one payment's trouble must not keep the others waiting
            logger.exception("Payment %s could not be looked up.", payment_id)
            Payment.objects.filter(pk=payment_id).update(ask_again_at=timezone.now() + FIRST_LOOK_AFTER)
        asked += 1
    return asked


def cancel_unpaid(order_id: int) -> bool:
    """An order not paid in time comes to nothing: what waits at the gateway is voided first. True when it is canceled.

    An order with a payment in doubt stays until the doubt is settled, and one that has its time again stays as it is.
    """
    waiting = Payment.objects.filter(order_id=order_id, status=PaymentStatus.REQUIRES_ACTION)
    # Asked in one statement: an open payment keeps its order from being given more time.
    for payment in waiting.filter(order__status=OrderStatus.PENDING, order__expires_at__lte=timezone.now()):
        give_up(payment)
    return _cancel_if_nothing_open(order_id)


def give_up(payment: Payment) -> None:
    """The shopper comes back without having approved, or the time is over: what waits at the gateway is voided.

    One that was approved after all is looked up instead, and taken. Raises DomainError(BUSY).
    """
    must_not_hold_a_transaction()
    try:
        result = registry.gateway(payment.gateway).void(
            payment.gateway_reference, key=payment.idempotency_key.replace("_purchase", "_void")
        )
    except (GatewayUnavailable, GatewayRefused):
        look_up(payment.pk)  # perhaps the shopper has just approved it
        return
    apply_result(payment.pk, result, heard_from="answer")


@in_transaction
def _cancel_if_nothing_open(order_id: int) -> bool:
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    still_unpaid = order.status == OrderStatus.PENDING and order.expires_at <= timezone.now()
    if not still_unpaid or _stands_in_the_way(order):
        return False
    orders.cancel(order, now=timezone.now())
    return True


def cancel_expired(*, limit: int = 100) -> int:
    """Cancels unpaid orders past their time. How many were canceled."""
    due = Order.objects.filter(status=OrderStatus.PENDING, expires_at__lte=timezone.now()).order_by("expires_at")
    due = due.exclude(payments__status__in=(*IN_DOUBT, PaymentStatus.REVIEW))  # others are waiting behind these
    return sum(_cancel_or_leave(order_id) for order_id in due.values_list("pk", flat=True)[:limit])


def _cancel_or_leave(order_id: int) -> bool:
    try:
        return cancel_unpaid(order_id)
    except Exception:  # one order's trouble must not keep the others waiting
        logger.exception("Order %s could not be canceled.", order_id)
        return False
