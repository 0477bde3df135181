"""Quantities, codes and ways of shipping change the cart and the checkout in place; whatever else comes leads there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from carts.models import CartLine
from checkouts.models import Checkout, ShippingRate
from checkouts.pages.checkout_form import FOLLOWED
from orders.models import Order
from tests.browser.chromium import DESKTOP, PHONE, ZOOMED
from tests.browser.journey import (
    QUANTITY,
    add_shirt,
    change,
    choose_country,
    fill_in,
    hold,
    place,
    release,
    to_checkout,
)
from tests.browser.sight import where_focus_is
from tests.factories import make_discount, make_shipping

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.once]

CODE = "#code"
OFFLINE = ("ERR_FAILED", "Failed to fetch", "htmx")


def stay(page) -> None:
    """A page that is asked for anew forgets the mark."""
    page.evaluate("document.body.dataset.mark = 'here'")


def has_stayed(page) -> bool:
    return page.evaluate("document.body.dataset.mark") == "here"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_another_quantity_changes_the_sums_and_is_told(open_page, size):
    with open_page(size) as page:
        add_shirt(page)
        stay(page)
        change(page, 2)
        expect(page.locator("#sums .total")).to_contain_text("$49.98")
        expect(page.locator("#told")).to_have_text("The total is $49.98 now.")
        expect(page.locator("#lines .cost")).to_have_text("$49.98")
        assert has_stayed(page)
        assert page.title() == "Cart · Demo Shop"
    assert CartLine.objects.get().quantity == 2


def test_what_cannot_be_had_is_said_beside_the_field_and_told(open_page):
    with open_page() as page:
        add_shirt(page)
        stay(page)
        change(page, 9999)
        expect(page.locator(QUANTITY)).to_have_attribute("aria-invalid", "true")
        expect(page.locator(QUANTITY)).to_have_value("9999")
        assert page.locator("#told").inner_text() == page.locator("#lines .error").inner_text() != ""
        assert has_stayed(page)
    assert CartLine.objects.get().quantity == 1


def test_a_code_is_taken_and_taken_back_at_the_checkout_and_nothing_typed_is_lost(open_page):
    make_discount("TENOFF", percent=10)
    with open_page() as page:
        to_checkout(page)
        page.fill("#id_full_name", "John Sm")
        stay(page)
        page.fill(CODE, "TENOFF")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".applied")).to_contain_text("TENOFF is applied")
        expect(page.locator("#place button")).to_have_accessible_name("Place order · $28.48")
        expect(page.locator(CODE)).to_have_value("")
        page.get_by_role("button", name="Remove code TENOFF").press("Enter")
        expect(page.locator("#place button")).to_have_accessible_name("Place order · $30.98")
        assert page.evaluate("document.activeElement.id") == "code-part"
        assert page.input_value("#id_full_name") == "John Sm"
        assert page.locator("#id_email_error").count() == 0  # nobody asked for the address yet
        assert has_stayed(page)


def test_another_way_of_shipping_is_saved_told_and_bought(open_page):
    with open_page() as page:
        to_checkout(page)
        fill_in(page)
        stay(page)
        page.get_by_label("Express Shipping").check()
        expect(page.locator("#told")).to_have_text("The total is $39.98 now.")
        assert has_stayed(page)
        assert Checkout.objects.get().shipping_method.name == "Express Shipping"
        place(page)
        page.wait_for_url("**/orders/*")
    assert Order.objects.get().total_amount == 3998


def test_what_is_typed_while_the_answer_is_on_its_way_stays_and_is_sent_next(open_page):
    with open_page() as page:
        add_shirt(page)
        held = hold(page, "**/cart/")
        change(page, 2)
        page.fill(QUANTITY, "3")
        page.fill(CODE, "HALF TY")  # the field before is left, and asks once more
        release(page, held)
        expect(page.locator("#sums .total")).to_contain_text("$49.98")
        expect(page.locator(QUANTITY)).to_have_value("3")
        release(page, held)
        expect(page.locator("#sums .total")).to_contain_text("$74.97")
        expect(page.locator(CODE)).to_have_value("HALF TY")
    assert CartLine.objects.get().quantity == 3


@pytest.mark.parametrize("stop", ["code", "apply"])
def test_what_comes_in_above_pushes_the_focus_out_of_nobodys_sight(open_page, stop):
    with open_page(ZOOMED) as page:
        to_checkout(page)
        held = hold(page)
        change(page, 9999)
        while page.evaluate("document.activeElement.id") != "code":
            page.keyboard.press("Tab")
        if stop == "apply":
            page.keyboard.press("Tab")
        where_focus_is(page)
        release(page, held)
        expect(page.locator("#lines .error")).to_be_visible()
        page.wait_for_timeout(100)
        where_focus_is(page)


def test_the_last_line_taken_away_by_keyboard_leads_to_the_empty_cart(open_page):
    with open_page() as page:
        add_shirt(page)
        page.get_by_role("button", name="Remove").press("Enter")
        expect(page.get_by_text("Your cart is empty.")).to_be_visible()


def test_a_checkout_that_was_bought_in_another_tab_leads_to_its_order(open_page):
    with open_page() as page:
        to_checkout(page)
        fill_in(page)
        other = page.context.new_page()
        other.goto("/checkout/")
        page.get_by_label("Express Shipping").check()
        expect(page.locator("#told")).to_have_text("The total is $39.98 now.")
        other.reload()
        place(other)
        other.wait_for_url("**/orders/*")
        change(page, 2)
        page.wait_for_url("**/orders/*")
    assert Order.objects.get().lines.get().quantity == 1


def test_a_language_chosen_in_another_tab_brings_the_whole_page(open_page):
    with open_page() as page:
        add_shirt(page)
        other = page.context.new_page()
        other.goto("/cart/")
        other.get_by_role("button", name="Deutsch").click()
        expect(other.locator("html")).to_have_attribute("lang", "de")
        change(page, 2)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator(QUANTITY)).to_have_value("2")


def test_without_a_connection_it_is_said_and_can_be_tried_again(open_page):
    with open_page(expected=OFFLINE) as page:
        add_shirt(page)
        stay(page)
        page.route("**/cart/", lambda route: route.abort())
        change(page, 2)
        expect(
            page.get_by_text("The connection broke off. Please try again; the page then shows what holds.")
        ).to_be_visible()
        page.unroute("**/cart/")
        page.get_by_role("button", name="Update quantities").click()
        expect(page.locator("#told")).to_have_text("The total is $49.98 now.")
        assert has_stayed(page)


def test_a_press_while_prices_change_is_not_lost_and_buys_at_no_total_that_came_under_the_finger(open_page):
    """The field's change goes out when the finger comes down, and its answer comes before the finger is up."""
    with open_page() as page:
        to_checkout(page)
        fill_in(page)
        page.select_option("#id_test_card", "tok_visa")
        page.fill(QUANTITY, "2")
        place_button = page.locator("#place button")
        place_button.scroll_into_view_if_needed()
        box = place_button.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        expect(place_button).to_have_accessible_name("Place order · $55.97")
        page.mouse.up()
        page.get_by_text("The total is now $55.97. Nothing was charged").wait_for()
        assert not Order.objects.exists()
        place(page)
        page.wait_for_url("**/orders/*")
    assert Order.objects.get().total_amount == 5597


def test_a_change_that_waited_for_the_one_before_is_bought_at_the_total_of_both(open_page):
    make_discount("TENOFF", percent=10)
    with open_page() as page:
        to_checkout(page)
        fill_in(page)
        held = hold(page)
        page.fill(QUANTITY, "2")
        page.fill(CODE, "TENOFF")  # the field before is left, and asks
        page.get_by_role("button", name="Apply").click()
        release(page, held)
        expect(page.locator("#place button")).to_have_accessible_name("Place order · $55.97")
        release(page, held)
        expect(page.locator("#place button")).to_have_accessible_name("Place order · $50.97")
        place(page)
        page.wait_for_url("**/orders/*")
    assert Order.objects.get().total_amount == 5097


def test_where_another_country_has_a_way_more_each_way_still_means_itself(open_page, shop):
    post = make_shipping("German Post", amount=300)
    ShippingRate.objects.filter(method=post).update(country="DE")
    post.position = 0  # above those that are there already
    post.save()
    with open_page() as page:
        to_checkout(page)
        fill_in(page)
        choose_country(page, "DE")
        page.get_by_label("German Post").wait_for()
        expect(page.get_by_label("Standard Shipping")).to_be_checked()
        expect(page.locator("#place button")).to_have_accessible_name("Place order · $30.98")
        page.fill("#id_shipping-postal_code", "10117")
        place(page)
        page.wait_for_url("**/orders/*")
    order = Order.objects.get()
    assert (order.shipping_method_name, order.total_amount) == ("Standard Shipping", 3098)


def test_back_from_the_order_asks_for_no_form_again_after_a_field_was_put_right(open_page):
    with open_page() as page:
        to_checkout(page)
        fill_in(page)
        page.fill("#id_shipping-postal_code", "none")
        place(page)
        page.get_by_role("link", name="Enter a ZIP code").wait_for()
        page.fill("#id_shipping-postal_code", "94105")
        place(page)
        page.wait_for_url("**/orders/*")
        page.go_back()
        page.wait_for_url("**/orders/*")
        assert page.get_by_role("heading", level=1).inner_text() == "Thank you, John Smith."


def test_without_a_connection_it_is_said_where_the_shopper_is_on_a_phone_too(open_page):
    with open_page(PHONE, expected=OFFLINE) as page:
        to_checkout(page)
        page.route("**/checkout/", lambda route: route.abort())
        change(page, 2)
        expect(page.get_by_text("The connection broke off.")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("field", "text", "total"), [(CODE, "TENOFF", "$28.48"), (QUANTITY, "2", "$55.97")])
def test_enter_in_a_code_or_a_quantity_stays_at_the_checkout_where_it_is(open_page, field, text, total):
    make_discount("TENOFF", percent=10)
    with open_page(PHONE) as page:
        to_checkout(page)
        page.fill("#id_full_name", "John Sm")
        stay(page)
        page.fill(field, text)
        page.press(field, "Enter")
        expect(page.locator("#told")).to_have_text(f"The total is {total} now.")
        page.wait_for_timeout(300)
        assert has_stayed(page)
        assert page.input_value("#id_full_name") == "John Sm"
        assert page.evaluate("document.activeElement.matches('#code, #lines input')")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no javascript"])
def test_of_many_ways_of_shipping_none_is_bought_for_a_total_that_was_not_shown(open_page, javascript):
    for number in range(3, 11):
        make_shipping(f"Way {number}", method_id=100 + number, amount=number * 1000)
    with open_page(javascript=javascript) as page:
        to_checkout(page)
        fill_in(page)
        page.select_option("#id_test_card", "tok_visa")
        page.get_by_label("Way 10").check()
        button = page.locator("#place button")
        if javascript:
            expect(button).to_have_accessible_name("Place order · $124.99")
            expect(page.locator("#told")).to_have_text("The total is $124.99 now.")
        else:
            button.click()
            expect(page.get_by_text("Nothing was charged")).to_be_visible()
            expect(button).to_have_accessible_name("Place order · $124.99")
            page.select_option("#id_test_card", "tok_visa")
        button.click()
        page.wait_for_url("**/orders/*")
    assert Order.objects.get().total_amount == 12_499


def test_the_stylesheet_follows_as_many_ways_as_the_page_believes():
    css = Path("static/shop/shop.css").read_text()
    followed = set(re.findall(r'\[data-method="(\d+)"\]', css))
    assert followed == {str(place) for place in range(1, FOLLOWED + 1)}
