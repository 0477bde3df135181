"""How an order stands, for its page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.text import slugify

from catalog.pictures import picture_url
from checkouts.models import Checkout
from checkouts.pages.shop import local
from checkouts.states import LIVE
from orders.models import Order, OrderLine
from orders.states import OrderStatus
from payments.models import Payment
from payments.staff_word import NOT_OURS
from payments.states import OPEN, REFUSED, PaymentStatus


@dataclass(frozen=True)
class Standing:
    """How an order stands for the one who bought: which words the page uses, and what can be done next."""

    order: Order
    payment: Payment | None
    checkout_is_open: bool  # a decline at the checkout: the next try is made there

    @property
    def word(self) -> str:
        """confirmed, canceled, refunded, declined, returned, waiting, checking, review, partly or unpaid: each has a
        paragraph."""
        order, payment = self.order, self.payment
        if order.status == OrderStatus.CANCELED:
            return "canceled"
        if order.status == OrderStatus.ACCEPTED:
            return (
                "refunded" if order.refunded_amount and order.refunded_amount == order.captured_amount else "confirmed"
            )
        if payment is None:
            return "unpaid"
        if payment.status in REFUSED:
            return "declined"
        if order.takes_parts and payment.status == PaymentStatus.CAPTURED:
            return "partly"
        if payment.is_returned:
            return "returned"
        return {PaymentStatus.REQUIRES_ACTION: "waiting", PaymentStatus.REVIEW: "review"}.get(
            PaymentStatus(payment.status), "checking"
        )

    @property
    def nothing_was_taken(self) -> bool:
        """Of a payment that came to nothing. What staff found not to be ours may have been taken all the same."""
        return self.word == "declined" and self.payment is not None and self.payment.decline_code != NOT_OURS

    @property
    def is_checking(self) -> bool:
        return self.word == "checking" and self.payment is not None and self.payment.status in OPEN

    @property
    def can_pay(self) -> bool:
        in_time = self.order.expires_at > timezone.now()
        return self.word in {"declined", "returned"} and in_time and not self.checkout_is_open

    @property
    def can_change_way(self) -> bool:
        """The payment waits for an approval that the shopper may not want to give, and there is time for another."""
        return bool(self.action_path) and self.order.expires_at > timezone.now()

    @property
    def action_path(self) -> str:
        return local(self.payment.action_url) if self.payment and self.word == "waiting" else ""


@dataclass(frozen=True)
class AgreedLine:
    """A line of the order as it was agreed, with a picture of such a thing."""

    line: OrderLine

    @property
    def picture(self) -> str:
        return picture_url(slugify(self.line.product_name) or "product", self.line.variant_name)


def standing_of(order: Order) -> Standing:
    is_open = order.status == OrderStatus.PENDING and Checkout.objects.filter(order=order, status__in=LIVE).exists()
    return Standing(order, order.payments.first(), is_open)
