"""What an order's payments come to, and money that turns out not to be the order's.

Money is the order's as far as it is needed to pay it. All else is surplus and goes back by itself
(`payments.refunds.give_back`): a second success on one order, what is above the total, a yes that comes when the
order was canceled and its goods are gone, a yes to an earlier basket that does not buy the present one, what came for
an order before another one took its place.

Where several payments may pay an order (`Order.takes_parts`), what came so far is the order's while it waits for the
rest. Money in review is not counted there: it may be somebody else's. What went back before all of it had come is no
part any more.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import BigIntegerField, F, Sum

from common import changes
from common.prepared import Given, Prepared
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from outbox import services as outbox
from payments.models import Payment
from payments.states import ACCEPTED, PaymentStatus

SURPLUS_EVENT = "payment.surplus"  # money came that has no order: it is to be given back
PART_PAID_EVENT = "order.part_paid"  # a part of its money came, and the rest is still to be paid

_OTHERS = Prepared[tuple[int, int, int, str]](
    lambda: (
        Payment.objects.filter(order_id=Given("order", BigIntegerField()))
        .exclude(pk=Given("id", BigIntegerField()))
        .values_list("captured_amount", "refunded_amount", "surplus_amount", "status")
    )
)


def tell_order(payment: Payment, now: datetime, *, is_returned: bool = False) -> None:
    """The order's sums are those of all its payments; this one's row is in memory, the others are asked for.

    Needs the order's row lock. May accept the order, or take up a canceled one again; with `is_returned`, by decision
    of staff, neither: all of the payment goes back, unless it has paid the order already.
    """
    order, others = payment.order, _OTHERS.rows(order=payment.order_id, id=payment.pk)
    captured, refunded, surplus = (
        sum(amounts) for amounts in zip((0, 0, 0), *(row[:3] for row in others), strict=True)
    )
    if order.takes_parts and order.status == OrderStatus.PENDING:
        _let_go_of_what_went_back(payment)
    counted = [row for row in others if not order.takes_parts or row[3] == PaymentStatus.CAPTURED]
    kept_of_others = sum(row[0] - row[2] for row in counted)
    is_good = payment.status in ACCEPTED and not payment.surplus_amount and not is_returned
    # A late yes to an earlier, smaller basket does not buy the one the order says now.
    is_covered = kept_of_others + _worth_of(payment) >= order.total_amount
    orders.apply_payment(
        order,
        captured_amount=captured + payment.captured_amount,
        refunded_amount=refunded + payment.refunded_amount,
        is_accepted=is_good and is_covered,
        # Money that somebody has sent back meanwhile brings no canceled order back.
        may_take_up_again=is_good and not payment.refunded_amount,
        now=now,
    )
    if payment.status == PaymentStatus.CAPTURED and not payment.refunded_amount:
        _tell_part(payment)
    if order.surplus_amount < surplus + payment.surplus_amount:
        orders.note_surplus(order, surplus + payment.surplus_amount)
    found = _surplus_of(payment, kept_of_others)
    if is_returned and order.status != OrderStatus.ACCEPTED:
        found = payment.captured_amount
    if found > payment.surplus_amount:
        _note(payment, found)
        orders.note_surplus(order, surplus + found)


def _tell_part(payment: Payment) -> None:
    """Once a payment, where there is somebody to tell; what pays the order in full is told by its confirmation."""
    order = payment.order
    if order.takes_parts and order.email and order.status == OrderStatus.PENDING:
        key = f"{PART_PAID_EVENT}:{order.pk}:{payment.pk}"
        outbox.record(PART_PAID_EVENT, {"order": order.pk, "payment": payment.pk}, key=key)


def _worth_of(payment: Payment) -> int:
    """What came, or is held for us: of an authorized payment all can still be taken."""
    return payment.captured_amount if payment.status == PaymentStatus.CAPTURED else payment.amount


def _surplus_of(payment: Payment, kept_of_others: int) -> int:
    """How much of the payment the order has no use for. Money in review is for a person to judge."""
    if payment.status != PaymentStatus.CAPTURED:
        return 0
    order = payment.order
    has_use = order.status == OrderStatus.ACCEPTED or (order.takes_parts and order.status == OrderStatus.PENDING)
    needed = max(order.total_amount - kept_of_others, 0) if has_use else 0
    return max(payment.captured_amount - needed, 0)


def _let_go_of_what_went_back(payment: Payment) -> None:
    """Nobody is told: it is on its way already."""
    if payment.refunded_amount > payment.surplus_amount:
        payment.surplus_amount = payment.refunded_amount
        payment.save(update_fields=["surplus_amount"])


def let_go(order: Order) -> None:
    """Another order took this one's place: all that came for it goes back. Needs the order's row lock."""
    captured = order.payments.filter(status=PaymentStatus.CAPTURED, surplus_amount__lt=F("captured_amount"))
    for payment in captured.select_for_update(no_key=True).order_by("pk"):
        _note(payment, payment.captured_amount)
        changes.note_order(order.pk)
    surplus = order.payments.aggregate(sum=Sum("surplus_amount"))["sum"] or 0
    orders.note_surplus(order, surplus)


def _note(payment: Payment, surplus_amount: int) -> None:
    """Never taken back: from here on somebody may be paying the money out."""
    payment.surplus_amount = surplus_amount
    payment.save(update_fields=["surplus_amount"])
    outbox.record(SURPLUS_EVENT, {"payment": payment.pk}, key=f"{SURPLUS_EVENT}:{payment.pk}:{payment.surplus_amount}")
