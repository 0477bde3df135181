"""Canceling an order on its page: its goods are back, its money goes back, and nothing of it twice."""

from __future__ import annotations

import re
import uuid

import pytest
from django.utils import timezone

from catalog.models import Reservation
from catalog.states import ReservationStatus
from common.templatetags.shop import money
from orders import fulfilment
from orders.models import Order
from orders.states import OrderStatus
from payments import holds, refunds
from payments import services as payments
from payments.gateways.base import GatewayRefused, GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, Refund, TestCharge
from payments.states import PaymentStatus, RefundStatus
from tests.dashboard.pressed import (
    address_of,
    after,
    deliver,
    has_button,
    held_for,
    noted,
    page,
    press,
    refused,
    shelf,
    words,
)
from tests.factories import PLENTY
from tests.payments.builders import CAPTURED, TOTAL

WHY = {"reason": "Ordered twice"}
AND_BACK = {**WHY, "pays_back": "on"}


def books() -> tuple[int, int]:
    """What the gateway has taken and paid back, in all."""
    charges = TestCharge.objects.values_list("captured_amount", "refunded_amount")
    return sum(taken for taken, _ in charges), sum(back for _, back in charges)


def test_what_leaves_the_dialog_is_not_called_as_the_act(admin_client, order):
    html = admin_client.get(address_of(order, "cancel")).content.decode()
    assert [name.strip() for name in re.findall(r"<button[^>]*>([^<]*)", html)] == ["Close", "Cancel this order"]


def test_an_unpaid_one_frees_its_goods(admin_client, order):
    assert shelf() == (PLENTY, 2)
    assert "The order is canceled." in after(admin_client, order, "cancel", **WHY)
    assert (order.status, shelf()) == (OrderStatus.CANCELED, (PLENTY, 0))


def test_a_paid_one_is_on_the_shelf_again_and_its_money_back(admin_client, paid):
    assert shelf() == (PLENTY - 2, 0)
    html = after(admin_client, paid, "cancel", **AND_BACK)
    assert "The order is canceled. $55.97 went back." in html
    assert (paid.status, shelf(), books()) == (OrderStatus.CANCELED, (PLENTY, 0), (TOTAL, TOTAL))
    assert Reservation.objects.get().status == ReservationStatus.RELEASED


def test_nothing_more_goes_back_when_the_outbox_has_done_its_work(admin_client, paid):
    after(admin_client, paid, "cancel", **AND_BACK)
    deliver()
    refunds.settle_refunds()
    assert (books(), Refund.objects.count(), shelf()) == ((TOTAL, TOTAL), 1, (PLENTY, 0))


def test_nobody_owes_anything_of_a_canceled_one(admin_client, order):
    assert f"Still owed {money(TOTAL, 'USD')}" in words(page(admin_client, order))
    assert "Still owed $0.00" in words(after(admin_client, order, "cancel", **WHY))


def test_nor_of_one_whose_money_never_was_its_own(admin_client, paid):
    Order.objects.update(surplus_amount=TOTAL)
    assert "Still owed $0.00" in words(after(admin_client, paid, "cancel", **AND_BACK))


def test_what_went_back_before_does_not_go_back_again(admin_client, paid):
    refunds.refund_order(paid.pk, amount=1000, reason="A scratch", request_key="1")
    after(admin_client, paid, "cancel", **AND_BACK)
    deliver()
    assert (books(), paid.refunded_amount) == ((TOTAL, TOTAL), TOTAL)


def test_a_paid_one_is_not_canceled_without_paying_back(admin_client, paid):
    html = refused(admin_client, paid, "cancel", **WHY)
    assert "$55.97 was paid for this order: cancel it with paying back." in html
    assert (paid.status, shelf(), books()) == (OrderStatus.ACCEPTED, (PLENTY - 2, 0), (TOTAL, 0))


def test_one_that_was_paid_back_needs_no_saying_so(admin_client, paid):
    refunds.refund_order(paid.pk, reason="Too small", request_key="1")
    after(admin_client, paid, "cancel", **WHY)
    assert (paid.status, books()) == (OrderStatus.CANCELED, (TOTAL, TOTAL))


def test_a_second_click_changes_nothing(admin_client, paid):
    key = {"request_key": str(uuid.uuid4())}
    after(admin_client, paid, "cancel", **AND_BACK, **key)
    assert "That was done already" in after(admin_client, paid, "cancel", **WHY, **key)
    assert (books(), shelf(), len(noted())) == ((TOTAL, TOTAL), (PLENTY, 0), 1)


def test_a_second_press_changes_nothing_either(admin_client, paid):
    after(admin_client, paid, "cancel", **AND_BACK)
    after(admin_client, paid, "cancel", **WHY)
    assert (Refund.objects.count(), shelf(), len(noted())) == (1, (PLENTY, 0), 1)


def test_who_did_it_and_why_is_on_the_timeline(admin_client, paid):
    html = after(admin_client, paid, "cancel", **AND_BACK)
    said = "Canceled: Ordered twice. Before: accepted. After: canceled, $55.97 goes back."
    assert noted() == [said]
    assert said in html


def test_money_that_is_held_is_let_go_of(admin_client, order):
    payment = held_for(order)
    after(admin_client, order, "cancel", **WHY)
    payment.refresh_from_db()
    assert (payment.status, order.status, books()) == (PaymentStatus.VOIDED, OrderStatus.CANCELED, (0, 0))


def test_held_money_whose_gateway_is_silent_is_let_go_of_by_the_outbox(admin_client, order, monkeypatch):
    payment = held_for(order)
    with monkeypatch.context() as silence:
        silence.setattr(TestGateway, "void", _silent)
        after(admin_client, order, "cancel", **WHY)
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.AUTHORIZED
    deliver()
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.VOIDED


def test_held_money_that_is_taken_at_that_moment_goes_back(admin_client, order):
    """The gateway decides who was first; whatever it took is nobody's."""
    payment = held_for(order)
    TestGateway().capture(payment.gateway_reference, amount=TOTAL, key="elsewhere")
    after(admin_client, order, "cancel", **WHY)
    deliver()
    assert books() == (TOTAL, TOTAL)


def test_one_that_waits_for_the_shopper_is_voided_first(admin_client, order):
    payment = payments.pay_order(order.pk, provider="stripe", instrument="tok_threeDSecureRequired")
    after(admin_client, order, "cancel", **WHY)
    payment.refresh_from_db()
    assert (payment.status, order.status) == (PaymentStatus.VOIDED, OrderStatus.CANCELED)


def test_one_that_the_shopper_has_just_approved_is_paid_and_not_canceled(admin_client, order):
    payment = payments.pay_order(order.pk, provider="stripe", instrument="tok_threeDSecureRequired")
    TestGateway().answer_shopper(payment.gateway_reference, approves=True)
    html = refused(admin_client, order, "cancel", **WHY)
    assert "was paid for this order" in html
    assert 'name="pays_back"' in html
    assert (order.status, books()) == (OrderStatus.ACCEPTED, (TOTAL, 0))


@pytest.mark.parametrize("status", [PaymentStatus.PROCESSING, PaymentStatus.CREATED, PaymentStatus.REVIEW])
def test_one_whose_money_is_in_doubt_stays(admin_client, order, status):
    payment = payments.open_payment(order, provider="stripe", instrument="tok_visa")
    Payment.objects.filter(pk=payment.pk).update(status=status)
    assert "Its outcome is not known yet." in refused(admin_client, order, "cancel", **WHY)
    assert (order.status, shelf()) == (OrderStatus.PENDING, (PLENTY, 2))


def test_one_that_is_on_its_way_stays(admin_client, paid):
    fulfilment.ship(paid.pk, carrier="", tracking_number="")
    assert "This order is on its way already." in refused(admin_client, paid, "cancel", **AND_BACK)
    assert (paid.status, books()) == (OrderStatus.ACCEPTED, (TOTAL, 0))
    assert not has_button(page(admin_client, paid), paid, "cancel")


def test_a_gateway_that_will_not_pay_back_leaves_its_money_among_what_needs_somebody(admin_client, paid, monkeypatch):
    def never(*args, **kwargs):
        raise GatewayRefused("The charge is too old.")

    monkeypatch.setattr(TestGateway, "refund", never)
    assert "The gateway would not pay back $55.97" in after(admin_client, paid, "cancel", **AND_BACK)
    deliver()
    payment = Payment.objects.get()
    assert (paid.status, payment.surplus_amount, payment.refunded_amount) == (OrderStatus.CANCELED, TOTAL, 0)
    assert "Money that did not go back" in admin_client.get("/admin/payments/payment/needs-you/").content.decode()


def test_a_worker_that_dies_before_it_asks_pays_back_all_the_same(admin_client, admin_user, paid, monkeypatch):
    from dashboard import acts

    monkeypatch.setattr(refunds, "pursue", lambda refund: refund)
    acts.cancel(paid.pk, pays_back=True, reason="x", wish="1", by=admin_user)
    monkeypatch.undo()
    assert books() == (TOTAL, 0)
    deliver()
    Refund.objects.filter(status=RefundStatus.ASKED).update(ask_again_at=timezone.now())
    refunds.settle_refunds()
    assert (books(), Refund.objects.count()) == ((TOTAL, TOTAL), 1)


def test_money_that_comes_for_it_later_goes_back(admin_client, order):
    payment = payments.open_payment(order, provider="stripe", instrument="tok_visa")
    payments.apply_result(payment.pk, payments.charge(payment), heard_from="answer")
    Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.DECLINED, captured_amount=0)
    order.refresh_from_db()
    type(order).objects.filter(pk=order.pk).update(captured_amount=0)
    after(admin_client, order, "cancel", **WHY)
    said = TestGateway().look_up(reference=Payment.objects.get().gateway_reference, key="")
    assert said.outcome == Outcome.CAPTURED == CAPTURED.outcome
    payments.apply_result(payment.pk, said, heard_from="webhook")
    deliver()
    order.refresh_from_db()
    assert (order.status, books()) == (OrderStatus.CANCELED, (TOTAL, TOTAL))


def _silent(*args, **kwargs):
    raise GatewayUnavailable


def test_no_reason_no_cancellation(admin_client, order):
    assert press(admin_client, order, "cancel").status_code == 200
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING


def test_held_money_of_an_order_that_stands_is_kept(order):
    held_for(order)
    holds.void_of(order.pk)
    assert Payment.objects.get().status == PaymentStatus.AUTHORIZED
