"""What staff reads before settling a payment in review: the amounts, and what each of the ways would do with them.

From what is known now: the gateway is asked again when somebody decides.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils.html import format_html_join
from unfold.forms import BaseDialogForm

from common.templatetags.shop import money
from orders.models import Order
from orders.states import OrderStatus
from payments import refunds
from payments.link_admin import dialog
from payments.models import Payment
from payments.states import PaymentStatus

_MOST_DIGITS = 18  # of an id
_ALL_WENT_BACK = "All of it went back before, or is on its way."


class SettlingForm(BaseDialogForm):
    """Asks for nothing but the press."""

    def __init__(self, *args: Any, does: Callable[[Payment], str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._does = does

    def render_before_template(self) -> str:
        payment = self._payment()
        if payment is None:
            return ""
        lines = (payment.message, self._does(payment))
        return format_html_join("", '<p class="mb-4">{}</p>', ((line,) for line in lines))

    def _payment(self) -> Payment | None:
        """None where there is nothing to settle (any more)."""
        number = str(self.object_id or "")
        is_id = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
        in_review = Payment.objects.select_related("order").filter(status=PaymentStatus.REVIEW)
        return in_review.filter(pk=int(number)).first() if is_id else None


def asks(title: str, description: str, does: Callable[[Payment], str]) -> Any:
    return {**dialog(title, description), "form_class": partial(SettlingForm, does=does)}


# --- what each would do ---------------------------------------------------------------------------
def what_taking_it_does(payment: Payment) -> str:
    if not payment.captured_amount:
        return _not_possible(payment)
    order = payment.order
    return _sentence(order, order.total_amount - order.kept_amount)


def what_paying_it_back_does(payment: Payment) -> str:
    if not payment.captured_amount:
        return _not_possible(payment)
    left = refunds.rest_of(payment)
    return f"{money(left, payment.currency)} goes back." if left else _ALL_WENT_BACK


def what_disowning_it_does(payment: Payment) -> str:
    left = refunds.rest_of(payment)
    if payment.captured_amount and not left:
        return _ALL_WENT_BACK
    stays = money(left, payment.currency) if left else "Whatever was taken"
    return f"{stays} stays at the gateway until somebody pays it back there."


def _not_possible(payment: Payment) -> str:
    return f"Not possible: nothing was captured in {payment.currency}."


def _sentence(order: Order, owed: int) -> str:
    """`owed` minor units with this payment counted; less than nothing where it is more than the order needs."""
    rest = f" {money(-owed, order.currency)} more than it needs goes back." if owed < 0 else ""
    if owed > 0 and order.takes_parts:
        return f"It counts as a part; {money(owed, order.currency)} are still owed."
    if owed > 0 and order.status != OrderStatus.ACCEPTED:
        return f"It is {money(owed, order.currency)} too little for the order: all of it goes back."
    if order.status == OrderStatus.CANCELED:
        return f"The order is taken up again where its goods can still be had, else all of it goes back.{rest}"
    return f"It pays the order.{rest}"
