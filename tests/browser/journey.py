"""What a person does in the shop, step by step."""

from __future__ import annotations

from tests.checkouts.pages.shopper import SHIRT

# In the order of the page, with the country chosen between them.
CONTACT = {"#id_email": "customer@example.com", "#id_full_name": "John Smith"}
ADDRESS = {
    "#id_shipping-address_line1": "123 Main Street",
    "#id_shipping-city": "San Francisco",
    "select#id_shipping-state": "California",
    "#id_shipping-postal_code": "94105",
}
QUANTITY = "#lines input.number"


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
    choose_country(page, "US")
    for field, text in (CONTACT | ADDRESS).items():
        if field.startswith("select"):
            page.select_option(field, label=text)
        else:
            page.fill(field, text)


def choose_country(page, code: str, *, address: str = "shipping") -> None:
    """The form follows by itself, or by its button where there is no JavaScript."""
    country = page.locator(f".country:has(#id_{address}-country)")
    country.locator("select").wait_for()
    page.wait_for_load_state()  # the script has hidden the button by then
    country.locator("select").select_option(code)
    if country.locator("button").is_visible():
        country.locator("button").click()
    else:
        country.locator("[data-said]").filter(has_text="now.").wait_for(state="attached")


def place(page, card: str = "tok_visa") -> None:
    page.select_option("#id_test_card", card)
    page.get_by_role("button", name="Place order").click()


def place_with(page, card: str) -> None:
    to_checkout(page)
    fill_in(page)
    place(page, card)


def change(page, pieces: int) -> None:
    page.fill(QUANTITY, str(pieces))
    page.keyboard.press("Tab")


def hold(page, path: str = "**/checkout/") -> list:
    """What the page of that path sends in place waits in the list until it is released."""
    held: list = []

    def keep(route) -> None:
        if "hx-request" in route.request.headers:
            held.append(route)
        else:
            route.continue_()

    page.route(path, keep)
    return held


def release(page, held: list) -> None:
    """The next one, once it is there."""
    while not held:
        page.wait_for_timeout(20)
    held.pop(0).continue_()
