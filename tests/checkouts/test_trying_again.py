"""A declined card, and everything a shopper may do before the next try."""

import pytest

from carts.states import CartStatus
from catalog.models import DiscountRedemption, Reservation
from checkouts import services
from checkouts.states import CheckoutStatus
from common.errors import ErrorCode
from orders.models import Order, OrderNumber
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import expiry
from payments import services as payments
from payments.gateways.base import GatewayResult, Outcome
from payments.models import Payment, TestCharge
from payments.states import PaymentStatus
from tests.checkouts.shopping import (
    SHIPPING,
    SHIRT,
    checkout_of,
    deliver_events,
    let_order_run_out,
    pay,
    ready_session,
    refused,
    shelf,
)
from tests.factories import LARGE_BLUE_ID, MEDIUM_BLUE_ID, SHIRT_ID


def declined(session) -> Order:
    with refused(ErrorCode.PAYMENT_DECLINED):
        pay(session, "tok_chargeDeclined")
    return Order.objects.get()


@pytest.mark.usefixtures("small_shop")
class TestAfterADecline:
    def test_the_checkout_is_open_the_pieces_are_held_and_nothing_is_accepted(self):
        session = ready_session()
        order = declined(session)
        assert checkout_of(session).status == CheckoutStatus.ACTIVE
        assert (order.status, order.number) == (OrderStatus.PENDING, None)
        assert shelf() == (10, 2)
        assert not OutboxEvent.objects.filter(name="order.accepted").exists()

    def test_a_good_card_pays_the_same_order_once(self):
        session = ready_session()
        first = declined(session)
        done = pay(session)
        assert (done.order.pk, done.order.status) == (first.pk, OrderStatus.ACCEPTED)
        assert [payment.status for payment in first.payments.all()] == [PaymentStatus.CAPTURED, PaymentStatus.DECLINED]
        assert shelf() == (8, 0)
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1
        assert OrderNumber.objects.get().last == 1

    def test_the_next_try_takes_its_own_hold_over(self):
        session = ready_session(pieces=10)
        declined(session)
        assert pay(session).order.status == OrderStatus.ACCEPTED
        assert shelf() == (0, 0)

    def test_the_own_hold_does_not_stand_in_the_way_of_more_pieces(self):
        session = ready_session(pieces=6)
        declined(session)
        services.add_item(session, product_id=SHIRT_ID, variant_id=MEDIUM_BLUE_ID, quantity=4)
        pay(session)
        assert shelf() == (0, 0)

    def test_a_changed_basket_rewrites_the_order_and_moves_the_hold(self):
        session = ready_session(pieces=3)
        first = declined(session)
        services.change_item(session, product_id=SHIRT_ID, variant_id=LARGE_BLUE_ID, quantity=5)
        done = pay(session)
        assert done.order.pk == first.pk
        assert [(line.variant_id, line.quantity) for line in first.lines.all()] == [(LARGE_BLUE_ID, 5)]
        assert done.order.total_amount == done.order.captured_amount == 5 * SHIRT + SHIPPING
        assert (shelf(MEDIUM_BLUE_ID), shelf(LARGE_BLUE_ID)) == ((10, 0), (5, 0))
        assert dict(Reservation.objects.values_list("stock_id", "status")) == {
            MEDIUM_BLUE_ID: "released",
            LARGE_BLUE_ID: "committed",
        }

    def test_a_smaller_basket_gives_back_what_it_no_longer_wants(self):
        session = ready_session(pieces=9)
        declined(session)
        services.change_item(session, product_id=SHIRT_ID, quantity=1)
        declined(session)
        assert shelf() == (10, 1)

    def test_a_code_put_in_between_lowers_what_is_charged(self):
        session = ready_session()
        declined(session)
        services.apply_discount(session, "summer25")
        assert pay(session).payment.captured_amount == 4998 - 1250 + SHIPPING

    def test_a_code_that_can_be_used_once_is_still_the_own_one(self):
        session = ready_session(code="ONCE")
        declined(session)
        assert services.find(session).discount_refusal == ""
        assert pay(session).order.discount_amount == 500
        assert DiscountRedemption.objects.count() == 1

    def test_a_code_taken_out_in_between_is_free_for_somebody_else(self, small_shop):
        session = ready_session(code="ONCE")
        declined(session)
        services.remove_discount(session)
        pay(session)
        small_shop.once.refresh_from_db()
        assert small_shop.once.used_count == 0
        assert pay(ready_session(code="ONCE")).order.discount_amount == 500


@pytest.mark.usefixtures("small_shop")
class TestWhenTheUnpaidOrderRanOutMeanwhile:
    """The session slides with each click, the unpaid order does not: it may be canceled under an active shopper."""

    def test_the_shopper_can_still_buy(self):
        session = ready_session(code="ONCE")
        order = declined(session)
        let_order_run_out(order.pk)
        assert expiry.cancel_expired() == 1
        assert shelf() == (10, 0)
        done = pay(session)
        assert (done.order.pk, done.order.status) == (order.pk, OrderStatus.ACCEPTED)
        assert done.order.canceled_at is None
        assert shelf() == (8, 0)
        assert DiscountRedemption.objects.count() == 1

    def test_it_can_run_out_a_second_time(self):
        session = ready_session()
        order = declined(session)
        for _ in range(2):
            let_order_run_out(order.pk)
            assert expiry.cancel_expired() == 1
            assert shelf() == (10, 0)
            declined(session)
        assert shelf() == (10, 2)

    def test_money_that_came_late_for_the_canceled_order_buys_it_and_is_never_written_over(self):
        session = ready_session()
        order = declined(session)
        let_order_run_out(order.pk)
        expiry.cancel_expired()
        payment = order.payments.get()
        late = GatewayResult(Outcome.CAPTURED, payment.gateway_reference, payment.amount, "USD", payment.amount)
        payments.apply_result(payment.pk, late, heard_from="webhook")
        with refused(ErrorCode.CHECKOUT_COMPLETED):
            pay(session)
        order.refresh_from_db()
        assert (order.status, order.captured_amount) == (OrderStatus.ACCEPTED, payment.amount)


@pytest.mark.usefixtures("small_shop")
def test_five_declines_leave_one_order_one_hold_and_five_attempts():
    session = ready_session(pieces=3)
    for _ in range(5):
        declined(session)
    assert Payment.objects.count() == TestCharge.objects.count() == 5
    assert shelf() == (10, 3)
    assert checkout_of(session).cart.status == CartStatus.ACTIVE


@pytest.mark.usefixtures("small_shop")
def test_an_open_checkout_whose_order_is_paid_on_its_own_page_is_completed():
    session = ready_session()
    with refused(ErrorCode.PAYMENT_DECLINED):
        pay(session, "tok_chargeDeclined")
    payments.pay_order(checkout_of(session).order_id, provider="stripe", instrument="tok_visa")
    deliver_events()
    assert checkout_of(session).status == CheckoutStatus.COMPLETED
