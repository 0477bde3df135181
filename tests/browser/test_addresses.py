import pytest

from checkouts.models import ShippingRate
from orders.models import Order
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.journey import ADDRESS, CONTACT, choose_country, fill_in, to_checkout

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.once]


def labels(page, address: str = "shipping") -> list[str]:
    return page.locator(f"label[for^=id_{address}-]:visible").all_inner_texts()


@pytest.mark.parametrize(
    ("size", "javascript"), [(PHONE, True), (DESKTOP, False)], ids=["phone, javascript", "desktop, no javascript"]
)
def test_the_form_follows_the_country_loses_nothing_and_comes_to_an_order(open_page, size, javascript):
    with open_page(size, javascript=javascript) as page:
        to_checkout(page)
        fill_in(page)
        assert labels(page)[3:] == ["City", "State", "ZIP code"]
        choose_country(page, "DE")
        page.locator("select#id_shipping-state").wait_for(state="detached")
        assert labels(page)[3:] == ["Postal code", "City"]
        choose_country(page, "US")
        page.locator("select#id_shipping-state").wait_for()
        assert [page.input_value(field) for field in ADDRESS] == ["123 Main Street", "San Francisco", "CA", "94105"]
        page.get_by_label("The billing address is the same").uncheck()
        choose_country(page, "JP", address="billing")
        page.get_by_label("Prefecture").select_option(label="Tokyo")
        page.fill("#id_billing-address_line1", "1-2-3 Shibuya")
        page.fill("#id_billing-postal_code", "150-0002")
        page.get_by_role("button", name="Place order").click()
        page.wait_for_url("**/orders/*")
    order = Order.objects.get()
    assert (order.shipping_address["state"], order.billing_address["state"]) == ("CA", "Tokyo")


@pytest.mark.parametrize("javascript", [True, False])
def test_where_shipping_depends_on_the_country_its_ways_and_prices_follow(open_page, shop, javascript):
    ShippingRate.objects.create(method=shop.standard, currency="USD", country="DE", amount=777)
    ShippingRate.objects.create(method=shop.express, currency="USD", country="DE", is_offered=False, amount=0)
    with open_page(PHONE, javascript=javascript) as page:
        to_checkout(page)
        for field, value in CONTACT.items():
            page.fill(field, value)
        page.select_option("#id_shipping-country", "DE")
        if not javascript:
            page.get_by_role("button", name="Update the shipping address for this country").click()
        page.get_by_text("$7.77").first.wait_for()
        assert not page.get_by_text("Express Shipping").count()
        assert [page.input_value(field) for field in CONTACT] == list(CONTACT.values())
        page.fill("#id_shipping-address_line1", "Unter den Linden 1")
        page.fill("#id_shipping-postal_code", "10117")
        page.fill("#id_shipping-city", "Berlin")
        page.get_by_role("button", name="Place order").click()
        page.wait_for_url("**/orders/*")
    assert Order.objects.get().shipping_amount == 777


def test_a_slip_in_the_mail_address_is_hinted_at_while_typing_and_put_right_by_a_press(open_page):
    with open_page(PHONE) as page:
        to_checkout(page)
        page.fill("#id_email", "ada@gmial.com")
        page.press("#id_email", "Tab")
        page.get_by_role("button", name="Use that").click()
        assert page.input_value("#id_email") == "ada@gmail.com"
        page.locator("#id_email_doubt").wait_for(state="detached")
        assert page.get_attribute("#id_email", "aria-describedby") == "id_email_helptext"
        assert page.evaluate("document.activeElement.id") == "id_email"


def test_where_the_fields_cannot_be_had_the_button_is_there_again(open_page):
    with open_page(PHONE, expected=("Failed to load resource",)) as page:
        page.route("**/checkout/address/**", lambda route: route.abort())
        to_checkout(page)
        page.fill("#id_full_name", "Ada")
        page.select_option("#id_shipping-country", "GB")
        page.get_by_role("button", name="Update the shipping address for this country").click()
        page.get_by_role("group", name="Shipping address").get_by_label("Postcode").wait_for()
        assert page.input_value("#id_full_name") == "Ada"


def test_while_the_fields_change_whoever_types_on_keeps_their_place(open_page):
    with open_page() as page:
        held = []
        page.route("**/checkout/address/**", lambda route: held.append(route))
        to_checkout(page)
        page.select_option("#id_shipping-country", "US")
        page.focus("#id_shipping-city")
        page.keyboard.type("San Fran")
        while not held:
            page.wait_for_timeout(10)
        held[0].continue_()
        page.locator("select#id_shipping-state").wait_for()
        page.keyboard.type("cisco")
        assert page.input_value("#id_shipping-city") == "San Francisco"
