import pytest

from catalog.models import Price, Stock, Variant
from tests.checkouts.pages.shopper import text_of
from tests.factories import MEDIUM_BLUE_ID

CHANGED = "Prices have changed since you last looked"


@pytest.mark.parametrize("path", ["/cart/", "/checkout/"])
@pytest.mark.parametrize(("amount", "words"), [(2999, "$5.00 more"), (1999, "$5.00 less")])
def test_a_price_that_moved_is_told_once_on_the_next_page(shopper, path, amount, words):
    shopper.add()
    shopper.get(path)
    Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=amount)
    assert f"{CHANGED}: your order costs {words} now." in text_of(shopper.get(path))
    assert CHANGED not in text_of(shopper.get(path))


def test_a_price_that_moved_is_told_after_another_button(shopper):
    shopper.add()
    form = shopper.form()
    Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=2999)
    assert CHANGED in shopper.shown(shopper.press("update", form))


def test_a_price_that_moved_is_told_beside_what_is_wrong(shopper):
    shopper.add()
    form = shopper.form(email="")
    Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=2999)
    response = shopper.press("place", form)
    assert response.status_code == 422
    assert CHANGED in text_of(response)


def test_placing_tells_the_new_total_and_does_not_say_it_twice(shopper):
    shopper.add()
    form = shopper.form()
    Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=2999)
    page = shopper.shown(shopper.press("place", form))
    assert "The total is now $35.98." in page
    assert CHANGED not in page


def test_what_the_shopper_did_is_no_change(shopper):
    shopper.add()
    page = shopper.shown(shopper.press("apply_code", code="SUMMER25", shipping_method=2))
    assert CHANGED not in page


@pytest.mark.parametrize("path", ["/cart/", "/checkout/"])
def test_what_cannot_be_bought_is_told_on_top_with_a_link_to_its_line(shopper, path):
    shopper.add(quantity=2)
    Stock.objects.filter(pk=MEDIUM_BLUE_ID).update(on_hand=1)
    html = shopper.get(path).content.decode()
    assert "Before you can order:" in html
    assert f'<a href="#quantity-{MEDIUM_BLUE_ID}">Only 1 of Organic Cotton T-Shirt (Medium / Blue) is left.</a>' in html
    Variant.objects.filter(pk=MEDIUM_BLUE_ID).update(is_active=False)
    assert "is no longer for sale. Remove it to go on.</a>" in shopper.get(path).content.decode()


def test_nothing_is_said_where_everything_is_as_it_was(shopper):
    shopper.add()
    page = text_of(shopper.get("/checkout/"))
    assert CHANGED not in page
    assert "Before you can order" not in page
