"""What we write to somebody about their money: a part that came, what went back, an order that was taken back.

Nobody is written to twice about the same: the last part is told by the confirmation, what goes back with a canceled
order by the mail that it is canceled.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext

from common import mails
from common.mails import Letter, Link
from common.templatetags.shop import moment, money
from orders import mails as order_mails
from orders.mails import Labeled
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments.models import Payment, PaymentLink, Refund
from payments.owed import Owed
from payments.refund_news import REVIEW, SURPLUS
from payments.staff_word import NOT_OURS
from payments.states import PaymentStatus, RefundStatus
from payments.sums import PART_PAID_EVENT

_WENT_ON = "the order went on meanwhile"


# --- sending --------------------------------------------------------------------------------------
def send_part_paid(event_id: int, order_id: int) -> str:
    """While the rest is still to come. A later part's mail tells this one's, too."""
    order = order_mails.with_lines(order_id)
    is_told_later = OutboxEvent.objects.filter(pk__gt=event_id, name=PART_PAID_EVENT, payload__order=order_id).exists()
    if is_told_later:
        return mails.left_out("the mail about a later part tells it")
    if order.status != OrderStatus.PENDING or not order.kept_amount:
        return mails.left_out("it was not paid in part any more")
    name = mails.message_id("part_paid", order.public_id.hex, str(order.kept_amount))
    return order_mails.send(order, lambda: part_paid(order, is_simulated=order_mails.is_simulated(order)), name)


def send_refunded(refund_id: int, *, amount: int) -> str:
    """`refund_id`: the first of its request. `amount` in minor units, as it was when the last of them was settled."""
    refund = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if refund is None:  # it was another one's double, and that one is told
        return mails.left_out("another refund's mail tells it")
    order = order_mails.with_lines(refund.payment.order_id)
    name = mails.message_id("refunded", refund.public_id.hex, str(amount))

    def write() -> Letter:
        why, is_simulated = _why_back(order, refund.request_key), order_mails.is_simulated(order)
        return refunded(order, amount, why=why, is_simulated=is_simulated)

    return order_mails.send(order, write, name)


def send_failed(event_id: int, payment_id: int) -> str:
    """Of a payment that was in doubt or in review, to one who was told that we would write; they saw a quick no by
    themselves."""
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    order, was_looked_at = payment.order, payment.decline_code == NOT_OURS
    is_one_of_several = was_looked_at and order.takes_parts  # another part is no word on this one
    if not _stands(payment, PaymentStatus.DECLINED) or not (is_one_of_several or _is_the_newest(payment)):
        return mails.left_out(_WENT_ON)
    name = mails.message_id("payment_failed", payment.public_id.hex, str(event_id))

    def write() -> Letter:
        return not_matching(order) if was_looked_at else failed(order, payment.amount)

    return order_mails.send(order, write, name)


def send_in_review(event_id: int, payment_id: int) -> str:
    """While a person is still to decide: what came of it is told by a mail of its own."""
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    order = payment.order
    if not _stands(payment, PaymentStatus.REVIEW) or not _is_the_newest(payment):
        return mails.left_out(_WENT_ON)
    name = mails.message_id("payment_in_review", payment.public_id.hex, str(event_id))
    return order_mails.send(order, lambda: in_review(order, payment.amount), name)


def _stands(payment: Payment, status: PaymentStatus) -> bool:
    return (payment.order.status, payment.status) == (OrderStatus.PENDING, status)


def _is_the_newest(payment: Payment) -> bool:
    return payment.order.payments.first() == payment


def send_canceled(order_id: int) -> str:
    order = order_mails.with_lines(order_id)
    written_before = Refund.objects.filter(payment__order=order, created_at__lt=order.canceled_at or order.updated_at)
    before = written_before.exclude(status=RefundStatus.REFUSED)  # each is news of its own, settled or not
    goes_back = order.captured_amount - sum(before.values_list("amount", flat=True))
    name = mails.message_id("canceled", order.public_id.hex)
    return order_mails.send(
        order, lambda: canceled(order, goes_back, is_simulated=order_mails.is_simulated(order)), name
    )


# --- what they say --------------------------------------------------------------------------------
def part_paid(order: Order, *, is_simulated: bool = False) -> Letter:
    sums = {"paid": money(order.kept_amount, order.currency), "due": money(order.due_amount, order.currency)}
    return Letter(
        subject=gettext("A part of your order at %(shop)s is paid") % order_mails.named(order),
        title=gettext("A part of your order is paid"),
        paragraphs=(gettext("%(paid)s have arrived, %(due)s are still to be paid.") % sums, *_demo(is_simulated)),
        rows=order_mails.rows_of(order),
        sums=(
            *order_mails.sums_of(order),
            (gettext("Paid"), sums["paid"]),
            (gettext("Still to be paid"), sums["due"]),
        ),
        button=order_mails.button_to(order),
    )


def failed(order: Order, amount: int) -> Letter:
    said = {"amount": money(amount, order.currency), "shop": settings.SHOP_NAME}
    known = gettext("We had no clear answer at first, and have it now.")
    no_money = gettext("Nothing was charged.")
    return _of_unpaid(
        order,
        gettext("Your payment of %(amount)s to %(shop)s did not go through") % said,
        gettext("The payment did not go through"),
        f"{known} {no_money}",
        gettext("The page of your order shows until when it is kept, and how it can be paid."),
    )


def not_matching(order: Order) -> Letter:
    """Staff settled that it is not this order's. It may have been taken all the same: nothing here denies that."""
    looked = gettext("One of us has looked at it: what arrived was not the payment for this order.")
    taken = gettext("If money was taken for it, please answer this mail.")
    return _of_unpaid(
        order,
        gettext("Your order at %(shop)s is not paid yet") % order_mails.named(order),
        gettext("Your payment did not pay this order"),
        f"{looked} {taken}",
        gettext("The page of your order shows until when it is kept, and how it can be paid."),
    )


def in_review(order: Order, amount: int) -> Letter:
    said = {"amount": money(amount, order.currency), "shop": settings.SHOP_NAME}
    why = gettext("What arrived is not what we asked for, so one of us looks at it and decides.")
    wait = gettext("Please do not pay again: we write as soon as it is settled.")
    return _of_unpaid(
        order,
        gettext("We are looking at your payment of %(amount)s to %(shop)s") % said,
        gettext("We are looking at your payment"),
        f"{why} {wait}",
    )


def _of_unpaid(order: Order, subject: str, title: str, *paragraphs: str) -> Letter:
    """With what was ordered, and the way to its page."""
    return Letter(
        subject=subject,
        title=title,
        paragraphs=paragraphs,
        rows=order_mails.rows_of(order),
        sums=order_mails.sums_of(order),
        button=order_mails.button_to(order),
    )


def refunded(order: Order, amount: int, *, why: str = "", is_simulated: bool = False) -> Letter:
    """`why`: "" for what staff sent back for reasons of their own."""
    said = {"amount": money(amount, order.currency), "shop": settings.SHOP_NAME}
    return Letter(
        subject=gettext("%(shop)s has paid back %(amount)s") % said,
        title=gettext("We have paid back %(amount)s") % said,
        paragraphs=(
            *filter(None, [why]),
            _and_days(gettext("%(amount)s went back to where it came from.") % said),
            *_demo(is_simulated),
        ),
        sums=_paid_and_back(order),
        facts=_number(order),
        button=order_mails.button_to(order),
    )


def _why_back(order: Order, request_key: str) -> str:
    is_surplus = request_key.startswith(f"{SURPLUS}:")
    if request_key.startswith(REVIEW) or (is_surplus and order.status == OrderStatus.PENDING):
        return gettext("It was not what we asked for, so it does not pay your order.")
    if not is_surplus:
        return ""
    if order.status == OrderStatus.ACCEPTED:
        return gettext("It was more than your order needs. The order stands as it is.")
    return gettext("It was paid for an order that could not be completed any more.")


def canceled(order: Order, goes_back: int, *, is_simulated: bool = False) -> Letter:
    """`goes_back` in minor units: what was paid and had not gone back before."""
    amount = {"amount": money(goes_back or order.captured_amount, order.currency)}
    if goes_back > 0:
        told = _and_days(gettext("What you paid goes back to where it came from: %(amount)s.") % amount)
    elif order.captured_amount:
        told = gettext("What you paid went back: %(amount)s.") % amount
    else:
        told = gettext("Nothing was charged.")
    return Letter(
        subject=gettext("Your order %(number)s at %(shop)s was canceled") % order_mails.named(order),
        title=gettext("This order was canceled"),
        paragraphs=(gettext("Order %(number)s") % order_mails.named(order), told, *_demo(is_simulated)),
        rows=order_mails.rows_of(order),
        sums=order_mails.sums_of(order),
        button=order_mails.button_to(order),
    )


def asked_to_pay(owed: Owed, link: PaymentLink, url: str) -> Letter:
    """Of a link that is open. `url`: where it is paid."""
    said = {"amount": money(owed.due_amount, owed.currency), "shop": settings.SHOP_NAME}
    pay = gettext("Pay %(amount)s") % said
    asks = gettext("%(shop)s asks you to pay for the things below.")
    until = gettext("This link is good until %(time)s and can be paid once.")
    return Letter(
        subject=gettext("Your payment of %(amount)s to %(shop)s") % said,
        title=pay,
        paragraphs=(f"{asks % said} {until % {'time': moment(link.expires_at)}}",),
        rows=tuple(
            mails.Row(
                line.name,
                line.detail,
                line.quantity,
                money(line.unit_amount, owed.currency),
                money(line.amount, owed.currency),
            )
            for line in owed.lines
        ),
        sums=_owed_sums(owed),
        button=Link(pay, url),
        small_print=gettext("Whoever has this link can pay by it and see the order."),
    )


def _owed_sums(owed: Owed) -> Labeled:
    totals = owed.totals
    parts = [
        (gettext("Items"), totals.items_amount, ""),
        (gettext("Discount"), totals.discount_amount, "−"),
        (gettext("Shipping"), totals.shipping_amount, ""),
        (gettext("Tax"), totals.tax_amount, ""),
        (gettext("Paid already"), owed.paid_amount, "−"),
    ]
    shown = [(label, f"{sign}{money(amount, owed.currency)}") for label, amount, sign in parts if amount]
    return (*(shown if len(shown) > 1 else ()), (gettext("To pay"), money(owed.due_amount, owed.currency)))


def _paid_and_back(order: Order) -> Labeled:
    return (
        (gettext("Paid"), money(order.captured_amount, order.currency)),
        (gettext("Paid back"), money(order.refunded_amount, order.currency)),
    )


def _number(order: Order) -> Labeled:
    return ((gettext("Order number"), order.number),) if order.number else ()


def _and_days(sentence: str) -> str:
    takes_days = gettext("It can take some days until you see it there.")
    return f"{sentence} {takes_days}"


def _demo(is_simulated: bool) -> list[str]:
    return [gettext("This is a demonstration: the payment was simulated, no money moved.")] if is_simulated else []
