"""Payments the shopper has to approve elsewhere (3-D Secure, MobilePay, PayPal): yes, no, and no answer in time."""

import pytest

from checkouts import completion
from checkouts.completion import PaymentChoice
from checkouts.states import CheckoutStatus
from common.errors import ErrorCode
from orders.states import OrderStatus
from payments import expiry, reconcile
from payments import services as payments
from payments.gateways.base import GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import TestCharge
from payments.states import PaymentStatus
from tests.checkouts.shopping import (
    checkout_of,
    its_time_has_come,
    let_order_run_out,
    pay,
    ready_session,
    refused,
    shelf,
    shopper_answers,
)

pytestmark = pytest.mark.usefixtures("small_shop")
CHOICES = [
    PaymentChoice("stripe", "tok_threeDSecureRequired"),
    PaymentChoice("mobilepay", "+4512345678"),
    PaymentChoice("paypal", ""),
]


@pytest.fixture
def waiting():
    done = pay(ready_session(), "tok_threeDSecureRequired")
    assert done.payment.status == PaymentStatus.REQUIRES_ACTION
    return done


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.provider)
def test_the_shopper_is_sent_on_and_a_yes_accepts_the_order(choice):
    session = ready_session()
    done = completion.complete(session, choice=choice)
    assert done.payment.gateway_reference in done.action_url
    assert (done.order.status, shelf()) == (OrderStatus.PENDING, (10, 2))
    assert checkout_of(session).status == CheckoutStatus.COMPLETED
    shopper_answers(done.payment, approves=True)
    done.order.refresh_from_db()
    assert (done.order.status, shelf()) == (OrderStatus.ACCEPTED, (8, 0))
    assert done.order.is_paid


def test_a_no_leaves_the_order_open_for_the_next_try(waiting):
    shopper_answers(waiting.payment, approves=False)
    waiting.payment.refresh_from_db()
    assert waiting.payment.decline_code == "canceled_by_shopper"
    paid = payments.pay_order(waiting.order.pk, provider="stripe", instrument="tok_visa")
    assert paid.order.status == OrderStatus.ACCEPTED
    with refused(ErrorCode.ORDER_NOT_PAYABLE):
        payments.pay_order(waiting.order.pk, provider="stripe", instrument="tok_visa")


def test_a_declined_next_try_is_no_error_and_can_be_tried_again(waiting):
    shopper_answers(waiting.payment, approves=False)
    tries = [
        payments.pay_order(waiting.order.pk, provider="stripe", instrument=token).status
        for token in ("tok_chargeDeclined", "tok_visa")
    ]
    assert tries == [PaymentStatus.DECLINED, PaymentStatus.CAPTURED]


def test_while_the_approval_is_awaited_no_second_try_is_begun(waiting):
    with refused(ErrorCode.PAYMENT_IN_PROGRESS):
        payments.pay_order(waiting.order.pk, provider="stripe", instrument="tok_visa")


def test_a_second_answer_of_the_shopper_changes_nothing(waiting):
    shopper_answers(waiting.payment, approves=True)
    shopper_answers(waiting.payment, approves=False)
    waiting.order.refresh_from_db()
    assert waiting.order.is_paid


def test_a_gateway_that_cannot_be_reached_leaves_the_payment_waiting_with_its_address(waiting, monkeypatch):
    def silent(*args, **kwargs):
        raise GatewayUnavailable("no route")

    monkeypatch.setattr(TestGateway, "look_up", silent)
    its_time_has_come(waiting.payment)
    reconcile.settle_doubtful()
    before = waiting.action_url
    waiting.payment.refresh_from_db()
    assert waiting.payment.status == PaymentStatus.REQUIRES_ACTION
    assert waiting.action_url == before != ""
    assert waiting.payment.ask_again_at is not None


class TestNotApprovedInTime:
    def test_it_is_voided_the_order_canceled_and_the_pieces_are_free(self, waiting):
        let_order_run_out(waiting.order.pk)
        assert expiry.cancel_expired() == 1
        waiting.payment.refresh_from_db()
        waiting.order.refresh_from_db()
        assert (waiting.payment.status, waiting.order.status) == (PaymentStatus.VOIDED, OrderStatus.CANCELED)
        assert TestCharge.objects.get().outcome == "voided"
        assert shelf() == (10, 0)
        assert expiry.cancel_expired() == 0

    def test_a_shopper_who_approved_at_the_last_moment_has_bought(self, waiting):
        TestGateway().answer_shopper(waiting.payment.gateway_reference, approves=True)
        let_order_run_out(waiting.order.pk)
        assert expiry.cancel_expired() == 0
        waiting.order.refresh_from_db()
        assert waiting.order.status == OrderStatus.ACCEPTED

    def test_an_order_past_its_time_takes_no_next_try(self, waiting):
        shopper_answers(waiting.payment, approves=False)
        let_order_run_out(waiting.order.pk)
        with refused(ErrorCode.ORDER_NOT_PAYABLE):
            payments.pay_order(waiting.order.pk, provider="stripe", instrument="tok_visa")

    def test_a_code_used_for_it_can_be_used_again(self, small_shop):
        done = pay(ready_session(code="ONCE"), "tok_threeDSecureRequired")
        let_order_run_out(done.order.pk)
        expiry.cancel_expired()
        assert pay(ready_session(code="ONCE")).order.discount_code == "ONCE"


def test_paying_on_the_orders_page_and_completing_again_at_once_is_refused_clearly(monkeypatch):
    """The declined try left the checkout open; while the order's own page asks the gateway, its basket must stand."""
    session = ready_session()
    with refused(ErrorCode.PAYMENT_DECLINED):
        pay(session, "tok_chargeDeclined")
    order_id = checkout_of(session).order_id
    real, seen = payments.charge, []

    def meanwhile(payment):
        monkeypatch.setattr(payments, "charge", real)
        with refused(ErrorCode.PAYMENT_IN_PROGRESS):
            pay(session)
        seen.append(payment)
        return real(payment)

    monkeypatch.setattr(payments, "charge", meanwhile)
    assert payments.pay_order(order_id, provider="stripe", instrument="tok_visa").status == PaymentStatus.CAPTURED
    assert len(seen) == 1


class TestAGatewayWhereTakingIsOurCall:
    """PayPal's manner: the shopper approves, then we capture."""

    @pytest.fixture
    def approved(self, waiting, monkeypatch):
        """The shopper has approved; captures are written down."""
        result = GatewayResult(outcome=Outcome.APPROVED, reference=waiting.payment.gateway_reference)
        monkeypatch.setattr(TestGateway, "look_up", lambda *_, **__: result)
        TestCharge.objects.update(outcome=Outcome.AUTHORIZED)
        return waiting.payment

    def test_an_approved_payment_is_captured_once(self, approved):
        reconcile.look_up(approved.pk)
        assert reconcile.look_up(approved.pk).status == PaymentStatus.CAPTURED
        assert TestCharge.objects.get().done_keys == [approved.idempotency_key.replace("_purchase", "_capture")]

    def test_what_is_approved_after_the_orders_time_is_not_taken(self, approved):
        let_order_run_out(approved.order_id)
        assert reconcile.look_up(approved.pk).status == PaymentStatus.DECLINED
        assert TestCharge.objects.get().captured_amount == 0
