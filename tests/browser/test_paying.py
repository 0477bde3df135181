"""Paying by real gateways' pages, scripts and redirects, played by stand-ins on other origins than the shop's."""

from __future__ import annotations

import pytest

from orders.models import Order
from payments.models import Payment
from tests.browser.chromium import PHONE
from tests.browser.gateways import play_paypals_page
from tests.browser.journey import change, fill_in, hold, release, to_checkout
from tests.standins.faults import Fault
from tests.standins.stripe_script import METHODS, SCRIPT

pytestmark = pytest.mark.once
GOOD, DECLINED, AT_THE_BANK = "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0027 6000 3184"
TOTAL = 3098
BLOCKED = "Failed to load resource"


def type_card(page, number: str) -> None:
    page.frame_locator("[data-card] iframe").get_by_label("Card number").fill(number)


def press_place(page) -> None:
    page.get_by_role("button", name="Place order").click()


def place_by(page, provider: str) -> None:
    to_checkout(page)
    fill_in(page)
    page.check(f"[value={provider}]")
    if provider == "mobilepay":
        page.fill("#id_mobile", "+45 12 34 56 78")
    press_place(page)


def place_with_card(page, number: str) -> None:
    to_checkout(page)
    fill_in(page)
    type_card(page, number)
    press_place(page)


def is_confirmed(page) -> None:
    page.get_by_text("Your order is confirmed.").wait_for()


def one_order_one_charge(moved: int) -> None:
    assert moved == TOTAL
    order = Order.objects.get()
    assert order.captured_amount == order.total_amount == TOTAL


class TestStripesCardFormInThePage:
    def test_pays_and_follows_the_amount_of_the_chosen_shipping(self, open_page, stripe):
        with open_page(PHONE) as page:
            to_checkout(page)
            fill_in(page)
            type_card(page, GOOD)
            page.get_by_label("Express Shipping").check()
            page.get_by_label("Standard Shipping").check()
            assert page.evaluate("stripeStandIn.amounts") == [3098, 3998, 3098]
            options = page.evaluate("stripeStandIn.options")
            assert (options["mode"], options["currency"], options["paymentMethodCreation"]) == (
                *("payment", "usd", "manual"),
            )
            press_place(page)
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))

    def test_says_what_is_wrong_in_the_page_and_then_at_the_bank_and_then_pays(self, open_page, stripe):
        with open_page() as page:
            to_checkout(page)
            fill_in(page)
            type_card(page, "")
            press_place(page)
            page.get_by_role("alert").get_by_text("Your card number is incomplete.").wait_for()
            type_card(page, DECLINED)
            press_place(page)
            page.get_by_text("The payment did not go through.").wait_for()
            type_card(page, AT_THE_BANK)
            press_place(page)
            page.get_by_role("button", name="approve").click()
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))
        assert Payment.objects.count() == 2

    def test_keeps_the_card_while_another_field_is_put_right(self, open_page, stripe):
        with open_page() as page:
            to_checkout(page)
            fill_in(page)
            page.fill("#id_shipping-city", "")
            type_card(page, GOOD)
            press_place(page)
            page.get_by_text("The card you entered is kept.").wait_for()
            page.fill("#id_shipping-city", "San Francisco")
            press_place(page)
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))

    @pytest.mark.parametrize("card", [GOOD, "1"], ids=["a good card", "a bad card"])
    def test_charges_no_total_that_came_while_the_card_was_checked(self, open_page, stripe, card):
        with open_page() as page:
            to_checkout(page)
            fill_in(page)
            type_card(page, card)
            held = hold(page)
            change(page, 2)
            stripe.fail(Fault.SLOW, path=METHODS, seconds=2)
            press_place(page)
            page.get_by_role("button", name="Checking your card…").wait_for()
            release(page, held)
            if card == GOOD:
                page.get_by_text("The total is now $55.97. Nothing was charged").wait_for()
            else:
                page.get_by_text("Your card number is invalid.").wait_for()
            assert not Order.objects.exists()
            type_card(page, GOOD)
            page.get_by_role("button", name="Place order · $55.97").click()
            is_confirmed(page)
        assert stripe.books.moved("usd") == Order.objects.get().total_amount == 5597

    def test_takes_one_charge_for_a_double_click_and_for_a_second_tab(self, open_page, stripe):
        with open_page() as page:
            to_checkout(page)
            fill_in(page)
            type_card(page, GOOD)
            other = page.context.new_page()
            other.goto("/checkout/")
            fill_in(other)
            type_card(other, GOOD)
            stripe.fail(Fault.SLOW, path=METHODS, seconds=1)  # the second click comes while the card is checked
            page.get_by_role("button", name="Place order").dblclick()
            is_confirmed(page)
            press_place(other)
            is_confirmed(other)
            page.go_back()
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))
        assert Payment.objects.count() == 1
        assert len(stripe.asked_for(METHODS, "POST")) == 2  # one for each tab
        assert stripe.books.sessions == {}

    def test_of_a_script_that_cannot_be_loaded_gives_way_to_stripes_page(self, open_page, stripe):
        with open_page(expected=(BLOCKED,)) as page:
            page.route(stripe.url + SCRIPT, lambda route: route.abort())
            to_checkout(page)
            fill_in(page)
            page.get_by_text("The card form could not be loaded.").wait_for()
            press_place(page)
            page.get_by_role("button", name="approve").click()
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))
        assert len(stripe.books.sessions) == 1

    def test_takes_the_next_try_on_the_orders_page(self, open_page, stripe):
        with open_page() as page:
            place_with_card(page, AT_THE_BANK)
            page.get_by_role("button", name="deny").click()
            page.get_by_role("heading", name="The payment did not go through").wait_for()
            type_card(page, GOOD)
            page.get_by_role("button", name="Pay $30.98").click()
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))


class TestWithoutJavascript:
    def test_a_card_is_taken_on_stripes_page_after_a_first_no(self, open_page, stripe):
        with open_page(PHONE, javascript=False) as page:
            place_by(page, "stripe")
            page.get_by_role("button", name="deny").click()
            page.get_by_role("heading", name="The payment did not go through").wait_for()
            page.get_by_role("button", name="Pay $30.98").click()
            page.get_by_role("button", name="approve").click()
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))
        assert [session["status"] for session in stripe.books.sessions.values()] == ["expired", "complete"]


class TestBackFromAnotherSite:
    def test_the_order_waits_and_another_way_can_be_chosen(self, open_page, stripe):
        with open_page() as page:
            place_with_card(page, AT_THE_BANK)
            page.get_by_role("button", name="approve").wait_for()
            page.go_back()
            page.get_by_role("heading", name="One step left: approve your payment").wait_for()
            page.get_by_role("button", name="Pay another way").click()
            type_card(page, GOOD)
            page.get_by_role("button", name="Pay $30.98").click()
            is_confirmed(page)
        one_order_one_charge(stripe.books.moved("usd"))


def test_mobilepay_is_approved_in_its_app(open_page, stripe, settings):
    settings.SHOP_CURRENCY = "EUR"
    with open_page(PHONE) as page:
        place_by(page, "mobilepay")
        page.get_by_role("button", name="approve").click()
        is_confirmed(page)
    one_order_one_charge(stripe.books.moved("eur"))


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_paypal_is_canceled_then_approved(open_page, paypal, javascript):
    with open_page(javascript=javascript) as page:
        play_paypals_page(page, paypal)
        place_by(page, "paypal")
        page.get_by_role("link", name="Cancel").click()
        page.get_by_role("heading", name="The payment did not go through").wait_for()
        page.check("[value=paypal]")
        page.get_by_role("button", name="Pay $30.98").click()
        page.get_by_role("link", name="Agree and pay").click()
        is_confirmed(page)
    assert Order.objects.get().captured_amount == TOTAL
    assert [order.status for order in paypal.orders.values()] == ["PAYER_ACTION_REQUIRED", "COMPLETED"]
