"""One shopper who clicks twice, or has two tabs open: everything said is done once, and nothing said is lost."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from carts.models import CartLine
from catalog.models import Reservation
from checkouts import services
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.errors import ErrorCode
from orders.models import Order
from outbox.models import OutboxEvent
from payments import expiry
from payments import services as payments
from payments.gateways.base import GatewayResult, Outcome
from payments.models import Payment, TestCharge
from tests.checkouts.shopping import (
    SHIPPING,
    checkout_of,
    pay,
    ready_session,
    refused,
    session_of,
    shelf,
)
from tests.factories import ADDRESS, CUSTOMER, LARGE_BLUE_ID, MEDIUM_BLUE_ID, SHIRT_ID, STANDARD_ID
from tests.races.crowd import tally, together

CLICKS = 10
CLEAR = {"done", ErrorCode.CHECKOUT_COMPLETED, ErrorCode.PAYMENT_IN_PROGRESS}

pytestmark = pytest.mark.usefixtures("ten_shirts")


def one_more(session, variant_id=MEDIUM_BLUE_ID, quantity=1):
    return services.add_item(session, product_id=SHIRT_ID, variant_id=variant_id, quantity=quantity)


class TestCompletingTenTimesAtOnce:
    def test_is_one_order_one_charge_and_clear_refusals(self):
        session = ready_session()
        answers = tally(together(CLICKS, lambda _: pay(session)))
        assert answers["done"] == 1
        assert set(answers) <= CLEAR
        assert Order.objects.count() == Payment.objects.count() == TestCharge.objects.count() == 1
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1
        assert shelf() == (8, 0)

    def test_with_one_request_id_every_answer_is_the_same_order(self):
        session = ready_session()
        answers = together(CLICKS, lambda _: pay(session, request_id="request-1"))
        orders = {answer.order.pk for answer in answers if not isinstance(answer, str)}
        assert orders == {Order.objects.get().pk}
        assert set(tally(answers)) <= {"done", ErrorCode.PAYMENT_IN_PROGRESS}
        assert TestCharge.objects.count() == 1

    def test_declined_cards_never_pay_and_never_hold_twice(self):
        session = ready_session()
        answers = tally(together(CLICKS, lambda _: pay(session, "tok_chargeDeclined")))
        assert set(answers) <= {ErrorCode.PAYMENT_DECLINED, ErrorCode.PAYMENT_IN_PROGRESS}
        assert answers[ErrorCode.PAYMENT_DECLINED] == Payment.objects.count() == TestCharge.objects.count()
        assert (Order.objects.count(), Reservation.objects.count(), shelf()) == (1, 1, (10, 2))

    def test_after_a_decline_too(self):
        session = ready_session()
        with refused(ErrorCode.PAYMENT_DECLINED):
            pay(session, "tok_chargeDeclined")
        answers = tally(together(CLICKS, lambda _: pay(session)))
        assert answers["done"] == 1
        assert set(answers) <= CLEAR
        assert TestCharge.objects.filter(captured_amount__gt=0).count() == 1


class TestAddingAtOnce:
    def test_ten_times_one_piece_are_ten_pieces_on_one_line(self):
        session = session_of(one_more(None))
        answers = tally(together(9, lambda _: one_more(session)))
        assert answers == {"done": 9}
        assert CartLine.objects.get().quantity == 10

    def test_two_sizes_are_two_lines(self):
        session = session_of(one_more(None))
        together(8, lambda number: one_more(session, (MEDIUM_BLUE_ID, LARGE_BLUE_ID)[number % 2]))
        assert dict(CartLine.objects.values_list("variant_id", "quantity")) == {MEDIUM_BLUE_ID: 5, LARGE_BLUE_ID: 4}

    def test_more_than_there_are_is_refused_and_never_in_the_cart(self):
        session = session_of(one_more(None))
        answers = tally(together(12, lambda _: one_more(session)))
        assert answers == {"done": 9, ErrorCode.NOT_ENOUGH_STOCK: 3}
        assert CartLine.objects.get().quantity == 10

    def test_on_a_session_that_ran_out_one_new_checkout_holds_all(self):
        session = session_of(one_more(None))
        Checkout.objects.update(expires_at=timezone.now())
        answers = tally(together(8, lambda _: one_more(session)))
        assert answers == {"done": 8}
        assert Checkout.objects.count() == 2
        assert services.find(session).lines[0].quantity == 8

    def test_opening_a_session_that_ran_out_is_one_new_checkout(self):
        session = session_of(one_more(None))
        Checkout.objects.update(expires_at=timezone.now())
        views = together(8, lambda _: services.find_or_begin(session))
        assert len({view.checkout.pk for view in views}) == 1
        assert Checkout.objects.filter(status=CheckoutStatus.ACTIVE).count() == 1

    def test_while_paying_every_piece_is_either_bought_or_refused(self):
        session = ready_session(pieces=1)

        def click(number):
            return pay(session) if number == 0 else one_more(session)

        answers = together(6, click)
        order = Order.objects.first()
        if order is None:  # pieces came first: the total was no longer the one that was shown
            assert answers[0] == ErrorCode.TOTAL_CHANGED
            return
        bought = sum(line.quantity for line in order.lines.all())
        assert order.total_amount == order.captured_amount == bought * 2499 + SHIPPING
        assert shelf() == (10 - bought, 0)


class TestDifferentThingsAtOnce:
    def test_nothing_that_was_given_is_lost(self):
        session = session_of(one_more(None))
        steps = [
            lambda: services.set_customer(session, **CUSTOMER),
            lambda: services.set_shipping_address(session, ADDRESS),
            lambda: services.set_shipping_method(session, STANDARD_ID),
            lambda: services.apply_discount(session, "SUMMER25"),
            lambda: one_more(session),
        ]
        assert tally(together(5, lambda number: steps[number]())) == {"done": 5}
        view = services.find(session)
        assert view.totals.total_amount == 4998 - 1250 + SHIPPING
        assert pay(session).order.discount_amount == 1250

    @pytest.mark.parametrize(
        ("choose", "total"),
        [
            (lambda session: services.apply_discount(session, "SUMMER25"), 4998 - 1250),
            (lambda session: services.set_shipping_method(session, STANDARD_ID), 4998 + SHIPPING),
        ],
        ids=["code", "shipping method"],
    )
    def test_an_answer_that_waited_for_anothers_choice_counts_it(self, choose, total):
        session = session_of(one_more(None))

        def wait_for_the_choice():
            try:
                return one_more(session)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                choose(session)
                waiting = pool.submit(wait_for_the_choice)
                sleep(0.3)
            assert waiting.result().totals.total_amount == total


class TestAnswersAtOnce:
    def test_ten_webhooks_and_the_answer_settle_one_payment_once(self):
        session = ready_session()
        done = pay(session, "tok_late")
        payment = done.payment
        said = GatewayResult(Outcome.CAPTURED, "test_x", payment.amount, "USD", payment.amount)
        ways = ["answer", *["webhook"] * 10]
        answers = together(11, lambda number: payments.apply_result(payment.pk, said, heard_from=ways[number]))
        assert {settled.status for settled in answers} == {"captured"}
        done.order.refresh_from_db()
        assert done.order.captured_amount == done.order.total_amount
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1
        assert shelf() == (8, 0)

    def test_paying_the_order_ten_times_at_once_charges_once(self):
        session = ready_session()
        with refused(ErrorCode.PAYMENT_DECLINED):
            pay(session, "tok_chargeDeclined")
        order_id = checkout_of(session).order_id
        answers = tally(
            together(CLICKS, lambda _: payments.pay_order(order_id, provider="stripe", instrument="tok_visa"))
        )
        assert answers["done"] == 1
        assert set(answers) <= {"done", ErrorCode.PAYMENT_IN_PROGRESS, ErrorCode.ORDER_NOT_PAYABLE}
        assert TestCharge.objects.filter(captured_amount__gt=0).count() == 1

    def test_canceling_and_paying_at_once_never_leaves_a_paid_order_canceled(self):
        sessions = [ready_session(pieces=1) for _ in range(3)]
        for session in sessions:
            with refused(ErrorCode.PAYMENT_DECLINED):
                pay(session, "tok_chargeDeclined")
        Order.objects.update(expires_at=timezone.now())
        together(4, lambda number: pay(sessions[number]) if number < 3 else expiry.cancel_expired())
        for order in Order.objects.all():
            assert (order.status == "accepted") == order.is_paid
        sold = Order.objects.filter(status="accepted").count()
        assert shelf() == (10 - sold, 0)
