import re

import pytest

from tests.checkouts.pages.shopper import text_of
from tests.factories import ADDRESS, EXPRESS_ID, MEDIUM_BLUE_ID, make_product, make_variant

BILLING = {f"billing-{name}": value for name, value in (ADDRESS | {"city": "Oakland"}).items()}


def test_without_a_cart_the_checkout_leads_to_the_cart(shopper):
    assert shopper.get("/checkout/")["Location"] == "/cart/"
    assert shopper.client.post("/checkout/", {"action": "place"})["Location"] == "/cart/"


def test_the_first_way_of_shipping_is_proposed_and_its_total_is_on_the_button(shopper):
    shopper.add()
    assert "Place order · $30.98" in text_of(shopper.get("/checkout/"))
    assert shopper.checkout.shipping_method_id is None


def test_the_page_says_that_no_money_moves(shopper):
    shopper.add()
    assert "payments are simulated, no money moves" in text_of(shopper.get("/checkout/"))


def test_no_field_invites_a_browser_to_fill_in_a_card(shopper):
    shopper.add()
    html = shopper.get("/checkout/").content.decode()
    assert "cc-" not in html
    assert not re.search(r'name="[^"]*(card_?number|cvc|cvv)', html)


def test_everything_typed_is_saved_by_any_button(shopper):
    shopper.add()
    response = shopper.press("update", shipping_method=EXPRESS_ID)
    assert (response.status_code, response["Location"]) == (302, "/checkout/")
    checkout = shopper.checkout
    assert checkout.shipping_address == ADDRESS
    assert (checkout.cart.email, checkout.cart.full_name) == ("customer@example.com", "John Smith")
    assert checkout.shipping_method_id == EXPRESS_ID
    assert checkout.billing_address == {}


def test_another_billing_address_is_saved_and_taken_back(shopper):
    shopper.add()
    shopper.press("update", billing_same=None, **BILLING)
    assert shopper.checkout.billing_address["city"] == "Oakland"
    shopper.press("update")
    assert shopper.checkout.billing_address == {}


def test_what_is_right_is_saved_and_what_is_wrong_stays_typed(shopper):
    shopper.add()
    response = shopper.press("place", email="john@", phone="+4512345678")
    assert response.status_code == 422
    html = response.content.decode()
    assert 'value="john@"' in html
    assert 'value="+4512345678"' in html
    assert shopper.checkout.cart.email == ""
    assert shopper.checkout.shipping_address == ADDRESS
    assert shopper.checkout.order is None


def test_an_error_is_beside_its_field_and_in_a_summary_that_links_to_it(shopper):
    shopper.add()
    html = shopper.press("place", email="").content.decode()
    field = re.search(r'<input type="email"[^>]*>', html)[0]
    assert 'aria-invalid="true"' in field
    assert "id_email_error" in re.search(r'aria-describedby="([^"]*)"', field)[1]
    assert '<p class="error" id="id_email_error">Enter your e-mail address.</p>' in html
    assert '<a href="#id_email">Enter your e-mail address.</a>' in html


def test_every_field_that_is_needed_is_asked_for_when_the_order_is_placed(shopper):
    shopper.add()
    names = ["email", "full_name", "shipping-address_line1", "shipping-city", "shipping-country"]
    page = text_of(shopper.press("place", **dict.fromkeys(names, "")))
    assert "5 things are not right yet" in page


def test_a_half_filled_page_is_no_error_while_a_code_is_applied_and_loses_nothing(shopper):
    shopper.add()
    half = {"shipping-city": "", "email": "", "code": "SUMMER25"}
    response = shopper.press("apply_code", **half)
    assert response.status_code == 200
    assert "not right yet" not in text_of(response)
    assert "SUMMER25 is applied" in text_of(response)
    assert 'value="123 Main Street"' in response.content.decode()
    assert 'value="John Smith"' in response.content.decode()


def test_an_untouched_page_is_asked_for_anew_after_applying_a_code(shopper):
    shopper.add()
    empty = {f"shipping-{name}": "" for name in ADDRESS} | {"email": "", "full_name": "", "phone": ""}
    assert shopper.press("apply_code", code="SUMMER25", **empty).status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("shipping-country", "XX", "Choose a country from the list."),
        ("shipping-country", "<script>", "Choose a country from the list."),
        ("email", "a" * 300 + "@example.com", "at most 254 characters"),
        ("shipping-city", "x" * 101, "at most 100 characters"),
        ("full_name", "a\x00b", "a character in this that cannot be kept."),
        ("shipping_method", "77", "Choose one of these."),
        ("shipping_method", "", "Choose how we ship."),
        ("provider", "cash", "Choose one of these."),
        ("provider", "", "Choose how you pay."),
        ("code", "NOPE", "This discount code is not valid."),
        (f"quantity-{MEDIUM_BLUE_ID}", "many", "Enter a whole number"),
    ],
)
def test_a_malformed_field_is_said_and_nothing_is_ordered(shopper, field, value, sentence):
    shopper.add()
    response = shopper.press("place", **{field: value})
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert "<script>" not in response.content.decode()
    assert shopper.checkout.order is None


def test_mobilepay_needs_a_phone_number(shopper):
    shopper.add()
    response = shopper.press("place", provider="mobilepay", mobile="12")
    assert response.status_code == 422
    assert "Enter your mobile number in international form" in text_of(response)


def test_a_card_number_sent_in_place_of_a_test_card_is_refused_and_not_repeated(shopper, caplog):
    shopper.add()
    response = shopper.press("place", test_card="4000123412341234")
    assert response.status_code == 422
    assert "4000123412341234" not in response.content.decode()
    assert "4000123412341234" not in caplog.text


def test_quantities_change_on_the_page_itself(shopper):
    shopper.add()
    shopper.press("update", **{f"quantity-{MEDIUM_BLUE_ID}": 2})
    assert "Place order · $55.97" in text_of(shopper.get("/checkout/"))


def test_removing_the_last_line_leads_to_the_cart(shopper):
    shopper.add()
    assert shopper.press(f"remove:{MEDIUM_BLUE_ID}")["Location"] == "/cart/"


def test_reading_changes_nothing(shopper):
    shopper.add()
    before = shopper.checkout.expires_at
    shopper.get("/checkout/")
    assert shopper.checkout.expires_at == before


def test_the_page_costs_as_many_queries_for_many_lines_as_for_one(shopper, django_assert_num_queries):
    shopper.add()
    with django_assert_num_queries(4):  # one looks for who bought in this session before
        shopper.get("/checkout/")
    for number in range(8):
        product = make_product(f"Mug {number}")
        shopper.add(variant=make_variant(product).pk, path=product.get_absolute_url())
    with django_assert_num_queries(4):
        shopper.get("/checkout/")
    shopper.press("update")
    with django_assert_num_queries(3):
        shopper.get("/checkout/")


def test_the_page_is_kept_by_no_cache(shopper):
    shopper.add()
    assert "no-store" in shopper.get("/checkout/")["Cache-Control"]


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(shopper, method):
    assert getattr(shopper.client, method)("/checkout/").status_code == 405
