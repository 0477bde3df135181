"""A payment link while Stripe's and PayPal's keys are set: each press is a page of theirs, and one of them is paid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from common import pay_links
from demo import catalog
from orders.links import token_of
from orders.models import Order
from payments import reconcile
from payments.models import Payment, PaymentLink
from payments.states import LinkState
from payments.states import PaymentStatus as S
from tests.checkouts.pages.shopper import text_of
from tests.payments.linked import TOLD, link_to, press, state, told_cart
from tests.standins.at_stripe import empty_stripe, shop_with_stripe
from tests.standins.faults import Fault
from tests.standins.stripe_server import StripeStandIn


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    server = empty_stripe()
    with shop_with_stripe(server):
        yield server


@pytest.fixture
def link(db) -> PaymentLink:
    catalog.load()
    return link_to(told_cart())


def test_stripe_each_press_is_a_fresh_session_and_the_one_before_is_closed(link, stripe):
    left, fresh = press(link), press(link)
    assert [stripe.books.session(one.gateway_reference)["status"] for one in (left, fresh)] == ["expired", "open"]
    assert fresh.action_url != left.action_url
    stripe.books.pay_session(fresh.gateway_reference)
    reconcile.look_up(fresh.pk)
    assert (stripe.books.moved("usd"), state(link)) == (TOLD, LinkState.PAID)


def test_stripe_a_session_paid_in_another_tab_is_not_paid_again(link, stripe):
    stripe.books.pay_session(press(link).gateway_reference)
    page = Client().post(f"/pay/{pay_links.token_of(link.salt)}", {"provider": "stripe"}, follow=True)
    assert "This is paid already" in text_of(page)
    assert (stripe.books.moved("usd"), Payment.objects.count()) == (TOLD, 1)


def test_stripe_an_answer_that_was_lost_is_found_and_not_charged_again(link, stripe):
    stripe.fail(Fault.BREAK_AFTER, path="/v1/checkout/sessions", times=3)
    payment = press(link)
    assert (payment.status, state(link)) == (S.PROCESSING, LinkState.ASKING)
    payment = reconcile.look_up(payment.pk)
    assert (payment.status, state(link)) == (S.REQUIRES_ACTION, LinkState.OPEN)
    assert len(stripe.books.sessions) == 1


def test_paypal_each_press_is_a_fresh_approval_and_one_is_taken(link, paypal):
    left, fresh = press(link, "paypal"), press(link, "paypal")
    for payment in (left, fresh):
        paypal.approve(payment.gateway_reference)  # both tabs are still open
        reconcile.look_up(payment.pk)
    left.refresh_from_db()
    assert (left.status, state(link), paypal.captured()) == (S.VOIDED, LinkState.PAID, 1)


def test_paypal_approved_in_another_tab_is_taken_and_not_asked_for_again(link, paypal):
    paypal.approve(press(link, "paypal").gateway_reference)
    page = Client().post(f"/pay/{pay_links.token_of(link.salt)}", {"provider": "paypal"}, follow=True)
    assert "This is paid already" in text_of(page)
    assert (paypal.captured(), Payment.objects.count()) == (1, 1)


def test_the_shopper_leaves_by_our_own_page_and_comes_back_to_the_order(link, stripe):
    client = Client()
    response = client.post(f"/pay/{pay_links.token_of(link.salt)}", {"provider": "stripe"})
    order = Order.objects.get()
    assert response["Location"] == f"/orders/{token_of(order)}/approve"
    session = stripe.books.session(Payment.objects.get().gateway_reference)
    assert session["url"] in client.get(response["Location"])["Refresh"]
    stripe.books.pay_session(session["id"])
    back = client.get(f"/orders/{token_of(order)}/return", follow=True)
    assert "Your order is confirmed." in text_of(back)
