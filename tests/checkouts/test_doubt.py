"""Answers that come late, never, twice or by another way: one order, one charge, and a checkout that follows."""

from uuid import UUID

import pytest

from checkouts import completion, services
from checkouts.states import CheckoutStatus
from common.errors import ErrorCode
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import expiry, reconcile
from payments import services as payments
from payments.gateways.base import GatewayResult, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, TestCharge
from payments.states import PaymentStatus
from tests.checkouts.shopping import (
    checkout_of,
    deliver_events,
    its_time_has_come,
    let_order_run_out,
    pay,
    ready_session,
    refused,
    shelf,
)
from tests.factories import SHIRT_ID

pytestmark = pytest.mark.usefixtures("small_shop")


def settle(payment: Payment) -> Payment:
    its_time_has_come(payment)
    assert reconcile.settle_doubtful() == 1
    deliver_events()
    payment.refresh_from_db()
    return payment


class Killed(BaseException):
    """The process ends here."""


class TestAnAnswerThatWasLost:
    def test_it_was_taken_and_the_reconciler_finds_out(self):
        session = ready_session()
        done = pay(session, "tok_late")
        assert (done.payment.status, done.order.status) == (PaymentStatus.PROCESSING, OrderStatus.PENDING)
        assert checkout_of(session).status == CheckoutStatus.COMPLETED
        with refused(ErrorCode.CHECKOUT_COMPLETED):
            pay(session)
        payment = settle(done.payment)
        assert (payment.status, payment.order.status) == (PaymentStatus.CAPTURED, OrderStatus.ACCEPTED)
        assert TestCharge.objects.get().captured_amount == payment.captured_amount == payment.order.captured_amount
        assert shelf() == (8, 0)

    def test_it_was_declined_and_the_order_takes_the_next_try(self):
        done = pay(ready_session(), "tok_lateDeclined")
        assert settle(done.payment).status == PaymentStatus.DECLINED
        next_try = payments.pay_order(done.order.pk, provider="stripe", instrument="tok_visa")
        assert (next_try.status, next_try.order.status) == (PaymentStatus.CAPTURED, OrderStatus.ACCEPTED)

    def test_while_in_doubt_no_second_try_is_begun(self):
        done = pay(ready_session(), "tok_late")
        with refused(ErrorCode.PAYMENT_IN_PROGRESS):
            payments.pay_order(done.order.pk, provider="stripe", instrument="tok_visa")

    def test_while_in_doubt_the_order_is_not_canceled_and_keeps_its_pieces(self):
        done = pay(ready_session(), "tok_late")
        let_order_run_out(done.order.pk)
        assert expiry.cancel_expired() == 0
        assert shelf() == (10, 2)
        assert settle(done.payment).order.status == OrderStatus.ACCEPTED


class TestARequestThatNeverArrived:
    def test_it_is_asked_for_again_under_the_same_key_while_the_order_can_be_paid(self):
        done = pay(ready_session(), "tok_lost")
        Payment.objects.update(instrument="tok_visa")  # the line is open again
        assert settle(done.payment).status == PaymentStatus.CAPTURED
        assert TestCharge.objects.get().key == done.payment.idempotency_key

    def test_it_stays_in_doubt_while_the_line_is_dead(self):
        done = pay(ready_session(), "tok_lost")
        for _ in range(3):
            assert settle(done.payment).status == PaymentStatus.PROCESSING

    def test_after_the_orders_time_it_has_come_to_nothing_and_the_pieces_are_free(self):
        done = pay(ready_session(), "tok_lost")
        let_order_run_out(done.order.pk)
        assert expiry.cancel_expired() == 0
        assert settle(done.payment).status == PaymentStatus.DECLINED
        assert expiry.cancel_expired() == 1
        assert shelf() == (10, 0)

    def test_it_is_never_charged_after_the_orders_time(self):
        done = pay(ready_session(), "tok_lost")
        Payment.objects.update(instrument="tok_visa")
        let_order_run_out(done.order.pk)
        settle(done.payment)
        assert not TestCharge.objects.exists()


class TestAProcessThatDiesWhileTheGatewayIsAsked:
    def crash(self, monkeypatch, *, after_the_call: bool) -> UUID:
        real = payments.charge

        def dies(payment):
            if after_the_call:
                real(payment)
            raise Killed

        session = ready_session()
        with monkeypatch.context() as patch:
            patch.setattr(payments, "charge", dies)
            with pytest.raises(Killed):
                pay(session, request_id="request-1")
        assert checkout_of(session).status == CheckoutStatus.PAYING
        return session

    @pytest.mark.parametrize("after_the_call", [True, False])
    def test_the_reconciler_finishes_what_it_began_with_one_charge(self, monkeypatch, after_the_call):
        session = self.crash(monkeypatch, after_the_call=after_the_call)
        with refused(ErrorCode.PAYMENT_IN_PROGRESS):
            pay(session)
        payment = settle(Payment.objects.get())
        assert (payment.status, payment.order.status) == (PaymentStatus.CAPTURED, OrderStatus.ACCEPTED)
        assert checkout_of(session).status == CheckoutStatus.COMPLETED
        assert TestCharge.objects.count() == 1

    def test_the_repeat_of_its_request_is_answered_with_the_order(self, monkeypatch):
        session = self.crash(monkeypatch, after_the_call=True)
        settle(Payment.objects.get())
        assert pay(session, request_id="request-1").order.pk == Order.objects.get().pk

    def test_nobody_asks_about_a_call_that_may_still_be_under_way(self, monkeypatch):
        self.crash(monkeypatch, after_the_call=True)
        assert reconcile.settle_doubtful() == 0

    def test_following_twice_changes_nothing_more(self, monkeypatch):
        session = self.crash(monkeypatch, after_the_call=True)
        settle(Payment.objects.get())
        completed_at = checkout_of(session).completed_at
        completion.follow(checkout_of(session).source)
        assert checkout_of(session).completed_at == completed_at
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1

    def test_a_decline_found_out_later_opens_the_checkout_again(self, monkeypatch):
        session = self.crash(monkeypatch, after_the_call=False)
        Payment.objects.update(instrument="tok_chargeDeclined")
        settle(Payment.objects.get())
        assert checkout_of(session).status == CheckoutStatus.ACTIVE
        assert pay(session).order.status == OrderStatus.ACCEPTED


class TestAYesThatComesAfterTheNo:
    def late_yes(self, payment: Payment) -> Payment:
        said = GatewayResult(Outcome.CAPTURED, payment.gateway_reference, payment.amount, "USD", payment.amount)
        settled = payments.apply_result(payment.pk, said, heard_from="webhook")
        deliver_events()
        return settled

    def test_it_buys_the_basket_and_completes_the_open_checkout(self):
        session = ready_session()
        with refused(ErrorCode.PAYMENT_DECLINED):
            pay(session, "tok_chargeDeclined")
        assert self.late_yes(Payment.objects.get()).order.status == OrderStatus.ACCEPTED
        assert checkout_of(session).status == CheckoutStatus.COMPLETED
        with refused(ErrorCode.CHECKOUT_COMPLETED):
            pay(session)

    def test_it_does_not_buy_a_dearer_basket_than_it_was_asked_for(self):
        session = ready_session(pieces=1)
        with refused(ErrorCode.PAYMENT_DECLINED):
            pay(session, "tok_chargeDeclined")
        cheap = Payment.objects.get()
        services.change_item(session, product_id=SHIRT_ID, quantity=9)
        with refused(ErrorCode.PAYMENT_DECLINED):
            pay(session, "tok_chargeDeclined")
        settled = self.late_yes(cheap)
        assert settled.status == PaymentStatus.CAPTURED
        assert settled.order.status == OrderStatus.PENDING
        assert settled.order.captured_amount == cheap.amount < settled.order.total_amount
        assert shelf() == (10, 9)


@pytest.mark.django_db(transaction=True)
def test_an_answer_said_twice_changes_nothing_more():
    done = pay(ready_session(), "tok_twice")
    deliver_events()
    done.order.refresh_from_db()
    assert done.order.captured_amount == done.order.total_amount
    assert OutboxEvent.objects.filter(name="order.accepted").count() == 1
    assert not OutboxEvent.objects.filter(name="payment.settled").exists()
    assert TestGateway().look_up(reference=done.payment.gateway_reference, key="").captured_amount


def test_a_payment_the_gateway_has_forgotten_is_never_charged_a_second_time(monkeypatch):
    """Its keys are another account's now, or it let the payment lapse: asking again would make a second one."""
    payment = pay(ready_session(), "tok_threeDSecureRequired").payment
    monkeypatch.setattr(TestGateway, "look_up", lambda *_, **__: GatewayResult(outcome=Outcome.UNKNOWN))
    charged = []
    monkeypatch.setattr(TestGateway, "purchase", lambda _, request: charged.append(request))
    assert reconcile.look_up(payment.pk).status == PaymentStatus.DECLINED
    assert charged == []
