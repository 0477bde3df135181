"""A payment in review on its page: what settling would do, the buttons, who may press them, and a second press."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from orders.models import Order
from orders.states import OrderStatus
from payments import refunds
from payments import services as payments
from payments.gateways.base import GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Payment
from payments.states import PaymentStatus
from tests.admin_rows import staff_with
from tests.dashboard.pressed import words
from tests.factories import demo_shop
from tests.payments.builders import TOTAL, make_order
from tests.payments.test_review import in_review

BUTTONS = ("take_as_ours", "pay_back", "not_ours")
SETTLED = {
    "take_as_ours": "The payment is captured already.",
    "pay_back": "The payment is captured already.",
    "not_ours": "The payment is captured and cannot become declined.",
}


@pytest.fixture
def order(db) -> Order:
    demo_shop()
    return make_order()


@pytest.fixture
def payment(order) -> Payment:
    return in_review(order, TOTAL + 100)


def press(client, button: str, payment: Payment, **headers: str):
    address = reverse(f"admin:payments_payment_{button}", args=[payment.pk])
    return client.post(address, {"_form_submitted": "1"}, headers=headers)


def page(client, payment: Payment) -> str:
    return client.get(reverse("admin:payments_payment_change", args=[payment.pk])).content.decode()


def after(client, button: str, payment: Payment) -> tuple[str, str]:
    """(the payment's status, the page that is then shown)"""
    assert press(client, button, payment).status_code == 302
    payment.refresh_from_db()
    return payment.status, page(client, payment)


@pytest.mark.parametrize(
    ("button", "status", "said"),
    [
        ("take_as_ours", PaymentStatus.CAPTURED, "The payment is ours; the order is accepted."),
        ("pay_back", PaymentStatus.CAPTURED, "$56.97 went back."),
        ("not_ours", PaymentStatus.DECLINED, "Nothing of the payment counts."),
    ],
)
def test_each_button_asks_first_then_settles_and_says_so(admin_client, admin_user, payment, button, status, said):
    address = reverse(f"admin:payments_payment_{button}", args=[payment.pk])
    assert admin_client.get(address).status_code == 200
    assert Payment.objects.get().status == PaymentStatus.REVIEW
    now, html = after(admin_client, button, payment)
    assert (now, said in html) == (status, True)
    assert LogEntry.objects.get().user == admin_user
    assert payment.entries.filter(heard_from="staff", note__contains=str(admin_user)).exists()


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (TOTAL - 100, "the order is pending. $54.97 goes back: the order has no use for it."),
        (TOTAL + 100, "the order is accepted. $1.00 goes back: the order has no use for it."),
    ],
)
def test_what_goes_back_of_it_is_said_with_its_amount(admin_client, order, amount, said):
    _, html = after(admin_client, "take_as_ours", in_review(order, amount))
    assert said in html


def test_its_page_says_what_of_it_is_to_go_back_and_then_what_went_back(admin_client, payment):
    _, html = after(admin_client, "take_as_ours", payment)
    assert "Not for its order $1.00: to go back" in words(html)
    refunds.give_back(payment.pk)
    assert "Not for its order $1.00: went back" in words(page(admin_client, payment))


def test_what_staff_paid_back_of_the_order_takes_nothing_from_that(admin_client, order, payment):
    after(admin_client, "take_as_ours", payment)
    refunds.refund_order(order.pk, amount=500, reason="A scratch", request_key="1")
    assert "Not for its order $1.00: to go back" in words(page(admin_client, payment))


def test_what_came_back_in_part_is_told_from_the_rest(admin_client, payment):
    after(admin_client, "take_as_ours", payment)
    Payment.objects.update(refunded_amount=40)
    assert "Not for its order $1.00: $0.40 went back, $0.60 to go back" in words(page(admin_client, payment))


def test_the_buttons_and_the_advice_are_there_only_while_it_is_in_review(admin_client, payment):
    html = page(admin_client, payment)
    assert all(reverse(f"admin:payments_payment_{button}", args=[payment.pk]) in html for button in BUTTONS)
    assert "the gateway says $56.97" in html
    _, html = after(admin_client, "take_as_ours", payment)
    assert not any(reverse(f"admin:payments_payment_{button}", args=[payment.pk]) in html for button in BUTTONS)


@pytest.mark.parametrize(
    ("amount", "changes", "sentence"),
    [
        (TOTAL + 100, {}, "It pays the order. $1.00 more than it needs goes back."),
        (TOTAL - 100, {}, "It is $1.00 too little for the order: all of it goes back."),
        (1000, {"takes_parts": True}, "It counts as a part; $45.97 are still owed."),
        (TOTAL + 100, {"status": OrderStatus.CANCELED}, "The order is taken up again where its goods can still be had"),
    ],
)
def test_what_taking_it_would_do_is_said_before(admin_client, order, amount, changes, sentence):
    payment = in_review(order, amount)
    Order.objects.filter(pk=order.pk).update(**changes)
    assert sentence in page(admin_client, payment)


def asked(client, button: str, payment: Payment) -> str:
    """What the dialog says before anybody presses."""
    return words(client.get(reverse(f"admin:payments_payment_{button}", args=[payment.pk])).content.decode())


@pytest.mark.parametrize(
    ("button", "does"),
    [
        ("take_as_ours", "It pays the order. $1.00 more than it needs goes back."),
        ("pay_back", "$56.97 goes back."),
        ("not_ours", "$56.97 stays at the gateway until somebody pays it back there."),
    ],
)
def test_each_dialog_names_the_amounts_and_what_comes_of_them(admin_client, payment, button, does):
    said = asked(admin_client, button, payment)
    assert "Asked for $55.97; the gateway says $56.97, captured $56.97" in said
    assert does in said


def test_the_dialog_of_not_ours_says_that_it_gives_nothing_back(admin_client, payment):
    said = asked(admin_client, "not_ours", payment)
    assert "this gives nothing back: what was taken is to be paid back in the gateway's own pages" in said


def test_of_what_went_back_before_the_dialogs_name_the_rest(admin_client, payment):
    Payment.objects.update(refunded_amount=1000)
    assert "$46.97 goes back." in asked(admin_client, "pay_back", payment)
    assert "$46.97 stays at the gateway" in asked(admin_client, "not_ours", payment)
    Payment.objects.update(refunded_amount=TOTAL + 100)
    for button in ("pay_back", "not_ours"):
        assert "All of it went back before" in asked(admin_client, button, payment)


def test_of_another_currency_the_dialogs_say_what_can_be_done(admin_client, order):
    payment = in_review(order, TOTAL, currency="EUR")
    for button in ("take_as_ours", "pay_back"):
        assert "Not possible: nothing was captured in USD." in asked(admin_client, button, payment)
    assert "captured €55.97" in asked(admin_client, "not_ours", payment)
    assert "Whatever was taken stays at the gateway" in asked(admin_client, "not_ours", payment)


def test_the_dialog_of_one_that_is_settled_names_no_amounts(admin_client, payment):
    press(admin_client, "not_ours", payment)
    for button in BUTTONS:
        assert "$5" not in asked(admin_client, button, payment)


def test_another_currency_says_why_it_cannot_be_taken(admin_client, order):
    payment = in_review(order, TOTAL, currency="EUR")
    assert "Not possible: nothing was captured in USD." in page(admin_client, payment)
    status, html = after(admin_client, "take_as_ours", payment)
    assert (status, "It came in EUR" in html) == (PaymentStatus.REVIEW, True)


@pytest.mark.parametrize("button", BUTTONS)
def test_a_second_press_is_told_that_it_is_settled(admin_client, payment, button):
    press(admin_client, "take_as_ours", payment)
    _, html = after(admin_client, button, payment)
    assert SETTLED[button] in html
    assert payment.entries.filter(heard_from="staff").count() == 1


@pytest.mark.parametrize("button", BUTTONS)
def test_a_silent_gateway_is_said_and_nothing_changes(admin_client, payment, button, monkeypatch):
    def silent(self, **_):
        raise GatewayUnavailable

    monkeypatch.setattr(TestGateway, "look_up", silent)
    status, html = after(admin_client, button, payment)
    assert (status, "The gateway could not be asked." in html) == (PaymentStatus.REVIEW, True)


@pytest.mark.parametrize("button", BUTTONS)
def test_staff_that_may_only_look_cannot_press(client, payment, button):
    client.force_login(staff_with("payments.view_payment"))
    assert reverse(f"admin:payments_payment_{button}", args=[payment.pk]) not in page(client, payment)
    assert press(client, button, payment).status_code == 403
    assert Payment.objects.get().status == PaymentStatus.REVIEW


@pytest.mark.parametrize("odd", ["999", "9" * 30, "²", "x"])
@pytest.mark.parametrize("button", BUTTONS)
def test_a_payment_that_is_not_there_is_not_found(admin_client, payment, button, odd):
    address = reverse(f"admin:payments_payment_{button}", args=[odd])
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"_form_submitted": "1"}).status_code == 404


def test_the_dialog_moves_the_page_it_was_opened_on(admin_client, payment):
    answer = press(admin_client, "not_ours", payment, **{"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("admin:payments_payment_change", args=[payment.pk])


def test_any_other_payment_has_its_page_as_before(admin_client, order):
    paid = payments.pay_order(order.pk, provider="stripe", instrument="tok_visa")
    assert "In review" not in page(admin_client, paid)
