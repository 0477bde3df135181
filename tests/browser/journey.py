"""What a person does in the shop, step by step."""

from __future__ import annotations

from tests.checkouts.pages.shopper import SHIRT

FIELDS = {
    "#id_email": "customer@example.com",
    "#id_full_name": "John Smith",
    "#id_shipping-address_line1": "123 Main Street",
    "#id_shipping-postal_code": "94105",
    "#id_shipping-city": "San Francisco",
}


def add_shirt(page) -> None:
    page.goto(SHIRT)
    page.get_by_label("Large / Blue").check()
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url("**/cart/")


def to_checkout(page) -> None:
    add_shirt(page)
    page.get_by_role("button", name="Go to checkout").click()
    page.wait_for_url("**/checkout/")


def fill_in(page) -> None:
    for field, text in FIELDS.items():
        page.fill(field, text)
    page.select_option("#id_shipping-country", "US")


def place(page, card: str = "tok_visa") -> None:
    page.select_option("#id_test_card", card)
    page.get_by_role("button", name="Place order").click()


def place_with(page, card: str) -> None:
    to_checkout(page)
    fill_in(page)
    place(page, card)
