"""Refunding an order on its page: in full, in part, once a press, and with the word of it."""

from __future__ import annotations

import uuid

import pytest

from payments.gateways.base import GatewayRefused, GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Refund, TestCharge
from payments.states import RefundStatus
from tests.dashboard.pressed import address_of, after, has_button, noted, page, press, refused
from tests.payments.builders import TOTAL

WHY = {"reason": "Too small"}
ALL = {"amount": "55.97", **WHY}


def test_in_full(admin_client, admin_user, paid):
    html = after(admin_client, paid, "refund", **ALL)
    assert "$55.97 went back." in html
    assert (paid.refunded_amount, TestCharge.objects.get().refunded_amount) == (TOTAL, TOTAL)
    assert (Refund.objects.get().reason, Refund.objects.get().created_by) == ("Too small", str(admin_user))


def test_in_part(admin_client, paid):
    assert "$10.00 went back." in after(admin_client, paid, "refund", amount="10", **WHY)
    assert paid.refunded_amount == 1000


def test_the_dialog_asks_for_what_is_left(admin_client, paid):
    after(admin_client, paid, "refund", amount="10", **WHY)
    dialog = admin_client.get(address_of(paid, "refund")).content.decode()
    assert "At most $45.97." in dialog
    assert 'value="45.97"' in dialog


def test_without_an_amount_nothing_goes_back(admin_client, paid):
    assert "This field is required." in refused(admin_client, paid, "refund", **WHY)
    assert not Refund.objects.exists()


def test_a_second_click_pays_nothing_more_and_says_the_same(admin_client, paid):
    key = {"request_key": str(uuid.uuid4())}
    first, second = (after(admin_client, paid, "refund", amount="10", **WHY, **key) for _ in range(2))
    assert "$10.00 went back." in first
    assert "$10.00 went back." in second
    assert (paid.refunded_amount, Refund.objects.count(), len(noted())) == (1000, 1, 1)


def test_a_second_press_is_another_refund(admin_client, paid):
    for _ in range(2):
        after(admin_client, paid, "refund", amount="10", **WHY)
    assert paid.refunded_amount == 2000


def test_who_did_it_why_and_how_it_was_before_is_on_the_timeline(admin_client, paid):
    after(admin_client, paid, "refund", amount="10", **WHY)
    html = after(admin_client, paid, "refund", amount="5.97", **WHY)
    said = "Refund of $5.97: Too small. Before: $10.00 paid back. After: $5.97 more asked for."
    assert noted()[1] == said
    assert said in html
    assert "Refund of $5.97 from payment" in html


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("55.98", "At most $55.97 can be refunded."),
        ("1.005", "An amount in USD has at most 2 decimals."),
        ("0", "An amount is more than nothing."),
        ("-1", "greater than or equal to 0"),
        ("much", "Enter a number."),
        ("8-6", "Enter a number."),
        ("20,00", "Enter a number."),
        ("", "This field is required."),
        ("9" * 40, "no more than 12 digits"),
    ],
)
def test_an_amount_that_cannot_be_is_refused(admin_client, paid, amount, said):
    assert said in refused(admin_client, paid, "refund", amount=amount, **WHY)
    assert not Refund.objects.exists()


@pytest.mark.parametrize("typed", [{}, {"reason": " "}, {"reason": "4242 4242 4242 4242"}])
def test_without_a_good_reason_nothing_happens(admin_client, paid, typed):
    assert press(admin_client, paid, "refund", **typed).status_code == 200
    assert not Refund.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "1" * 99])
def test_a_form_without_its_own_token_is_shown_again(admin_client, paid, key):
    assert press(admin_client, paid, "refund", request_key=key, **WHY).status_code == 200
    assert not Refund.objects.exists()


def test_a_gateway_that_will_not_is_told(admin_client, paid, monkeypatch):
    def never(*args, **kwargs):
        raise GatewayRefused("The charge is too old.")

    monkeypatch.setattr(TestGateway, "refund", never)
    html = after(admin_client, paid, "refund", **ALL)
    assert "The gateway would not pay back $55.97" in html
    assert (paid.refunded_amount, Refund.objects.get().status) == (0, RefundStatus.REFUSED)


def test_a_silent_gateway_is_told_and_asked_again_later(admin_client, paid, monkeypatch):
    def silent(*args, **kwargs):
        raise GatewayUnavailable

    monkeypatch.setattr(TestGateway, "refund", silent)
    assert "$55.97 is on its way back" in after(admin_client, paid, "refund", **ALL)
    assert Refund.objects.get().ask_again_at is not None


def test_the_button_is_there_while_money_is(admin_client, order, paid):
    assert has_button(page(admin_client, paid), paid, "refund")
    assert not has_button(after(admin_client, paid, "refund", **ALL), paid, "refund")
