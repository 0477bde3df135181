import pytest
from django.test import Client

from checkouts.models import Checkout
from tests.checkouts.pages.shopper import SHIRT, text_of
from tests.factories import LARGE_BLUE_ID, MEDIUM_BLUE_ID, make_product, make_variant


def test_adding_begins_a_checkout_and_hands_out_its_cookie(shopper):
    response = shopper.add(quantity=2)
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    cookie = response.cookies["checkout_session_id"]
    assert cookie.value == str(shopper.checkout.session_key)
    assert cookie["httponly"]
    assert "Organic Cotton T-Shirt is in your cart." in shopper.shown(response)


def test_adding_twice_grows_one_line(shopper):
    shopper.add()
    shopper.add(quantity=2)
    assert [line.quantity for line in shopper.checkout.cart.lines.all()] == [3]


def test_the_head_of_every_page_counts_the_pieces(shopper):
    shopper.add(quantity=3)
    assert "Cart , 3 pieces" in text_of(shopper.get("/"))


def test_the_page_and_the_api_act_on_the_same_checkout(shopper):
    shopper.add()
    shopper.client.post(
        "/api/checkout/items",
        {"product_id": 42, "variant_id": LARGE_BLUE_ID, "quantity": 1},
        content_type="application/json",
    )
    page = text_of(shopper.get("/cart/"))
    assert "Medium / Blue" in page
    assert "Large / Blue" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"variant": 999, "quantity": 1}, "Choose one of these."),
        ({"quantity": 1}, "Choose one."),
        ({"variant": MEDIUM_BLUE_ID, "quantity": "two"}, "Enter a whole number from 1 to 10,000."),
        ({"variant": MEDIUM_BLUE_ID, "quantity": 0}, "Enter a whole number from 1 to 10,000."),
        ({"variant": MEDIUM_BLUE_ID, "quantity": 10**30}, "Enter a whole number from 1 to 10,000."),
        ({"variant": MEDIUM_BLUE_ID}, "Enter a whole number from 1 to 10,000."),
    ],
)
def test_a_malformed_choice_is_said_beside_the_field_and_begins_nothing(shopper, fields, sentence):
    response = shopper.client.post(SHIRT, fields)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not Checkout.objects.exists()


def test_more_than_there_is_keeps_what_was_typed_and_says_how_many_there_are(shopper):
    product = make_product("Mug")
    variant = make_variant(product, on_hand=3)
    response = shopper.add(variant=variant.pk, quantity=4, path=product.get_absolute_url())
    assert response.status_code == 422
    assert "Only 3 of Mug (One size) are left." in text_of(response)
    assert 'value="4"' in response.content.decode()


def test_another_sites_form_cannot_fill_a_cart(shop):
    browser = Client(enforce_csrf_checks=True)
    fields = {"variant": MEDIUM_BLUE_ID, "quantity": 1}
    assert browser.post(SHIRT, fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.post(SHIRT, fields, headers={"origin": "https://evil.example"}).status_code == 403
    assert browser.post(SHIRT, fields, headers={"origin": "null"}).status_code == 403
    assert not Checkout.objects.exists()
    assert browser.post(SHIRT, fields, headers={"origin": "http://testserver"}).status_code == 302


@pytest.mark.parametrize("path", ["/cart/", "/checkout/", "/orders/x", "/test-gateway/x"])
def test_every_other_form_needs_its_token(shop, path):
    response = Client(enforce_csrf_checks=True).post(path, {"action": "update"})
    assert response.status_code == 403
    assert "open for too long" in text_of(response)
