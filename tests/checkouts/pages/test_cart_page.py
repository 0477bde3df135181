from datetime import timedelta

import pytest
from django.utils import timezone

from carts.models import Refusal
from catalog.models import Variant
from checkouts.models import Checkout, ShippingMethod
from tests.checkouts.pages.shopper import text_of
from tests.factories import EXPRESS_ID, LARGE_BLUE_ID, MEDIUM_BLUE_ID, make_product, make_variant


def change(shopper, action="update", **fields):
    form = {f"quantity-{line.variant_id}": str(line.quantity) for line in shopper.checkout.cart.lines.all()}
    return shopper.client.post("/cart/", form | fields | {"action": action})


def quantities(shopper) -> dict[int, int]:
    return dict(shopper.checkout.cart.lines.values_list("variant_id", "quantity"))


def test_an_empty_cart_says_so_and_begins_nothing(shopper):
    response = shopper.get("/cart/")
    assert "Your cart is empty." in text_of(response)
    assert not response.cookies
    assert not Checkout.objects.exists()


def test_a_cookie_we_did_not_issue_is_an_empty_cart(shopper):
    shopper.client.cookies["checkout_session_id"] = "11111111-1111-4111-8111-111111111111"
    assert "Your cart is empty." in text_of(shopper.get("/cart/"))
    shopper.client.cookies["checkout_session_id"] = "'; drop table"
    assert "Your cart is empty." in text_of(shopper.get("/cart/"))


def test_an_expired_session_is_explained(shopper):
    shopper.add()
    Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = text_of(shopper.get("/cart/"))
    assert "Your session has expired" in page
    assert "60 minutes" in page


def test_shipping_costs_at_least_the_cheapest_until_it_is_chosen(shopper):
    shopper.add()
    assert "Shipping from $5.99" in text_of(shopper.get("/cart/"))
    shopper.press("update", shipping_method=EXPRESS_ID)
    assert "Express Shipping $14.99" in text_of(shopper.get("/cart/"))


def test_where_nothing_ships_no_cost_is_promised(shopper):
    shopper.add()
    ShippingMethod.objects.update(is_active=False)
    assert "Shipping chosen next" in text_of(shopper.get("/cart/"))


def test_a_quantity_is_changed(shopper):
    shopper.add()
    response = change(shopper, **{f"quantity-{MEDIUM_BLUE_ID}": "4"})
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    assert quantities(shopper) == {MEDIUM_BLUE_ID: 4}
    assert "$99.96" in text_of(shopper.get("/cart/"))


def test_a_line_is_removed_by_its_button_and_by_a_zero(shopper):
    shopper.add()
    shopper.add(variant=LARGE_BLUE_ID)
    change(shopper, action=f"remove:{MEDIUM_BLUE_ID}")
    assert quantities(shopper) == {LARGE_BLUE_ID: 1}
    change(shopper, **{f"quantity-{LARGE_BLUE_ID}": "0"})
    assert quantities(shopper) == {}
    assert "Your cart is empty." in text_of(shopper.get("/cart/"))


def test_removing_twice_changes_nothing_more(shopper):
    shopper.add()
    for _ in range(2):
        assert change(shopper, action=f"remove:{MEDIUM_BLUE_ID}").status_code == 302


@pytest.mark.parametrize("typed", ["-1", "two", "1.5", "", "99999999999999999999", "²"])
def test_a_malformed_quantity_is_said_beside_its_line_and_the_other_line_is_saved(shopper, typed):
    shopper.add()
    shopper.add(variant=LARGE_BLUE_ID)
    response = change(shopper, **{f"quantity-{MEDIUM_BLUE_ID}": typed, f"quantity-{LARGE_BLUE_ID}": "5"})
    assert response.status_code == 422
    assert "Enter a whole number" in text_of(response)
    assert f'aria-describedby="quantity-{MEDIUM_BLUE_ID}-error"' in response.content.decode()
    assert f'<a href="#quantity-{MEDIUM_BLUE_ID}">Enter a whole number' in response.content.decode()
    assert quantities(shopper) == {MEDIUM_BLUE_ID: 1, LARGE_BLUE_ID: 5}


def test_more_than_there_is_says_how_many_there_are(shopper):
    product = make_product("Mug")
    variant = make_variant(product, name="Tall", on_hand=3)
    shopper.add(variant=variant.pk, path=product.get_absolute_url())
    response = change(shopper, **{f"quantity-{variant.pk}": "9"})
    assert "Only 3 of Mug (Tall) are left." in text_of(response)
    assert quantities(shopper) == {variant.pk: 1}


def test_a_code_makes_it_cheaper_and_can_be_taken_off(shopper):
    shopper.add(quantity=2)
    change(shopper, action="apply_code", code="summer25")
    page = text_of(shopper.get("/cart/"))
    assert "SUMMER25 is applied" in page
    assert "−$12.50" in page
    change(shopper, action="remove_code")
    assert "SUMMER25" not in text_of(shopper.get("/cart/"))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("NOPE", "This discount code is not valid."),
        ("EXPIRED10", "This discount code has expired."),
        ("BIG100", "needs a basket of at least $100.00"),
        ("", "Enter a code."),
    ],
)
def test_a_code_that_cannot_be_used_says_why_and_stays_typed(shopper, code, sentence):
    shopper.add()
    response = change(shopper, action="apply_code", code=code)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert f'value="{code}"' in response.content.decode()
    assert '<a href="#code">' in response.content.decode()


def test_a_code_that_was_refused_does_not_keep_who_goes_on_all_the_same(shopper):
    shopper.add()
    refused = change(shopper, action="checkout", code="NOPE")
    assert refused.status_code == 422
    assert '<input type="hidden" name="refused_code" value="NOPE">' in refused.content.decode()
    went_on = change(shopper, action="checkout", code="NOPE", refused_code="NOPE")
    assert (went_on.status_code, went_on["Location"]) == (302, "/checkout/")
    assert Refusal.objects.get().times == 1


@pytest.mark.parametrize(("action", "code"), [("checkout", "OTHER"), ("apply_code", "NOPE")])
def test_another_code_or_the_same_applied_again_is_looked_at(shopper, action, code):
    shopper.add()
    assert change(shopper, action=action, code=code, refused_code="NOPE").status_code == 422


def test_a_typed_quantity_survives_the_button_of_the_code(shopper):
    shopper.add()
    change(shopper, action="apply_code", code="SUMMER25", **{f"quantity-{MEDIUM_BLUE_ID}": "2"})
    assert quantities(shopper) == {MEDIUM_BLUE_ID: 2}


def test_a_line_that_is_no_longer_for_sale_says_so(shopper):
    shopper.add()
    Variant.objects.filter(pk=MEDIUM_BLUE_ID).update(is_active=False)
    assert "no longer for sale" in text_of(shopper.get("/cart/"))


def test_the_way_to_the_checkout_saves_what_was_typed(shopper):
    shopper.add()
    response = change(shopper, action="checkout", **{f"quantity-{MEDIUM_BLUE_ID}": "3"})
    assert response["Location"] == "/checkout/"
    assert quantities(shopper) == {MEDIUM_BLUE_ID: 3}


def test_a_cart_costs_as_many_queries_for_many_lines_as_for_one(shopper, django_assert_num_queries):
    shopper.add()
    shopper.get("/cart/")
    with django_assert_num_queries(3):
        shopper.get("/cart/")
    for number in range(8):
        product = make_product(f"Mug {number}")
        shopper.add(variant=make_variant(product).pk, path=product.get_absolute_url())
    shopper.get("/cart/")
    with django_assert_num_queries(3):
        shopper.get("/cart/")


def test_a_cart_is_kept_by_no_cache_and_no_search_engine(shopper):
    shopper.add()
    response = shopper.get("/cart/")
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(shopper, method):
    assert getattr(shopper.client, method)("/cart/").status_code == 405
