"""A whole purchase on a phone in each language but English, which all the others are made in."""

import re

import pytest
from django.core import mail

from orders import mails
from orders.models import Order
from tests.browser.chromium import PHONE
from tests.browser.journey import ADDRESS, CONTACT
from tests.checkouts.pages.shopper import SHIRT

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.once]
WORDS = {
    "fr": ("Français", "Ajouter au panier", "Passer la commande", "Commander et payer", "Merci, John Smith."),
    "de": ("Deutsch", "In den Warenkorb", "Zur Kasse", "Zahlungspflichtig bestellen", "Vielen Dank, John Smith."),
    "es": ("Español", "Añadir al carrito", "Tramitar el pedido", "Hacer el pedido", "Gracias, John Smith."),
    "da": ("Dansk", "Læg i kurven", "Gå til kassen", "Bestil og betal", "Tak, John Smith."),
}


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("language", WORDS)
def test_a_shirt_is_bought_in(open_page, language):
    name, add, to_checkout, order, thanks = WORDS[language]
    with open_page(PHONE, javascript=language != "es") as page:
        page.goto(SHIRT)
        page.get_by_role("button", name=name).click()
        page.wait_for_url(f"**{SHIRT}")
        assert (page.locator("html").get_attribute("lang"), fits(page)) == (language, True)
        page.get_by_role("button", name=add).click()
        page.get_by_role("button", name=to_checkout).click()
        page.wait_for_url("**/checkout/")
        for field, text in CONTACT.items():
            page.fill(field, text)
        page.select_option("#id_shipping-country", "US")
        if language == "es":
            page.locator(".country:has(#id_shipping-country) button").click()
        page.locator("select#id_shipping-state").wait_for()
        for field, text in ADDRESS.items():
            page.select_option(field, label=text) if field.startswith("select") else page.fill(field, text)
        assert fits(page)
        page.get_by_role("button", name=re.compile(f"^{order}")).click()
        page.wait_for_url("**/orders/*")
        assert (page.locator("h1").inner_text(), fits(page)) == (thanks, True)
    mails.send_confirmation(Order.objects.get().pk)
    assert thanks.split(",")[0].split()[0] in mail.outbox[0].body


def test_another_language_in_the_middle_of_the_checkout_keeps_what_was_typed(open_page):
    with open_page(PHONE) as page:
        page.goto(SHIRT)
        page.get_by_role("button", name="Add to cart").click()
        page.get_by_role("button", name="Go to checkout").click()
        page.wait_for_url("**/checkout/")
        page.fill("#id_email", "not an address")
        page.fill("#id_full_name", "Ada")
        page.get_by_role("button", name="Deutsch").click()
        page.get_by_role("heading", name="Kasse").wait_for()
        assert page.input_value("#id_email") == "not an address"
        assert page.input_value("#id_full_name") == "Ada"
