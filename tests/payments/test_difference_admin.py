"""Differences on the merchant's pages: found by state, settled by the gateway's word, or left as they are."""

from __future__ import annotations

import pytest
from django.urls import reverse

from payments import services as payments
from payments.models import Difference, Payment
from tests.admin_rows import staff_with
from tests.factories import demo_shop
from tests.payments.builders import make_order
from tests.payments.test_comparison import at_the_gateway, night, paid_back_by_hand

LIST = "admin:payments_difference_changelist"


@pytest.fixture
def payment(db) -> Payment:
    demo_shop()
    return payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")


@pytest.fixture
def difference(payment) -> Difference:
    paid_back_by_hand(payment, 1000)
    night()
    return Difference.objects.get()


def press(client, button: str, difference: Difference):
    address = reverse(f"admin:payments_difference_{button}", args=[difference.pk])
    return client.post(address, {"_form_submitted": "1"})


def choose(client, act: str, difference: Difference):
    return client.post(reverse(LIST), {"action": act, "_selected_action": [difference.pk]}, follow=True)


def settled_by(difference: Difference) -> str | None:
    difference.refresh_from_db()
    return difference.settled_by if difference.settled_at else None


def test_one_click_takes_the_gateways_word(admin_client, difference, payment):
    answer = choose(admin_client, "take_word_selected", difference)
    assert f"Difference {difference.pk} is settled." in answer.content.decode()
    payment.refresh_from_db()
    assert (payment.refunded_amount, settled_by(difference)) == (1000, "admin")


def test_the_button_on_its_page_does_the_same(admin_client, difference):
    assert press(admin_client, "take_word", difference).status_code == 302
    assert settled_by(difference) == "admin"


def test_a_second_press_changes_nothing_more(admin_client, difference, payment):
    for _ in range(2):
        press(admin_client, "take_word", difference)
    payment.refresh_from_db()
    assert (payment.refunded_amount, payment.refunds.count(), Difference.objects.count()) == (1000, 1, 1)


@pytest.mark.parametrize("way", ["leave", "leave_selected"])
def test_it_may_be_left_as_it_is(admin_client, difference, payment, way):
    if way == "leave":
        press(admin_client, way, difference)
    else:
        choose(admin_client, way, difference)
    payment.refresh_from_db()
    assert (settled_by(difference), payment.refunded_amount) == ("admin", 0)


def test_what_the_word_alone_does_not_settle_is_said(admin_client, payment):
    at_the_gateway(payment, outcome="voided")
    night()
    answer = choose(admin_client, "take_word_selected", Difference.objects.get())
    assert "Look at the payment there, and decide." in answer.content.decode()


def test_the_list_can_show_the_open_ones_only(admin_client, difference):
    shown = admin_client.get(reverse(LIST), {"state": "open"}).context["cl"].result_list
    assert list(shown) == [difference]
    press(admin_client, "leave", difference)
    assert list(admin_client.get(reverse(LIST), {"state": "open"}).context["cl"].result_list) == []


@pytest.mark.parametrize("button", ["take_word", "leave"])
def test_staff_that_may_only_look_cannot_settle(client, difference, button):
    client.force_login(staff_with("payments.view_difference"))
    assert press(client, button, difference).status_code == 403
    choose(client, f"{button}_selected", difference)
    assert settled_by(difference) is None


@pytest.mark.parametrize("odd", ["999", "9" * 30, "²", "x"])
def test_one_that_is_not_there_is_not_found(admin_client, difference, odd):
    address = reverse("admin:payments_difference_leave", args=[odd])
    assert admin_client.post(address, {"_form_submitted": "1"}).status_code == 404
