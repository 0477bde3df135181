"""Money back: write the row and its key, call the gateway outside any transaction, write the answer.

    transaction 1     lock the order, see what is left of its payments, write what is to be paid back
    no transaction    ask the gateway
    transaction 2     the answer becomes the payment's (apply_result) and the refund's state

Whatever is repeated, cut off or answered late pays nothing twice: a row is asked for under its own key only, and it
counts as paid back from the moment it is written.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from common import changes
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders.models import Order
from payments import refund_news, services
from payments.gateways import registry
from payments.gateways.base import KEY_IS_GOOD_FOR, GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.models import Payment, Refund
from payments.paid_back import MADE_ELSEWHERE, plan_next_look
from payments.queries import money_without_order, refunds_on_their_way
from payments.refund_news import REVIEW, SURPLUS
from payments.states import ON_ITS_WAY, REFUND, RefundStatus

logger = logging.getLogger(__name__)

_NO_ANSWER = (Outcome.UNKNOWN, Outcome.PROCESSING)


def refund_order(
    order_id: int, *, amount: int | None = None, reason: str, request_key: str, created_by: str = ""
) -> list[Refund]:
    """Pays back `amount` (minor units), or all that is left, from the order's payments, the newest first.

    The same `request_key` again changes nothing more and is answered with the same rows; one still `asked` is pursued
    again. A refund that the gateway refuses is no error here: it is the returned row's status.
    Raises DomainError: ORDER_NOT_FOUND, INVALID_VALUE, REFUND_TOO_LARGE, IDEMPOTENCY_KEY_REUSED (for another amount),
    BUSY.
    """
    written, _ = write(order_id, amount=amount, reason=reason, request_key=request_key, created_by=created_by)
    return [pursue(refund) for refund in written]


def write_rest(payment: Payment, *, reason: str, request_key: str, created_by: str) -> Refund | None:
    """Writes that all that is left of one payment goes back, to go on with `pursue`. None where nothing is left.

    Runs in the caller's transaction and needs the order's row lock.
    """
    amount = rest_of(payment)
    return _new(payment, amount, request_key, reason, created_by) if amount else None


def rest_of(payment: Payment) -> int:
    """What can still be paid back of one payment, in minor units. Needs the order's row lock to mean anything."""
    return _left_of([payment]).get(payment, 0)


def pursue(refund: Refund) -> Refund:
    """Goes on with a written refund that is not settled: whatever is repeated pays nothing twice. Raises BUSY."""
    return _pursue(refund) if refund.status == RefundStatus.ASKED else refund


# --- transaction 1 --------------------------------------------------------------------------------
@in_transaction
def write(
    order_id: int, *, amount: int | None, reason: str, request_key: str, created_by: str
) -> tuple[list[Refund], bool]:
    """Writes what goes back, to go on with `pursue`, and says whether it is new: see `refund_order`."""
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise DomainError(ErrorCode.ORDER_NOT_FOUND)
    earlier = Refund.objects.filter(payment__order=order, request_key=request_key).order_by("id")
    if known := list(earlier.select_related("payment")):
        if amount not in {None, sum(refund.amount for refund in known)}:
            raise DomainError(ErrorCode.IDEMPOTENCY_KEY_REUSED)
        return known, False
    if amount is not None and amount <= 0:
        raise DomainError(ErrorCode.INVALID_VALUE, field="amount", reason="must be more than 0")
    left = _left_for_the_order(order.payments.filter(captured_amount__gt=0).order_by("-id"))
    wanted = sum(left.values()) if amount is None else amount
    if not 0 < wanted <= sum(left.values()):
        raise DomainError(ErrorCode.REFUND_TOO_LARGE, refundable=sum(left.values()), currency=order.currency)
    shares = _shares(left, wanted)
    return [_new(payment, share, request_key, reason, created_by) for payment, share in shares.items()], True


def left_of(order: Order) -> int:
    """What can still be paid back of an order, in minor units, without what goes back by itself. Needs the order's row
    lock to mean anything."""
    return sum(_left_for_the_order(order.payments.filter(captured_amount__gt=0)).values())


def _left_of(payments: Iterable[Payment]) -> dict[Payment, int]:
    """What can still be paid back of each payment. Needs the order's row lock to mean anything."""
    found = list(payments)
    on_its_way = refunds_on_their_way([payment.pk for payment in found])
    left = {payment: payment.refundable_amount - on_its_way.get(payment.pk, 0) for payment in found}
    return {payment: amount for payment, amount in left.items() if amount > 0}


def _left_for_the_order(payments: Iterable[Payment]) -> dict[Payment, int]:
    """The same without the surplus: that is the shopper's whatever is paid back of the order, and goes by itself."""
    left = _left_of(payments)
    of_order = _wanted_of_the_order([payment.pk for payment in left])
    reserved = {payment: payment.surplus_amount - _gone_as_surplus(payment, left, of_order) for payment in left}
    shares = {payment: amount - max(reserved[payment], 0) for payment, amount in left.items()}
    return {payment: amount for payment, amount in shares.items() if amount > 0}


def _gone_as_surplus(payment: Payment, left: dict[Payment, int], of_order: dict[int, int]) -> int:
    """What went back or is about to, less what somebody wanted back of the order."""
    return payment.captured_amount - left[payment] - of_order.get(payment.pk, 0)


def surplus_gone(payment: Payment) -> int:
    """How much of what is not its order's has come back to whoever paid, in minor units. A query where there is any."""
    if not payment.surplus_amount or not payment.refunded_amount:
        return 0
    done = wanted_of_orders(Refund.objects.filter(payment=payment, status=RefundStatus.DONE))
    of_order: int = done.aggregate(sum=Sum("amount"))["sum"] or 0
    return min(max(payment.refunded_amount - of_order, 0), payment.surplus_amount)


def _wanted_of_the_order(payment_ids: list[int]) -> dict[int, int]:
    """{payment id: minor units that somebody asked for and that were not refused}"""
    rows = wanted_of_orders(Refund.objects.filter(payment__in=payment_ids))
    return dict(rows.order_by().values_list("payment").annotate(Sum("amount")))


def wanted_of_orders(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    """Those that somebody asked for and that were not refused: they take nothing from a surplus."""
    by_itself = (
        Q(request_key__startswith=f"{SURPLUS}:") | Q(request_key__startswith=REVIEW) | Q(created_by=MADE_ELSEWHERE)
    )
    return refunds.exclude(status=RefundStatus.REFUSED).exclude(by_itself)


def _shares(left: dict[Payment, int], wanted: int) -> dict[Payment, int]:
    shares = {}
    for payment, amount in left.items():
        shares[payment] = min(amount, wanted)
        wanted -= shares[payment]
        if not wanted:
            break
    return shares


def _new(payment: Payment, amount: int, request_key: str, reason: str, created_by: str = "") -> Refund:
    public_id = uuid.uuid4()
    changes.note_order(payment.order_id)
    return Refund.objects.create(
        public_id=public_id,
        payment=payment,
        request_key=request_key,
        idempotency_key=f"refund_{public_id.hex}",
        amount=amount,
        reason=reason,
        created_by=created_by,
        ask_again_at=timezone.now() + services.FIRST_LOOK_AFTER,
    )


# --- asking, and transaction 2 --------------------------------------------------------------------
def _pursue(refund: Refund) -> Refund:
    """Asks for it; or only about it, where the gateway has it already, or may have forgotten its key."""
    is_new = not refund.gateway_reference and refund.created_at + KEY_IS_GOOD_FOR > timezone.now()
    return _ask(refund) if is_new else _look_up(refund)


def _ask(refund: Refund) -> Refund:
    """Asks the gateway under the refund's own key: asking again pays nothing more back."""
    services.must_not_hold_a_transaction()
    payment = refund.payment
    crash_point("refund written, gateway not asked")
    try:
        result = registry.gateway(payment.gateway).refund(
            payment.gateway_reference, amount=refund.amount, key=refund.idempotency_key
        )
    except GatewayUnavailable:
        return _wait(refund.pk)
    except GatewayRefused as error:
        return _refuse(refund.pk, str(error))
    crash_point("refund asked for, its answer not written")
    return _settle(refund.pk, result, heard_from="answer")


def _locked(refund_id: int) -> Refund:
    """Its order's row locked first, as everywhere, then its own."""
    order_id = Refund.objects.values_list("payment__order_id", flat=True).get(pk=refund_id)
    Order.objects.select_for_update(no_key=True).get(pk=order_id)
    return Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund_id)


@in_transaction
def _settle(refund_id: int, result: GatewayResult, *, heard_from: str) -> Refund:
    """The answer lists the refund under its key (`apply_result` takes that in), or its total has room for it."""
    refund = _locked(refund_id)
    payment = services.apply_result(refund.payment_id, result, heard_from=heard_from)
    refund.refresh_from_db()
    refund.payment = payment
    crash_point("refund known, not committed")
    if refund.status not in ON_ITS_WAY:
        return refund
    if result.outcome in _NO_ANSWER or not _is_in_the_total(refund):
        return _planned(refund)
    return _moved(refund, RefundStatus.DONE)


def _is_in_the_total(refund: Refund) -> bool:
    """The gateway's total has room for this one beside those that are done."""
    done = refund.payment.refunds.filter(status=RefundStatus.DONE).aggregate(sum=Sum("amount"))["sum"] or 0
    return refund.payment.refunded_amount >= done + refund.amount


@in_transaction
def _refuse(refund_id: int, message: str) -> Refund:
    refund = _locked(refund_id)
    is_open = refund.status == RefundStatus.ASKED and not refund.gateway_reference
    return _moved(refund, RefundStatus.REFUSED, message) if is_open else refund


@in_transaction
def _wait(refund_id: int) -> Refund:
    refund = _locked(refund_id)
    return _planned(refund) if refund.status == RefundStatus.ASKED else refund


def _moved(refund: Refund, target: RefundStatus, message: str = "") -> Refund:
    REFUND.check(refund.status, target)
    refund.status, refund.message, refund.ask_again_at = target, message[:300], None
    refund.save(update_fields=["status", "message", "ask_again_at", "updated_at"])
    changes.note_order(refund.payment.order_id)
    refund_news.note(refund)
    return refund


def _planned(refund: Refund) -> Refund:
    if refund.status == RefundStatus.ASKED:
        plan_next_look(refund)
        refund.save(update_fields=["ask_again_at", "times_asked", "updated_at"])
    return refund


# --- money that has no order ----------------------------------------------------------------------
def give_back(payment_id: int) -> Refund | None:
    """Pays back what of a payment its order has no use for. Harmless when repeated; None when nothing is left."""
    refund = _write_surplus(payment_id)
    return pursue(refund) if refund else None


@in_transaction
def _write_surplus(payment_id: int) -> Refund | None:
    order_id = Payment.objects.values_list("order_id", flat=True).get(pk=payment_id)
    Order.objects.select_for_update(no_key=True).get(pk=order_id)
    payment = Payment.objects.get(pk=payment_id)
    request_key = f"{SURPLUS}:{payment.surplus_amount}"  # more of it later is another refund
    known = payment.refunds.filter(request_key=request_key).select_related("payment").first()
    if known:
        return known
    own = payment.refunds.filter(request_key__startswith=f"{SURPLUS}:").exclude(status=RefundStatus.REFUSED)
    begun = own.aggregate(sum=Sum("amount"))["sum"] or 0
    amount = min(payment.surplus_amount - begun, _left_of([payment]).get(payment, 0))
    return _new(payment, amount, request_key, "Paid, but not for this order.") if amount > 0 else None


# --- the reconciler -------------------------------------------------------------------------------
def settle_refunds(*, limit: int = 100) -> int:
    """Asks about every refund whose time has come, and begins those that surplus money still lacks. How many."""
    due = Refund.objects.filter(ask_again_at__lte=timezone.now()).order_by("ask_again_at")
    asked = sum(_settle_one(refund) for refund in due.select_related("payment")[:limit])
    lacking = money_without_order().exclude(refunds__request_key__startswith=f"{SURPLUS}:").order_by("id")
    return asked + sum(_begin_one(payment_id) for payment_id in lacking.values_list("pk", flat=True)[:limit])


def _settle_one(refund: Refund) -> int:
    try:
        _pursue(refund)
    except Exception:  # one refund's trouble must not keep the others waiting
        logger.exception("Refund %s could not be settled.", refund.pk)
        Refund.objects.filter(pk=refund.pk).update(ask_again_at=timezone.now() + services.FIRST_LOOK_AFTER)
    return 1


def _begin_one(payment_id: int) -> int:
    try:
        return int(give_back(payment_id) is not None)
    except Exception:
        logger.exception("The surplus of payment %s could not be given back.", payment_id)
        return 0


def _look_up(refund: Refund) -> Refund:
    """What the gateway has tells; where it has nothing of it and the key is too old, a person has to."""
    payment = refund.payment
    services.must_not_hold_a_transaction()
    try:
        result = registry.gateway(payment.gateway).look_up(
            reference=payment.gateway_reference, key=payment.idempotency_key, since=payment.created_at
        )
    except GatewayUnavailable:
        return _wait(refund.pk)
    settled = _settle(refund.pk, result, heard_from="look-up")
    return _give_up(refund.pk) if settled.status == RefundStatus.ASKED else settled


@in_transaction
def _give_up(refund_id: int) -> Refund:
    refund = _locked(refund_id)
    if refund.status != RefundStatus.ASKED or refund.gateway_reference:
        return refund
    return _moved(refund, RefundStatus.UNKNOWN, "The gateway never said clearly. Look there before paying back again.")
