"""Which language a shopper is served in, how they choose another, and that programs never notice."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carts.models import Cart
from checkouts.models import Checkout
from orders.links import token_of
from orders.models import Order
from tests.checkouts.pages.shopper import SHIRT, text_of

HELLO = {"en": "Choose, pay, done.", "fr": "Choisissez, payez", "de": "Aussuchen, bezahlen", "es": "Elija, pague"}
HELLO["da"] = "Vælg, betal"


def spoken(response) -> str:
    return re.search(r'<html lang="([^"]*)" dir="ltr">', response.content.decode())[1]


def choose(client, language: str, *, to: str = "/", **headers: str):
    return client.post("/language", {"language": language, "next": to}, **headers)


class TestByTheBrowser:
    @pytest.mark.parametrize("language", HELLO)
    def test_a_page_is_in_the_language_that_is_asked_for(self, client, shop, language):
        response = client.get("/", HTTP_ACCEPT_LANGUAGE=f"{language},en;q=0.5")
        assert (spoken(response), response["Content-Language"]) == (language, language)
        assert HELLO[language] in text_of(response)
        assert {"Accept-Language", "Cookie"} <= {name.strip() for name in response["Vary"].split(",")}
        assert "language" not in response.cookies

    @pytest.mark.parametrize(
        ("asked", "language"),
        [
            ("de-AT", "de"),
            ("nl, da;q=0.7, fr;q=0.3", "da"),
            ("nl", "en"),
            ("tlh, x-klingon", "en"),
            ("*", "en"),
            ("", "en"),
            (";;;q=,,=0", "en"),
            ("de;q=2", "en"),
            ("é\x00", "en"),
            ("de" * 5000, "en"),
            ("../../etc/passwd", "en"),
        ],
    )
    def test_what_we_do_not_speak_or_cannot_read_is_passed_over(self, client, shop, asked, language):
        response = client.get("/", HTTP_ACCEPT_LANGUAGE=asked)
        assert (response.status_code, spoken(response)) == (200, language)

    def test_nobody_asking_gets_the_shops(self, client, shop, settings):
        settings.LANGUAGE_CODE = "da"
        assert spoken(client.get("/")) == "da"
        assert spoken(client.get("/", HTTP_ACCEPT_LANGUAGE="nl")) == "da"
        assert spoken(client.get("/", HTTP_ACCEPT_LANGUAGE="en")) == "en"

    def test_pages_that_were_not_found_speak_it_too(self, client, shop):
        response = client.get("/nowhere", HTTP_ACCEPT_LANGUAGE="de")
        assert (response.status_code, spoken(response)) == (404, "de")
        assert "Hier ist nichts" in text_of(response)

    def test_a_picture_is_the_same_for_everybody(self, client, shop):
        response = client.get("/pictures/shirt.svg", HTTP_ACCEPT_LANGUAGE="de")
        assert "Accept-Language" not in response.get("Vary", "")


class TestByChoice:
    def test_it_counts_more_than_the_browser_and_is_remembered(self, client, shop):
        response = choose(client, "fr", to="/products/?page=2")
        assert (response.status_code, response["Location"]) == (302, "/products/?page=2")
        cookie = response.cookies["language"]
        assert (cookie.value, cookie["httponly"], cookie["samesite"], cookie["path"]) == ("fr", True, "Lax", "/")
        assert spoken(client.get("/products/?page=2", HTTP_ACCEPT_LANGUAGE="de")) == "fr"

    def test_every_page_has_the_switch_and_it_knows_its_place(self, client, shop):
        html = client.get("/products/?page=2").content.decode()
        assert '<input type="hidden" name="next" value="/products/?page=2">' in html
        for language in HELLO:
            assert f'<button class="link" name="language" value="{language}" lang="{language}"' in html
        assert re.findall(r'value="(..)" lang=".." aria-current="true"', html) == ["en"]

    def test_each_is_called_by_its_own_name_in_all_of_them(self, client, shop):
        for language in HELLO:
            page = text_of(client.get("/", HTTP_ACCEPT_LANGUAGE=language))
            assert "English Français Deutsch Español Dansk" in page

    def test_chosen_twice_it_is_the_same(self, client, shop):
        assert [choose(client, "da").status_code for _ in range(2)] == [302, 302]
        assert spoken(client.get("/")) == "da"

    @pytest.mark.parametrize("language", ["", "nl", "DE", "de\r\nSet-Cookie: a=b", "x" * 10_000])
    def test_one_that_we_do_not_speak_changes_nothing(self, client, shop, language):
        response = choose(client, language)
        assert (response.status_code, "language" in response.cookies) == (302, False)
        assert spoken(client.get("/")) == "en"

    @pytest.mark.parametrize(
        "to", ["", "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/language"]
    )
    def test_it_leads_nowhere_else(self, client, shop, to):
        assert choose(client, "de", to=to)["Location"] == "/"

    @pytest.mark.parametrize("cookie", ["nl", "", "../x", "d" * 4000, '"', "de-AT-x-y-z-1-2-3"])
    def test_a_cookie_that_we_never_set_is_passed_over(self, client, shop, cookie):
        client.cookies["language"] = cookie
        response = client.get("/", HTTP_ACCEPT_LANGUAGE="es")
        assert (response.status_code, spoken(response) in {"es", "de"}) == (200, True)

    def test_another_sites_form_is_refused(self, client, shop):
        response = choose(client, "de", HTTP_SEC_FETCH_SITE="cross-site")
        assert (response.status_code, "language" in response.cookies) == (403, False)

    @pytest.mark.parametrize("method", ["get", "put", "delete"])
    def test_other_methods_are_refused(self, client, shop, method):
        assert getattr(client, method)("/language").status_code == 405

    def test_what_was_typed_into_the_checkout_is_kept(self, shopper):
        shopper.add()
        form = shopper.form(email="not an address", full_name="Ada", language="de", action=None)
        response = shopper.client.post("/checkout/", form)
        html = response.content.decode()
        assert (spoken(response), response.cookies["language"].value) == ("de", "de")
        assert 'value="not an address"' in html
        assert "Bitte geben Sie eine E-Mail-Adresse wie name@example.com ein." in text_of(response)

    def test_what_was_typed_right_is_saved(self, shopper):
        shopper.add()
        response = shopper.client.post("/checkout/", shopper.form(language="da", action=None))
        assert response["Location"] == "/checkout/"
        assert spoken(shopper.get("/checkout/")) == "da"
        cart = Cart.objects.get()
        assert (cart.full_name, cart.language) == ("John Smith", "da")

    def test_an_open_cart_is_written_about_in_it(self, shopper):
        shopper.add()
        assert Cart.objects.get().language == "en"
        choose(shopper.client, "es")
        assert Cart.objects.get().language == "es"

    def test_a_shop_may_offer_fewer(self, client, shop, settings):
        settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
        assert spoken(client.get("/", HTTP_ACCEPT_LANGUAGE="fr, de;q=0.5")) == "de"
        assert 'value="fr"' not in client.get("/").content.decode()
        settings.LANGUAGES = [("en", "English")]
        assert 'name="language"' not in client.get("/").content.decode()


class TestHowItIsWritten:
    @pytest.mark.parametrize(
        ("language", "price"),
        [("en", "$24.99"), ("fr", "24,99 $US"), ("de", "24,99 $"), ("es", "24,99 US$"), ("da", "24,99 US$")],
    )
    def test_money(self, client, shop, language, price):
        page = text_of(client.get(SHIRT, HTTP_ACCEPT_LANGUAGE=language)).replace("\u00a0", " ").replace("\u202f", " ")
        assert f" {price} " in page

    @pytest.mark.parametrize(("pieces", "words"), [(1, "1 unidad"), (2, "2 unidades")])
    def test_numbers_of_things(self, shopper, pieces, words):
        shopper.add(quantity=pieces)
        html = shopper.client.get("/cart/", HTTP_ACCEPT_LANGUAGE="es").content.decode()
        assert words in re.sub(r"<[^>]+>", "", html)

    def test_days_and_countries(self, shopper):
        shopper.add()
        shopper.buy()
        order = Order.objects.get()
        Order.objects.update(created_at="2026-03-05T12:00:00Z")
        pages = {
            language: text_of(shopper.client.get(f"/orders/{token_of(order)}", HTTP_ACCEPT_LANGUAGE=language))
            for language in HELLO
        }
        days = {"en": "5 March 2026", "fr": "5 mars 2026", "de": "5. März 2026", "es": "5 de marzo de 2026"}
        for language, day in (days | {"da": "5. marts 2026"}).items():
            assert day in pages[language]
        assert "Vereinigte Staaten" in pages["de"]

    def test_a_declined_card(self, shopper):
        shopper.add()
        shopper.press("place", test_card="tok_chargeDeclined")
        page = text_of(shopper.client.get("/checkout/", HTTP_ACCEPT_LANGUAGE="de"))
        assert "Die Zahlung hat nicht geklappt. Ihre Karte wurde abgelehnt. Es wurde nichts abgebucht." in (
            page.replace(" .", ".").replace("  ", " ")
        )

    def test_countries_are_in_their_own_order(self, shopper):
        shopper.add()
        html = shopper.client.get("/checkout/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
        names = re.findall(r'<option value="[A-Z]{2}"[^>]*>([^<]+)', html)
        assert names.index("Niger") < names.index("Österreich") < names.index("Polen")


class TestPrograms:
    """Their documents fix every word, whatever a library of theirs asks for."""

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("get", "/api/checkout"),
            ("post", "/api/checkout/items"),
            ("put", "/api/checkout/shipping-address"),
            ("post", "/api/checkout/complete"),
            ("post", "/api/auth/token"),
            ("get", "/api/carts"),
            ("get", "/api/orders/1"),
            ("post", "/v0/checkout"),
            ("get", "/v0/checkout/1"),
            ("get", "/api/nowhere"),
            ("get", "/.well-known/checkout"),
            ("get", "/api/schema"),
        ],
    )
    def test_no_answer_follows_the_header_the_cookie_or_the_shop(self, client, shop, settings, method, path):
        def answered() -> tuple[int, bytes, str]:
            body = {"data": "{}", "content_type": "application/json"} if method != "get" else {}
            response = getattr(client, method)(path, **body, HTTP_ACCEPT_LANGUAGE="de")
            return response.status_code, response.content, response.get("Vary", "")

        plain = getattr(client, method)(
            path, **({"data": "{}", "content_type": "application/json"} if method != "get" else {})
        )
        expected = (plain.status_code, plain.content, plain.get("Vary", ""))
        assert answered() == expected
        client.cookies["language"] = "de"
        assert answered() == expected
        settings.LANGUAGE_CODE = "de"
        assert answered() == expected

    def test_a_shopper_who_is_refused_by_the_guest_api_is_refused_in_english(self, shopper):
        shopper.add()
        shopper.client.cookies["language"] = "de"
        url, body = "/api/checkout/discount", {"discount_code": "NOPE"}
        response = shopper.client.post(url, body, content_type="application/json", HTTP_ACCEPT_LANGUAGE="de")
        assert response.json()["error"] == "This discount code is not valid."

    def test_what_the_guest_api_changes_keeps_the_shoppers_language(self, shopper):
        choose(shopper.client, "de")
        shopper.add()
        url, body = "/api/checkout/discount", {"discount_code": "SUMMER25"}
        shopper.client.post(url, body, content_type="application/json", HTTP_ACCEPT_LANGUAGE="fr")
        assert Checkout.objects.get().cart.language == "de"


def test_staff_is_spoken_to_in_the_shops_language(admin_client):
    response = admin_client.get("/admin/", HTTP_ACCEPT_LANGUAGE="de")
    assert 'lang="en' in response.content.decode()


def test_a_language_costs_no_query(shopper):
    def queries(language: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            shopper.client.get("/checkout/", HTTP_ACCEPT_LANGUAGE=language)
            shopper.client.post(SHIRT, {"variant": 7, "quantity": 1}, HTTP_ACCEPT_LANGUAGE=language)
        return len(seen)

    shopper.add()
    assert len({queries(language) for language in ("en", "de", "nl")}) == 1
