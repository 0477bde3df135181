"""Money that a gateway holds, on its payment's page: taken or let go of, once."""

from __future__ import annotations

import pytest

from orders.models import Order
from orders.states import OrderStatus
from payments.gateways.base import GatewayRefused, GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Payment, TestCharge
from payments.states import PaymentStatus
from tests.dashboard.pressed import after, has_button, held_for, noted, page
from tests.payments.builders import TOTAL


@pytest.fixture
def held(order) -> Payment:
    return held_for(order)


@pytest.fixture
def not_needed(held) -> Payment:
    """Held for an order that came to nothing."""
    Order.objects.update(status=OrderStatus.CANCELED)
    return held


def silent(*args, **kwargs):
    raise GatewayUnavailable


def will_not(*args, **kwargs):
    raise GatewayRefused("The authorization has expired.")


def test_it_is_taken(admin_client, held):
    assert "$55.97 is taken." in after(admin_client, held, "capture")
    assert (held.status, held.captured_amount) == (PaymentStatus.CAPTURED, TOTAL)
    order = Order.objects.get()
    assert (order.status, order.captured_amount) == (OrderStatus.ACCEPTED, TOTAL)


@pytest.mark.parametrize("button", ["capture", "void"])
def test_a_second_click_changes_nothing(admin_client, not_needed, button):
    if button == "capture":
        Order.objects.update(status=OrderStatus.ACCEPTED)
    for _ in range(2):
        after(admin_client, not_needed, button)
    charge = TestCharge.objects.get()
    assert charge.captured_amount == (TOTAL if button == "capture" else 0)
    assert (len(charge.done_keys), len(noted())) == (1, 1)


def test_it_is_let_go_of_where_nothing_stands_on_it(admin_client, not_needed):
    assert "The money is let go of." in after(admin_client, not_needed, "void")
    assert not_needed.status == PaymentStatus.VOIDED


def test_what_an_accepted_order_stands_on_is_not_let_go_of(admin_client, held):
    assert "cancel the order to let go of it" in after(admin_client, held, "void")
    assert (held.status, noted()) == (PaymentStatus.AUTHORIZED, [])


def test_nothing_is_taken_for_a_canceled_order(admin_client, not_needed):
    assert "This order can no longer be paid." in after(admin_client, not_needed, "capture")
    assert not_needed.status == PaymentStatus.AUTHORIZED


@pytest.mark.parametrize("button", ["capture", "void"])
def test_a_silent_gateway_is_said_and_may_be_asked_again(admin_client, not_needed, button, monkeypatch):
    if button == "capture":
        Order.objects.update(status=OrderStatus.ACCEPTED)
    with monkeypatch.context() as silence:
        silence.setattr(TestGateway, button, silent)
        assert "Trying again is safe" in after(admin_client, not_needed, button)
    assert (not_needed.status, noted()) == (PaymentStatus.AUTHORIZED, [])
    assert not_needed.entries.filter(outcome="unknown").exists()
    after(admin_client, not_needed, button)
    assert len(noted()) == 1


def test_a_gateway_that_will_not_says_why(admin_client, held, monkeypatch):
    monkeypatch.setattr(TestGateway, "capture", will_not)
    assert "The payment provider would not: The authorization has expired." in after(admin_client, held, "capture")
    assert held.status == PaymentStatus.AUTHORIZED


def test_what_was_taken_elsewhere_is_found_out(admin_client, held):
    TestGateway().capture(held.gateway_reference, amount=TOTAL, key="in the gateway's own pages")
    assert "$55.97 is taken." in after(admin_client, held, "capture")
    assert held.status == PaymentStatus.CAPTURED


@pytest.mark.parametrize(("button", "said"), [("capture", "Took the money"), ("void", "Let go of the money")])
def test_who_did_it_is_on_the_timeline(admin_client, not_needed, button, said):
    if button == "capture":
        Order.objects.update(status=OrderStatus.ACCEPTED)
    html = after(admin_client, not_needed, button)
    assert noted() == [f"{said} that was held. Before: authorized. After: {not_needed.status}."]
    assert noted()[0] in html


@pytest.mark.parametrize("button", ["capture", "void"])
def test_money_that_is_not_held_has_no_such_button_and_the_act_is_refused(admin_client, paid, button):
    payment = Payment.objects.get()
    assert not has_button(page(admin_client, payment), payment, button)
    html = after(admin_client, payment, button)
    assert ("cannot become" in html) == (button == "void")
    assert TestCharge.objects.get().done_keys == []


def test_money_that_is_held_has_both_buttons(admin_client, held):
    html = page(admin_client, held)
    assert [has_button(html, held, button) for button in ("capture", "void", "not_ours")] == [True, True, False]
