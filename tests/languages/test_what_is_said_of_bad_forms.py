"""Every form of the shopper's, posted wrong in the made-up language: no complaint, hint or message is English only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from catalog.models import Discount, Price, Product, Stock
from checkouts.models import Checkout
from checkouts.pages.forms import TEST_CARDS
from orders.links import token_of
from orders.models import Order
from payments.models import Payment
from tests.checkouts.pages.shopper import SHIRT
from tests.checkouts.pages.test_pay_page import path_of
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID
from tests.languages import pseudo
from tests.languages.pages import Pages
from tests.payments.linked import link_to, shop_cart
from tests.standins.at_stripe import empty_stripe, shop_with_stripe

pytestmark = [pytest.mark.django_db, pytest.mark.once]

CARD_NUMBER = "4242 4242 4242 4242"
BAD_TEXTS = {"nothing": "", "too much": "x" * 500, "a card number": CARD_NUMBER, "a zero byte": "a\x00b", "junk": "<>"}
QUANTITIES = ("", "many", "0", "-1", "1.5", "10001", "99999999999999999999", CARD_NUMBER)
# Different layouts: states to choose and to type, no city, no postal code, codes of letters, capitals.
COUNTRIES = ("US", "GB", "DE", "JP", "AE", "HK", "BR", "CN", "IE", "SG", "KR", "", "XX")
CONTACT = tuple(CUSTOMER)


def post_wrong(pages: Pages, response) -> None:
    """A form that is not taken says so on its own page."""
    assert response.status_code == 422, response.status_code
    pages.see(response)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_of_a_quantity_on_a_products_page(pages, quantity):
    post_wrong(pages, pages.shopper.add(quantity=quantity))


@pytest.mark.parametrize("variant", ["", "x", "999999"])
def test_of_a_variant_that_is_none(pages, variant):
    post_wrong(pages, pages.shopper.add(variant=variant))


def test_of_more_pieces_than_there_are(pages):
    for left in (2, 1):
        Stock.objects.filter(variant=MEDIUM_BLUE_ID).update(on_hand=left)
        post_wrong(pages, pages.shopper.add(quantity=3))
    pages.shopper.add()
    pages.see(pages.shopper.client.post("/cart/", {f"quantity-{MEDIUM_BLUE_ID}": "9999"}))
    Product.objects.update(is_active=False)
    pages.see(pages.shopper.add())


@pytest.mark.parametrize("quantity", [quantity for quantity in QUANTITIES if quantity != "0"])
def test_of_a_quantity_in_the_cart(pages, quantity):
    pages.shopper.add()
    post_wrong(pages, pages.shopper.client.post("/cart/", {f"quantity-{MEDIUM_BLUE_ID}": quantity}))


@pytest.mark.parametrize("code", ["", "NOPE", "EXPIRED10", "BIG100", "ONCE", CARD_NUMBER, "x" * 500, "a\x00b"])
@pytest.mark.parametrize("path", ["/cart/", "/checkout/"])
def test_of_a_discount_code(pages, code, path):
    Discount.objects.filter(code="ONCE").update(usage_limit=0)
    pages.shopper.add()
    post_wrong(pages, pages.shopper.client.post(path, {"action": "apply_code", "code": code}))


@pytest.mark.parametrize("field", CONTACT)
@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=list(BAD_TEXTS))
def test_of_the_contact(pages, field, text):
    pages.shopper.add()
    pages.see(pages.shopper.press("place", **{field: text, "shipping-city": ""}))


@pytest.mark.parametrize("text", BAD_TEXTS.values(), ids=list(BAD_TEXTS))
@pytest.mark.parametrize("country", COUNTRIES)
def test_of_an_address(pages, country, text):
    pages.shopper.add()
    wrong = dict.fromkeys(ADDRESS, text) | {"country": country}
    both = {f"{kind}-{name}": value for kind in ("shipping", "billing") for name, value in wrong.items()}
    for action in ("place", "update"):
        pages.see(pages.shopper.press(action, **both, email="", billing_same=None))


@pytest.mark.parametrize(
    "choice",
    [
        {"shipping_method": ""},
        {"shipping_method": "x"},
        {"shipping_method": "999"},
        {"provider": ""},
        {"provider": "gold"},
        {"provider": "mobilepay", "mobile": ""},
        {"provider": "mobilepay", "mobile": "12"},
        {"provider": "mobilepay", "mobile": "1" * 50},
        {"test_card": "tok_gold"},
        {"test_card": ""},
    ],
    ids=str,
)
def test_of_shipping_and_payment(pages, choice):
    pages.shopper.add()
    post_wrong(pages, pages.shopper.buy(**choice))


@pytest.mark.parametrize("card", [name for name, _ in TEST_CARDS])
def test_of_each_card(pages, card):
    pages.shopper.add()
    response = pages.shopper.buy(test_card=card)
    if "/test-gateway/" in response.get("Location", ""):
        assert pages.shopper.client.post(response["Location"], {"answer": "perhaps"}).status_code == 400
    pages.see(response)
    pages.see(pages.shopper.get("/checkout/"))


def test_of_stripes_card(pages):
    with shop_with_stripe(empty_stripe()), override_settings(STRIPE_PUBLISHABLE_KEY="pk_test_standin"):
        pages.shopper.add()
        for typed in (
            "junk",
            "pm_nobody",
            "pm_card_visa_chargeDeclined",
            "pm_card_visa_chargeDeclinedInsufficientFunds",
        ):
            pages.see(pages.shopper.buy(payment_method=typed))


def test_of_too_many_declines(pages, settings):
    settings.DECLINE_LIMIT = (1, 3600)
    pages.shopper.add()
    pages.see(pages.shopper.buy(test_card="tok_chargeDeclined"))
    for _ in range(2):
        pages.see(pages.shopper.buy(test_card="tok_chargeDeclined"))


def test_of_what_changed_meanwhile(pages):
    pages.shopper.add(quantity=2)
    form = pages.shopper.form()
    Price.objects.update(amount=3000)
    pages.see(pages.shopper.press("place", form))
    Price.objects.update(amount=1000)
    pages.see(pages.shopper.get("/cart/"))
    pages.see(pages.shopper.press("place", code="SUMMER25"))
    form = pages.shopper.form()
    Discount.objects.update(is_active=False)
    pages.see(pages.shopper.press("place", form))
    for left in (1, 0):
        form = pages.shopper.form()
        Stock.objects.update(on_hand=left)
        pages.see(pages.shopper.press("place", form))
    Checkout.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    pages.see(pages.shopper.press("place", form))


def test_of_an_orders_payment(pages):
    pages.shopper.add()
    pages.shopper.buy(test_card="tok_threeDSecureRequired")
    path = f"/orders/{token_of(Order.objects.get())}"
    pages.see(pages.shopper.client.post(path, {"action": "other_way"}))
    Checkout.objects.update(status="expired")
    for bad in ({"provider": ""}, {"provider": "gold"}, {"provider": "mobilepay", "mobile": "1"}, {"test_card": "x"}):
        pages.see(pages.shopper.client.post(path, bad))
    for card, _ in TEST_CARDS[1:]:
        pages.see(pages.shopper.client.post(path, {"provider": "stripe", "test_card": card}))
        Payment.objects.update(status="declined", captured_amount=0)


def test_of_a_payment_link(pages):
    link = link_to(shop_cart(pieces=2))
    for provider in ("", "gold"):
        post_wrong(pages, pages.shopper.client.post(path_of(link), {"provider": provider}))
    Stock.objects.update(on_hand=1)
    pages.see(pages.shopper.client.post(path_of(link), {"provider": "stripe"}))
    Stock.objects.update(on_hand=0)
    pages.see(pages.shopper.client.post(path_of(link), {"provider": "stripe"}))


@pytest.mark.parametrize("kind", ["orders", "pay", "recover", "unsubscribe", "test-gateway"])
def test_of_a_link_that_is_none_of_ours(pages, kind):
    for token in ("unknown", "x" * 200, "a%00b"):
        for ask in (pages.shopper.get, pages.shopper.client.post):
            response = ask(f"/{kind}/{token}")
            assert response.status_code == 404
            pages.see(response)


def test_of_a_form_from_another_site_or_from_long_ago(pages):
    pages.shopper.add()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = pages.shopper.client.cookies
    response = strict.post("/cart/", {"action": "update"})
    assert response.status_code == 403
    pages.see(response)
    response = pages.shopper.client.post(SHIRT, {}, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    pages.see(response)


@pytest.mark.parametrize("typed", [{"email": "ada@gmial.com"}, {"phone": "12"}, {"phone": "abc"}], ids=str)
def test_of_a_slip_while_it_is_typed(pages, typed):
    said = pages.shopper.client.post("/checkout/hints", {"email": "", "phone": "", "country": "US"} | typed).json()
    assert any(said.values())
    for paragraph in said.values():
        assert pseudo.plain_words_of_page(paragraph.replace("ada@gmail.com", ""), set()) == []
