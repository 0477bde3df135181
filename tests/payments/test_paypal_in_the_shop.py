"""A guest pays by PayPal through the guest API, without webhooks: one order, one capture, however the answers come."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.test import Client

from demo import catalog
from orders.models import Order
from orders.states import OrderStatus
from payments import expiry, reconcile
from payments import services as payments
from payments.models import Payment
from payments.states import PaymentStatus
from tests.checkouts.api.conftest import Guest
from tests.checkouts.shopping import deliver_events, its_time_has_come, let_order_run_out
from tests.races.crowd import together
from tests.standins.faults import Fault

BY_PAYPAL = {"payment_provider": "paypal", "payment_data": {}, "redirect_url": "https://example.com/thanks"}
TOTAL = Decimal("55.97")


@pytest.fixture
def guest(db, paypal) -> Guest:  # noqa: ARG001 - the settings lead to the stand-in
    catalog.load()
    return Guest().ready()


@pytest.fixture
def waiting(guest, paypal) -> Payment:
    """The order is placed; the payer is at PayPal."""
    answer = guest.complete(BY_PAYPAL)
    assert answer.status_code == 201, answer.content
    return Payment.objects.get()


def address(paypal, name: str) -> str:
    """Where PayPal sends the shopper back to, on our own host."""
    create = paypal.asked_for("/v2/checkout/orders", "POST")[0]
    parts = urlsplit(create.json["payment_source"]["paypal"]["experience_context"][name])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def come_back(paypal, name: str = "return_url"):
    answer = Client().get(address(paypal, name))
    deliver_events()
    return answer


def standing() -> tuple[str, str, int]:
    """(the order's status, its last payment's status, what it has got): there is one order."""
    order = Order.objects.get()
    return order.status, order.payments.latest("id").status, order.captured_amount


PAID = (OrderStatus.ACCEPTED, PaymentStatus.CAPTURED, 5597)


def test_the_caller_is_told_where_the_shopper_approves(guest):
    answer = guest.complete(BY_PAYPAL).json()
    payment = Payment.objects.get()
    assert answer["action_required"] is True
    assert answer["redirect_url"] == f"https://www.sandbox.paypal.com/checkoutnow?token={payment.gateway_reference}"
    assert (payment.gateway, payment.status) == ("paypal", PaymentStatus.REQUIRES_ACTION)


def test_an_approval_is_captured_when_the_shopper_comes_back(paypal, waiting):
    paypal.approve(waiting.gateway_reference)
    answer = come_back(paypal)
    assert (answer.status_code, answer["Location"]) == (302, "https://example.com/thanks")
    assert standing() == PAID
    assert paypal.moved(waiting.gateway_reference) == TOTAL


def test_coming_back_again_and_again_captures_once(paypal, waiting):
    paypal.approve(waiting.gateway_reference)
    for _ in range(3):
        come_back(paypal)
    reconcile.settle_doubtful()
    assert (standing(), paypal.captured()) == (PAID, 1)


def test_a_closed_tab_is_settled_by_the_reconciler(paypal, waiting):
    paypal.approve(waiting.gateway_reference)
    its_time_has_come(waiting)
    assert reconcile.settle_doubtful() == 1
    assert (standing(), paypal.captured()) == (PAID, 1)


def test_coming_back_too_early_changes_nothing(paypal, waiting):
    come_back(paypal)
    assert standing() == (OrderStatus.PENDING, PaymentStatus.REQUIRES_ACTION, 0)
    paypal.approve(waiting.gateway_reference)
    come_back(paypal)
    assert standing() == PAID


class TestANo:
    def test_the_shopper_who_cancels_may_pay_otherwise_at_once(self, paypal, waiting):
        come_back(paypal, "cancel_url")
        assert standing() == (OrderStatus.PENDING, PaymentStatus.VOIDED, 0)
        assert b"You did not approve it" in Client().get(address(paypal, "return_url").partition("/return")[0]).content
        paid = payments.pay_order(waiting.order_id, provider="stripe", instrument="tok_visa")
        assert paid.status == PaymentStatus.CAPTURED

    def test_what_was_given_up_is_never_taken_though_it_is_approved_later(self, paypal, waiting):
        come_back(paypal, "cancel_url")
        paypal.approve(waiting.gateway_reference)
        come_back(paypal)
        reconcile.settle_doubtful()
        assert standing() == (OrderStatus.PENDING, PaymentStatus.VOIDED, 0)
        assert paypal.captured() == 0

    def test_canceled_in_one_tab_and_approved_in_another_is_a_yes(self, paypal, waiting):
        paypal.approve(waiting.gateway_reference)
        come_back(paypal, "cancel_url")
        assert (standing(), paypal.captured()) == (PAID, 1)

    def test_a_declined_instrument_leaves_the_order_for_the_next_try(self, paypal, waiting):
        paypal.approve(waiting.gateway_reference, declines="INSTRUMENT_DECLINED")
        come_back(paypal)
        assert standing() == (OrderStatus.PENDING, PaymentStatus.DECLINED, 0)
        again = payments.pay_order(waiting.order_id, provider="paypal", instrument="")
        assert again.gateway_reference != waiting.gateway_reference
        paypal.approve(again.gateway_reference)
        reconcile.look_up(again.pk)
        assert (standing(), paypal.captured()) == (PAID, 1)

    def test_not_approved_in_time_is_canceled_and_nothing_taken(self, paypal, waiting):
        let_order_run_out(waiting.order_id)
        assert expiry.cancel_expired() == 1
        paypal.approve(waiting.gateway_reference)
        come_back(paypal)
        assert standing() == (OrderStatus.CANCELED, PaymentStatus.VOIDED, 0)
        assert paypal.captured() == 0

    def test_approved_after_the_orders_time_is_not_taken(self, paypal, waiting):
        let_order_run_out(waiting.order_id)
        paypal.approve(waiting.gateway_reference)
        assert expiry.cancel_expired() == 1
        assert standing() == (OrderStatus.CANCELED, PaymentStatus.DECLINED, 0)
        assert paypal.captured() == 0

    def test_a_currency_that_paypal_does_not_take_is_a_422_and_the_checkout_stays_open(
        self, guest, paypal, monkeypatch
    ):
        monkeypatch.setattr("tests.standins.paypal_books.TAKES", {"EUR"})
        answer = guest.complete(BY_PAYPAL)
        assert answer.status_code == 422, answer.content


class TestAnAnswerThatIsLost:
    @pytest.mark.parametrize("fault", [Fault.BREAK_BEFORE, Fault.BREAK_AFTER, Fault.ERROR_500, Fault.HANG_AFTER])
    def test_of_the_create_leaves_one_paypal_order(self, guest, paypal, fault):
        paypal.fail(fault, method="POST", path="/v2/checkout/orders", times=3)
        assert guest.complete(BY_PAYPAL).json()["data"]["payment_status"] == "processing"
        paypal.mend()
        payment = Payment.objects.get()
        its_time_has_come(payment)
        reconcile.settle_doubtful()
        payment.refresh_from_db()
        assert payment.status == PaymentStatus.REQUIRES_ACTION
        assert list(paypal.orders) == [payment.gateway_reference]

    @pytest.mark.parametrize("fault", [Fault.BREAK_BEFORE, Fault.BREAK_AFTER, Fault.ERROR_500, Fault.HANG_AFTER])
    def test_of_the_capture_is_settled_by_the_reconciler(self, paypal, waiting, fault):
        reference = waiting.gateway_reference
        paypal.approve(reference)
        paypal.fail(fault, path=f"/v2/checkout/orders/{reference}/capture", times=3)
        come_back(paypal)
        assert standing() == (OrderStatus.PENDING, PaymentStatus.REQUIRES_ACTION, 0)
        paypal.mend()
        its_time_has_come(waiting)
        reconcile.settle_doubtful()
        assert (standing(), paypal.captured(), paypal.moved(reference)) == (PAID, 1, TOTAL)

    def test_after_the_orders_time_money_taken_is_found(self, paypal, waiting):
        reference = waiting.gateway_reference
        paypal.approve(reference)
        paypal.fail(Fault.BREAK_AFTER, path=f"/v2/checkout/orders/{reference}/capture", times=3)
        come_back(paypal)
        paypal.mend()
        let_order_run_out(waiting.order_id)
        expiry.cancel_expired()
        assert standing() == PAID


def test_a_pending_capture_waits_for_paypal(paypal, waiting):
    paypal.approve(waiting.gateway_reference, pends=True)
    come_back(paypal)
    assert standing() == (OrderStatus.PENDING, PaymentStatus.PROCESSING, 0)
    paypal.settle_pending(waiting.gateway_reference, "COMPLETED")
    its_time_has_come(waiting)
    reconcile.settle_doubtful()
    assert standing() == PAID


@pytest.mark.django_db(transaction=True)
def test_returns_and_the_reconciler_at_once_capture_once(transactional_db, paypal):  # noqa: ARG001
    catalog.load()
    guest = Guest().ready()
    assert guest.complete(BY_PAYPAL).status_code == 201
    payment = Payment.objects.get()
    where = address(paypal, "return_url")
    paypal.approve(payment.gateway_reference)
    its_time_has_come(payment)

    def one(number: int) -> object:
        return reconcile.settle_doubtful() if number % 3 == 0 else Client().get(where).status_code

    together(6, one)
    deliver_events()
    assert (standing(), paypal.captured(), paypal.moved(payment.gateway_reference)) == (PAID, 1, TOTAL)
