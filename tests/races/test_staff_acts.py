"""Staff who press at the same moment, each other's buttons and their own twice: it is done once, and said once."""

from __future__ import annotations

import time
from threading import Barrier

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import User
from carts.models import Cart
from catalog.models import Stock
from checkouts.drafts import DraftOrder
from dashboard import acts
from orders import fulfilment
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import refunds
from payments import services as payments
from payments.models import Payment, PaymentLink, Refund, TestCharge
from payments.states import PaymentStatus
from tests.dashboard.pressed import deliver, held_for
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID, STANDARD_ID
from tests.payments.builders import TOTAL, make_order
from tests.races.crowd import is_postgres, tally, together

A_MOMENT = 0.05
PATIENCE = 30.0  # seconds until the other is called stuck


@pytest.fixture
def staff(ten_shirts) -> User:
    return User.objects.create(username="kim", is_staff=True)


@pytest.fixture
def paid(staff) -> Order:
    return payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order


def on_hand() -> int:
    return Stock.objects.get(variant_id=MEDIUM_BLUE_ID).on_hand


def cancel(order: Order, staff: User, wish: str = "1") -> bool:
    return acts.cancel(order.pk, pays_back=True, reason="x", wish=wish, by=staff)[1]


def test_one_press_of_refund_ten_times_is_one_refund_and_one_word_of_it(paid, staff):
    together(8, lambda _: acts.refund(paid.pk, amount=1000, reason="x", wish="one", by=staff))
    assert (Refund.objects.count(), TestCharge.objects.get().refunded_amount) == (1, 1000)
    assert LogEntry.objects.count() == 1


def test_many_who_cancel_cancel_it_once(paid, staff):
    answers = together(8, lambda number: cancel(paid, staff, str(number)))
    deliver()
    refunds.settle_refunds()
    assert sum(answer is True for answer in answers) == 1
    assert (on_hand(), TestCharge.objects.get().refunded_amount, LogEntry.objects.count()) == (10, TOTAL, 1)


def test_many_who_take_what_is_held_take_it_once(staff):
    payment = held_for(make_order())
    assert tally(together(8, lambda _: acts.capture(payment.pk, by=staff))) == {"done": 8}
    assert (len(TestCharge.objects.get().done_keys), LogEntry.objects.count()) == (1, 1)


def test_one_press_of_resend_ten_times_is_one_mail(paid, staff):
    answers = together(8, lambda _: acts.resend_confirmation(paid.pk, wish="one", by=staff))
    assert sum(answers) == 1
    assert OutboxEvent.objects.filter(name="order.confirmation_wanted").count() == LogEntry.objects.count() == 1


def test_one_press_of_draft_ten_times_is_one_cart(staff):
    draft = DraftOrder(pieces={"TS-BL-M": 2}, shipping_address=ADDRESS, shipping_method_id=STANDARD_ID, **CUSTOMER)
    together(6, lambda _: acts.draft_order(draft, wish="one", by=staff))
    assert (Cart.objects.count(), PaymentLink.objects.count(), LogEntry.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("_", range(5))
def test_an_order_that_is_canceled_and_sent_at_once_is_one_of_both(paid, staff, _):
    def act(number: int) -> bool:
        return cancel(paid, staff) if number else acts.ship(paid.pk, carrier="", tracking_number="", by=staff)

    together(2, act)
    order = Order.objects.get(pk=paid.pk)
    assert (order.status == OrderStatus.CANCELED) != (order.shipped_at is not None)
    assert on_hand() == (10 if order.status == OrderStatus.CANCELED else 8)
    assert TestCharge.objects.get().refunded_amount == (TOTAL if order.status == OrderStatus.CANCELED else 0)


@pytest.mark.parametrize("_", range(5))
def test_an_order_that_is_canceled_and_paid_at_once_keeps_nobodys_money(staff, _):
    order = make_order()

    def act(number: int) -> object:
        if number:
            return cancel(order, staff)
        return payments.pay_order(order.pk, provider="stripe", instrument="tok_visa")

    together(2, act)
    deliver()
    order.refresh_from_db()
    charged = sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())
    assert charged == (TOTAL if order.status == OrderStatus.ACCEPTED else 0)
    assert on_hand() == (8 if order.status == OrderStatus.ACCEPTED else 10)


@pytest.mark.parametrize("_", range(5))
def test_held_money_that_is_taken_and_let_go_of_by_canceling_at_once_is_nobodys(staff, _):
    order = make_order()
    payment = held_for(order)
    together(2, lambda number: cancel(order, staff) if number else acts.capture(payment.pk, by=staff))
    deliver()
    if Order.objects.get().status != OrderStatus.CANCELED:  # the money was taken first, and stands in the way
        cancel(order, staff, "again")
        deliver()
    charge, payment = TestCharge.objects.get(), Payment.objects.get()
    assert charge.captured_amount == charge.refunded_amount == payment.refunded_amount
    assert payment.status in {PaymentStatus.VOIDED, PaymentStatus.CAPTURED}


# --- the race itself ------------------------------------------------------------------------------
def test_without_the_orders_lock_one_is_canceled_and_sent(paid, staff, monkeypatch):
    if not is_postgres():
        pytest.skip("SQLite has one writer at a time")
    both_have_looked = Barrier(2)

    def looked_at(order_id: int) -> Order:
        order = Order.objects.get(pk=order_id)
        if not both_have_looked.broken and order.status == OrderStatus.ACCEPTED:
            time.sleep(A_MOMENT)
        return order

    monkeypatch.setattr(fulfilment, "locked", looked_at)

    def act(number: int) -> object:
        both_have_looked.wait(PATIENCE)
        return cancel(paid, staff) if number else acts.ship(paid.pk, carrier="", tracking_number="", by=staff)

    together(2, act)
    order = Order.objects.get(pk=paid.pk)
    assert (order.status, order.shipped_at is not None) == (OrderStatus.CANCELED, True)
