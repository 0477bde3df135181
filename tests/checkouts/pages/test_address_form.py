"""The address fields of the checkout page, without JavaScript and as its script asks for them."""

import re

import pytest

from checkouts import services
from common.cards import has_card_number
from orders.models import Order
from tests.checkouts.pages.shopper import text_of
from tests.factories import ADDRESS

BERLIN = {"address_line1": "Torstraße 1", "city": "Berlin", "state": "", "postal_code": "10119", "country": "DE"}


def shipping(**values: str) -> dict[str, str]:
    return {f"shipping-{name}": value for name, value in values.items()}


def labels(html: str, prefix: str = "shipping") -> list[str]:
    return re.findall(rf'<label for="id_{prefix}-[^"]*">([^<]*)</label>', html)


def field(html: str, name: str) -> str:
    return re.search(rf'<(?:input|select)[^>]*name="{name}"[^>]*>', html)[0]


class TestAnotherCountry:
    def test_changes_the_form_by_a_button_and_loses_nothing(self, shopper):
        shopper.add()
        response = shopper.press("country", **shipping(country="DE"), email="", code="")
        html = response.content.decode()
        assert response.status_code == 200
        assert labels(html)[:5] == [
            "Country",
            "Street and number",
            "Apartment, floor (optional)",
            "Postal code",
            "City",
        ]
        assert "not right yet" not in html
        for kept in (ADDRESS["address_line1"], ADDRESS["city"], ADDRESS["postal_code"], "John Smith"):
            assert f'value="{kept}"' in html
        assert '<input type="hidden" name="shipping-state" value="CA">' in html

    def test_there_and_back_again_is_as_it_was(self, shopper):
        shopper.add()
        shopper.press("country", **shipping(country="DE"))
        html = shopper.press("country", **shipping(country="US")).content.decode()
        assert '<option value="CA" selected>California<' in html
        assert "ZIP code" in labels(html)

    def test_saves_nothing_that_does_not_fit_it(self, shopper):
        shopper.add()
        shopper.press("country", **shipping(country="GB"))  # with a ZIP code still in it
        assert shopper.checkout.shipping_address == {}

    def test_of_the_billing_address_leaves_the_other_alone(self, shopper):
        shopper.add()
        html = shopper.press("country", billing_same=None, **{"billing-country": "JP"}).content.decode()
        assert "Prefecture" in labels(html, "billing")
        assert "State" in labels(html)

    def test_keeps_no_card_number_of_a_field_that_went(self, shopper):
        shopper.add()
        html = shopper.press("country", **shipping(country="DE", state="4242424242424242")).content.decode()
        assert not has_card_number(html)


class TestTheFields:
    def test_tell_browsers_what_belongs_into_them(self, shopper):
        shopper.add()
        html = shopper.press("country").content.decode()
        code, state = field(html, "shipping-postal_code"), field(html, "shipping-state")
        assert 'autocomplete="shipping postal-code"' in code
        assert 'inputmode="numeric"' in code
        assert state.startswith("<select")
        assert 'autocomplete="shipping address-level1"' in state
        assert 'inputmode="numeric"' not in field(
            shopper.press("country", **shipping(country="GB")).content.decode(), "shipping-postal_code"
        )

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"postal_code": "9410"}, "Enter a ZIP code like 95014 (United States)."),
            ({"postal_code": ""}, "Enter the ZIP code."),
            ({"state": ""}, "Choose the state."),
            ({"state": "Bavaria"}, "Choose the state from the list."),
            ({"state": "<b>"}, "Choose the state from the list."),
            ({"country": "DE"}, "Enter a postal code"),
            ({"country": "GB", "postal_code": ""}, "Enter the postcode."),
            ({"country": "JP", "state": ""}, "Choose the prefecture."),
        ],
    )
    def test_that_are_wrong_are_said_beside_them_and_in_the_summary(self, shopper, typed, sentence):
        shopper.add()
        typed = {"postal_code": "941"} | typed if typed == {"country": "DE"} else typed
        response = shopper.press("place", **shipping(**typed))
        html = response.content.decode()
        assert response.status_code == 422
        name = next(name for name in ("state", "postal_code") if f"id_shipping-{name}_error" in html)
        assert f'<p class="error" id="id_shipping-{name}_error">{sentence}' in html
        assert f'<a href="#id_shipping-{name}">{sentence}' in html
        assert 'aria-invalid="true"' in field(html, f"shipping-{name}")
        assert not Order.objects.exists()

    def test_keep_the_spelling_of_the_city_and_tidy_the_postal_code(self, shopper):
        shopper.add()
        shopper.press("update", **shipping(country="GB", city="St Ives", state="", postal_code="tr26  1aa"))
        saved = shopper.checkout.shipping_address
        assert (saved["city"], saved["postal_code"], saved["state"]) == ("St Ives", "TR26 1AA", "")

    def test_that_a_country_has_not_are_not_saved(self, shopper):
        shopper.add()
        shopper.press("update", **shipping(**BERLIN | {"state": "CA"}))
        assert shopper.checkout.shipping_address == BERLIN | {"address_line2": ""}

    def test_of_a_country_without_cities_come_to_an_order(self, shopper):
        shopper.add()
        page = shopper.shown(shopper.buy(**shipping(country="SG", city="", state="", postal_code="546080")))
        assert "Your order is confirmed." in page
        assert "SINGAPORE 546080 Singapore" in page
        assert Order.objects.get().shipping_address["city"] == "Singapore"

    def test_show_whole_what_the_api_has_taken_and_hold_it_to_the_rules_when_placed(self, shopper):
        shopper.add()
        loose = {"address_line1": "1 Lane", "address_line2": "", "city": "Ives", "state": "Kent", "country": "GB"}
        services.set_shipping_address(shopper.checkout.session_key, loose | {"postal_code": "?"})
        html = shopper.get("/checkout/").content.decode()
        assert "Province (optional)" in labels(html)
        assert 'value="Kent"' in html
        typed = shipping(**loose, postal_code="?")
        assert "Enter a postcode" in text_of(shopper.press("place", **typed))
        assert shopper.checkout.shipping_address["postal_code"] == "?"

    def test_write_out_an_area_that_the_api_was_told_by_its_name(self, shopper):
        shopper.add()
        services.set_shipping_address(shopper.checkout.session_key, ADDRESS | {"state": "california"})
        assert '<option value="CA" selected>' in shopper.get("/checkout/").content.decode()


class TestTheBillingAddress:
    def test_is_the_shipping_address_unless_somebody_says_otherwise(self, shopper):
        shopper.add()
        html = shopper.get("/checkout/").content.decode()
        assert '<input type="checkbox" name="billing_same" value="1" checked>' in html
        assert "Billing address" in html  # a browser hides it while the box is ticked; it is there without a script

    def test_stays_asked_for_until_it_is_whole(self, shopper):
        shopper.add()
        response = shopper.press("apply_code", billing_same=None, code="SUMMER25")
        assert response.status_code == 200
        assert 'name="billing_same" value="1">' in response.content.decode()

    def test_is_needed_where_it_is_another(self, shopper):
        shopper.add()
        page = text_of(shopper.press("place", billing_same=None, **{"billing-country": "US"}))
        assert "4 things are not right yet" in page
        assert shopper.checkout.order is None


class TestHints:
    def test_at_a_slip_in_the_mail_address_stand_in_nobodys_way(self, shopper):
        shopper.add()
        page = shopper.shown(shopper.press("update", email="ada@gmial.com"))
        assert "Did you mean ada@gmail.com ?" in page
        assert "Your order is confirmed." in shopper.shown(shopper.buy(email="ada@gmial.com"))
        assert Order.objects.get().email == "ada@gmial.com"

    def test_are_taken_up_by_a_button(self, shopper):
        shopper.add()
        shopper.press("use_email", email="ada@gmial.com")
        assert shopper.checkout.cart.email == "ada@gmail.com"

    def test_at_a_phone_number_keep_it_as_it_was_typed(self, shopper):
        shopper.add()
        response = shopper.press("update", phone="555-12")
        assert "whole phone number" in shopper.shown(response)
        assert shopper.checkout.cart.phone == "555-12"

    def test_at_a_code_of_another_state_let_the_order_through(self, shopper):
        shopper.add()
        response = shopper.press("update", **shipping(state="NY"))
        assert "This is not a ZIP code of New York." in shopper.shown(response)
        assert "Your order is confirmed." in shopper.shown(shopper.buy(**shipping(state="NY")))

    def test_are_named_in_the_fields_description(self, shopper):
        shopper.add()
        shopper.press("update", email="ada@gmial.com")
        html = shopper.get("/checkout/").content.decode()
        assert 'aria-describedby="id_email_helptext id_email_doubt"' in field(html, "email")
        assert html.count('id="id_email_doubt"') == 1

    def test_are_not_given_beside_an_error(self, shopper):
        shopper.add()
        html = shopper.press("place", email="a da@gmial.com").content.decode()
        assert "id_email_error" in html
        assert "id_email_doubt" not in html


class TestInPlace:
    def test_a_countrys_fields_are_the_same_for_everybody_and_cost_no_query(self, shopper, django_assert_num_queries):
        shopper.add()
        with django_assert_num_queries(0):
            response = shopper.get("/checkout/address/billing?country=JP")
        html = response.content.decode()
        assert "Prefecture" in labels(html, "billing")
        assert "Country" not in labels(html, "billing")
        assert "max-age=3600" in response["Cache-Control"]
        assert not response.cookies

    def test_no_country_is_one_more(self, shopper):
        assert "State or region (optional)" in labels(shopper.get("/checkout/address/shipping").content.decode())

    @pytest.mark.parametrize("path", ["other?country=US", "shipping?country=XX", "shipping?country=%00"])
    def test_what_is_not_there_is_404(self, shopper, path):
        assert shopper.get(f"/checkout/address/{path}").status_code == 404

    def test_hints_are_answered_for_what_was_typed(self, client, db, django_assert_num_queries):
        typed = {"email": "<b>@gmial.com", "phone": "12", "country": "US"}
        with django_assert_num_queries(0):
            said = client.post("/checkout/hints", typed).json()
        assert set(said) == {"email", "full_name", "phone"}
        assert "whole phone number" in said["phone"]
        assert "<b>" not in said["email"]
        said = client.post("/checkout/hints", {"email": "ada@gmial.com"}).json()
        assert 'data-meant="ada@gmail.com"' in said["email"]
        assert said["phone"] == ""

    def test_hints_are_asked_for_by_our_own_pages_alone_and_by_a_post(self, client, db):
        assert client.post("/checkout/hints", headers={"sec-fetch-site": "cross-site"}).status_code == 403
        assert client.get("/checkout/hints").status_code == 405
        assert client.post("/checkout/address/shipping").status_code == 405
