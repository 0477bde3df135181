"""A mail speaks the language of the shopper's last page, whatever the worker that writes it speaks."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation

from carts.models import Cart
from checkouts.models import Checkout
from demo import recovery
from orders import mails
from orders.models import Order
from recovery import letters, texts
from recovery.models import Step
from recovery.things import things_of
from tests.checkouts.pages.test_pay_page import path_of
from tests.payments.linked import link_to, shop_cart
from tests.recovery.carts import make_abandoned

pytestmark = pytest.mark.django_db
THANKS = {"en": "Thank you for your order at", "fr": "Merci de votre commande chez", "de": "Vielen Dank für Ihre"}
THANKS |= {"es": "Gracias por su pedido en", "da": "Tak for din ordre hos"}


@pytest.fixture
def bought(shopper):
    """bought(language): an order of somebody whose browser asks for it."""

    def buy(language: str) -> Order:
        shopper.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        shopper.add()
        shopper.buy()
        return Order.objects.latest("pk")

    return buy


@pytest.mark.parametrize("language", THANKS)
def test_the_confirmation_and_the_news_that_it_is_on_its_way(bought, language):
    order = bought(language)
    assert order.language == language
    with translation.override("da" if language != "da" else "fr"):
        mails.send_confirmation(order.pk)
        mails.send_shipped(order.pk)
        assert translation.get_language() == ("da" if language != "da" else "fr")
    confirmation, shipped = mail.outbox
    assert THANKS[language] in confirmation.body
    words = {"en": "Your order", "fr": "Votre commande", "de": "Ihre Bestellung", "es": "Su pedido", "da": "Din ordre"}
    assert confirmation.subject.startswith(words[language])
    assert shipped.subject.startswith(words[language])
    assert ("$30.98" if language == "en" else "30,98") in confirmation.body


def test_it_is_the_language_of_the_page_that_the_order_was_placed_on(shopper):
    shopper.add()
    assert Cart.objects.get().language == "en"
    shopper.client.post("/language", {"language": "fr"})
    shopper.buy()
    assert (Cart.objects.get().language, Order.objects.get().language) == ("fr", "fr")


def test_looking_in_another_language_afterwards_changes_nothing(bought, shopper):
    order = bought("de")
    shopper.client.post("/language", {"language": "fr"})
    shopper.get("/cart/")
    order.refresh_from_db()
    assert (order.language, Cart.objects.get().language) == ("de", "de")


def test_an_order_by_a_program_is_written_about_in_the_shops_language(bought, settings):
    order = bought("en")
    Order.objects.update(language="")
    settings.LANGUAGE_CODE = "da"
    mails.send_confirmation(order.pk)
    assert THANKS["da"] in mail.outbox[0].body


def test_a_language_that_we_no_longer_speak_is_english(bought):
    order = bought("en")
    Order.objects.update(language="tlh")
    mails.send_confirmation(order.pk)
    assert THANKS["en"] in mail.outbox[0].body


def test_whoever_pays_a_link_is_written_to_in_their_own(shopper):
    link = link_to(shop_cart())
    shopper.client.post(path_of(link), {"provider": "stripe"}, HTTP_ACCEPT_LANGUAGE="es")
    assert Order.objects.get().language == "es"


def test_a_cart_keeps_the_language_it_was_left_in(shopper, settings):
    shopper.client.get("/", HTTP_ACCEPT_LANGUAGE="da")
    shopper.client.post("/products/organic-cotton-t-shirt", {"variant": 7, "quantity": 1}, HTTP_ACCEPT_LANGUAGE="da")
    assert Checkout.objects.get().cart.language == "da"


@pytest.mark.parametrize("language", THANKS)
def test_the_demos_recovery_mails(shop, language):
    recovery.load()
    cart = make_abandoned(language=language, full_name="Ada")
    with translation.override("da" if language != "da" else "fr"):
        for step in Step.objects.all():
            letter = letters.write(cart, step, things_of(cart), now=cart.abandoned_at)
            assert letter.language == language
            assert f'<html lang="{language}"' in letter.html
            assert texts.words(language)["back"] in letter.message.body
            assert "Ada" in letter.message.body
