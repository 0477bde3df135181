"""Five things a merchant does most, in a real browser, by what the pages say: each in four clicks or fewer, counted
from the home page (docs/dashboard.md). Typing is no click, sending a form is one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Discount, Stock, Variant
from orders.models import Order
from payments import services as payments
from recovery.states import Outcome as MailOutcome
from tests.analytics.mails import make_cart, make_step, send
from tests.browser.test_acts_in_the_admin import sign_in
from tests.factories import make_discount
from tests.payments.builders import TOTAL, make_order

pytestmark = pytest.mark.once
MOST = 4


class Hand:
    """Clicks what is seen, and counts."""

    def __init__(self, page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, seen) -> None:
        seen.click()
        self.clicks += 1

    def menu(self, name: str) -> None:
        self.click(self.page.locator("#nav-sidebar").get_by_text(name, exact=True))

    def link(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name))

    def act(self, name: str, **typed: str) -> None:
        """The button above the page, the dialog's fields, and the dialog's own button."""
        self.click(self.page.get_by_role("link", name=name, exact=True))
        dialog = self.page.get_by_role("dialog", name=name)
        for label, words in typed.items():
            dialog.get_by_label(label).fill(words)
        self.click(dialog.get_by_role("button", name=name))

    def sees(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for()
        assert self.clicks <= MOST


@pytest.fixture
def hand(open_page, shop, request):
    """At the home page of a shop in which `request.param` has happened."""
    request.param()
    with open_page() as page:
        sign_in(page)
        yield Hand(page)


def a_cart_is_left() -> None:
    now = timezone.now()
    cart = make_cart(now, email="ada@example.com", abandoned_amount=4000)
    step = make_step()
    send(cart, step, now)
    send(cart, make_step(delay=7200, sequence=step.sequence), now + timedelta(minutes=1), outcome=MailOutcome.SKIPPED)


@pytest.mark.parametrize("hand", [a_cart_is_left], indirect=True)
def test_why_a_cart_was_lost(hand):
    card = hand.page.locator("main").get_by_role("heading", name="Abandoned").locator("..")
    hand.click(card.get_by_role("link", name="1", exact=True))
    hand.click(hand.page.get_by_role("row", name="ada@example.com").get_by_role("link").first)
    hand.sees("Cart abandoned, worth $40.00")
    hand.sees("Recovery mail: Sent")
    hand.sees("Recovery mail: Skipped")


def an_order_is_paid() -> None:
    payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")


@pytest.mark.parametrize("hand", [an_order_is_paid], indirect=True)
def test_half_of_an_order_is_paid_back(hand):
    hand.menu("Orders")
    hand.link("ORD-")
    hand.act("Refund", Amount="27.98", Reason="Half of it came broken")
    hand.sees("$27.98 went back.")


def a_code_is_used() -> None:
    make_discount("SPRING")
    order = make_order()
    Order.objects.filter(pk=order.pk).update(discount_code="SPRING", discount_amount=500, total_amount=TOTAL - 500)
    payments.pay_order(order.pk, provider="stripe", instrument="tok_visa")
    Discount.objects.filter(code="SPRING").update(used_count=1)


@pytest.mark.parametrize("hand", [a_code_is_used], indirect=True)
def test_what_a_discount_code_brought(hand):
    hand.menu("Discounts")
    hand.link("SPRING")
    for words in ("What it brought", "$50.97", "$5.00", "once"):
        hand.sees(words)
    hand.link("$50.97")
    hand.sees("What was paid for them and stays: $50.97")


def a_gateway_says_another_amount() -> None:
    payments.pay_order(make_order().pk, provider="stripe", instrument="tok_otherAmount")


@pytest.mark.parametrize("hand", [a_gateway_says_another_amount], indirect=True)
def test_a_payment_in_review_is_settled(hand):
    hand.link("Payments in review: 1")
    hand.click(hand.page.get_by_role("row", name="review").get_by_role("link").first)
    hand.act("Take it as ours")
    hand.sees("Taken as ours.")


def a_thing_is_nearly_sold_out() -> None:
    Stock.objects.filter(variant=Variant.objects.order_by("pk").first()).update(on_hand=2, reserved=0)


@pytest.mark.parametrize("hand", [a_thing_is_nearly_sold_out], indirect=True)
def test_a_product_is_restocked(hand):
    hand.link("Nearly sold out: 1")
    hand.link(Variant.objects.order_by("pk").first().sku)
    hand.act("Adjust stock", Pieces="20")
    hand.sees("22 are on hand.")
