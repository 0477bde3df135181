"""What an order's payments come to, and money that turns out not to be the order's.

Money is the order's as far as it is needed to pay it. All else is surplus and goes back by itself
(`payments.refunds.give_back`): a second success on one order, what is above the total, a yes that comes when the
order was canceled and its goods are gone, a yes to an earlier basket that does not buy the present one.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import BigIntegerField

from common.prepared import Given, Prepared
from orders import services as orders
from orders.states import OrderStatus
from outbox import services as outbox
from payments.models import Payment
from payments.states import ACCEPTED, PaymentStatus

SURPLUS_EVENT = "payment.surplus"  # money came that has no order: it is to be given back

_SUMS_OF_OTHERS = Prepared[tuple[int, int, int]](
    lambda: (
        Payment.objects.filter(order_id=Given("order", BigIntegerField()))
        .exclude(pk=Given("id", BigIntegerField()))
        .values_list("captured_amount", "refunded_amount", "surplus_amount")
    )
)


def tell_order(payment: Payment, now: datetime) -> None:
    """The order's sums are those of all its payments; this one's row is in memory, the others are asked for.

    Needs the order's row lock. May accept the order, or take up a canceled one again.
    """
    order, others = payment.order, _SUMS_OF_OTHERS.rows(order=payment.order_id, id=payment.pk)
    captured, refunded, surplus = (sum(column) for column in zip((0, 0, 0), *others, strict=True))
    kept_of_others = captured - surplus
    # A late yes to an earlier, smaller basket does not buy the one the order says now.
    is_covered = kept_of_others + payment.amount >= order.total_amount
    orders.apply_payment(
        order,
        captured_amount=captured + payment.captured_amount,
        refunded_amount=refunded + payment.refunded_amount,
        is_accepted=payment.status in ACCEPTED and is_covered and not payment.surplus_amount,
        # Money that somebody has sent back meanwhile brings no canceled order back.
        may_take_up_again=not payment.refunded_amount,
        now=now,
    )
    found = _surplus_of(payment, kept_of_others)
    if found > payment.surplus_amount:
        _note(payment, found)
        orders.note_surplus(order, surplus + found)


def _surplus_of(payment: Payment, kept_of_others: int) -> int:
    """How much of the payment the order has no use for. Money in review is for a person to judge."""
    if payment.status != PaymentStatus.CAPTURED:
        return 0
    order = payment.order
    needed = max(order.total_amount - kept_of_others, 0) if order.status == OrderStatus.ACCEPTED else 0
    return max(payment.captured_amount - needed, 0)


def _note(payment: Payment, surplus_amount: int) -> None:
    """Never taken back: from here on somebody may be paying the money out."""
    payment.surplus_amount = surplus_amount
    payment.save(update_fields=["surplus_amount"])
    outbox.record(SURPLUS_EVENT, {"payment": payment.pk}, key=f"{SURPLUS_EVENT}:{payment.pk}:{payment.surplus_amount}")
