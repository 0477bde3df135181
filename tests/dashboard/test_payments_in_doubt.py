"""A payment in doubt, on its page: the gateway is asked now, and what came of it is said."""

from __future__ import annotations

import pytest
from django.db import transaction

from catalog.models import Reservation, Stock
from orders.models import Order
from orders.states import OrderStatus
from payments import services as payments
from payments.gateways.base import GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Payment, TestCharge
from payments.states import PaymentStatus
from tests.checkouts.shopping import let_order_run_out
from tests.dashboard.pressed import after, has_button, in_doubt, noted, page, press
from tests.payments.builders import TOTAL

BUTTON = "ask_gateway"


@pytest.fixture
def doubtful(order) -> Payment:
    return in_doubt(order)


def never_asked(order: Order) -> Payment:
    """Written down, and the gateway never heard of it."""
    with transaction.atomic():
        return payments.open_payment(order, provider="stripe", instrument="tok_visa")


def silent(*args, **kwargs):
    raise GatewayUnavailable


def test_what_was_taken_is_found_out_and_said(admin_client, doubtful):
    assert "The gateway took $55.97; the order is accepted." in after(admin_client, doubtful, BUTTON)
    assert (doubtful.status, doubtful.captured_amount) == (PaymentStatus.CAPTURED, TOTAL)
    assert Order.objects.get().status == OrderStatus.ACCEPTED


def test_one_that_never_arrived_is_asked_for_once(admin_client, order):
    payment = never_asked(order)
    for _ in range(2):
        after(admin_client, payment, BUTTON)
    assert (payment.status, TestCharge.objects.count()) == (PaymentStatus.CAPTURED, 1)


def test_one_whose_order_is_over_has_come_to_nothing(admin_client, order):
    payment = never_asked(order)
    let_order_run_out(order.pk)
    html = after(admin_client, payment, BUTTON)
    assert "The payment came to nothing: The order&#x27;s time was over; nothing was taken." in html
    assert (payment.status, TestCharge.objects.count()) == (PaymentStatus.DECLINED, 0)


def test_what_the_order_has_no_use_for_is_said_with_its_amount(admin_client, doubtful):
    Order.objects.update(status=OrderStatus.CANCELED)
    Reservation.objects.all().delete()
    Stock.objects.update(on_hand=0, reserved=0)  # and others have its goods
    assert "$55.97 goes back: the order has no use for it." in after(admin_client, doubtful, BUTTON)


def test_another_amount_comes_to_a_person(admin_client, doubtful):
    TestCharge.objects.update(amount=TOTAL + 100, captured_amount=TOTAL + 100)
    assert "does not settle it: you decide" in after(admin_client, doubtful, BUTTON)
    assert doubtful.status == PaymentStatus.REVIEW


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("processing", "The gateway does not know yet."), ("requires_action", "waits for the shopper&#x27;s approval")],
)
def test_what_is_still_open_there_stays_open_here(admin_client, doubtful, outcome, said):
    TestCharge.objects.update(outcome=outcome, captured_amount=0)
    assert said in after(admin_client, doubtful, BUTTON)
    assert doubtful.status == outcome


def test_a_second_click_changes_nothing(admin_client, doubtful):
    after(admin_client, doubtful, BUTTON)
    entries = doubtful.entries.count()
    assert "It is captured already: nothing has changed." in after(admin_client, doubtful, BUTTON)
    assert (doubtful.entries.count(), len(noted()), TestCharge.objects.count()) == (entries, 1, 1)


def test_asked_again_while_it_is_open_it_is_noted_once(admin_client, doubtful):
    TestCharge.objects.update(outcome="processing", captured_amount=0)
    for _ in range(2):
        press(admin_client, doubtful, BUTTON)
    assert noted() == ["Asked the gateway: processing. Before: processing. After: processing."]


def test_a_silent_gateway_is_said_and_nothing_changes(admin_client, doubtful, monkeypatch):
    before = Payment.objects.values().get(), doubtful.entries.count()
    monkeypatch.setattr(TestGateway, "look_up", silent)
    assert "The gateway gave no clear answer." in after(admin_client, doubtful, BUTTON)
    assert ((Payment.objects.values().get(), doubtful.entries.count()), noted()) == (before, [])


def test_who_asked_is_on_the_timeline(admin_client, doubtful):
    html = after(admin_client, doubtful, BUTTON)
    assert noted() == ["Asked the gateway: captured. Before: processing. After: captured."]
    assert noted()[0] in html


def test_a_payment_that_is_settled_has_no_such_button(admin_client, doubtful):
    assert has_button(page(admin_client, doubtful), doubtful, BUTTON)
    assert not has_button(after(admin_client, doubtful, BUTTON), doubtful, BUTTON)
