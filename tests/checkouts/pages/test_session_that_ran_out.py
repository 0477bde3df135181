from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Price, Stock
from checkouts import again, services
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from orders.models import Order
from tests.checkouts.pages.shopper import text_of
from tests.factories import ADDRESS, MEDIUM_BLUE_ID, make_product, make_variant


def run_out(*, swept: bool = False) -> None:
    Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    if swept:
        services.expire_due()


@pytest.mark.parametrize("swept", [False, True], ids=["before the sweep", "after the sweep"])
def test_says_what_was_in_it_and_is_taken_up_again_by_one_button(shopper, swept):
    shopper.add(quantity=2)
    shopper.press("update")
    run_out(swept=swept)
    page = text_of(shopper.get("/cart/"))
    assert "Your session has expired" in page
    assert "2 × $24.99" in page
    response = shopper.client.post("/cart/", {"action": "carry_on"})
    assert "Everything is back in your cart." in shopper.shown(response)
    assert shopper.checkout.status == CheckoutStatus.ACTIVE
    assert shopper.checkout.shipping_address == ADDRESS
    assert "Your order is confirmed." in shopper.shown(shopper.buy())


def test_taken_up_twice_is_taken_up_once(shopper):
    shopper.add()
    run_out()
    for _ in range(2):
        assert shopper.client.post("/cart/", {"action": "carry_on"})["Location"] == "/cart/"
    assert Checkout.objects.count() == 1


def test_a_page_filled_in_until_then_loses_nothing_and_orders_nothing_unseen(shopper):
    shopper.add()
    form = shopper.form()
    run_out(swept=True)
    Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=2999)
    page = shopper.shown(shopper.press("place", form))
    assert "Your session had ended meanwhile." in page
    assert "Place order · $35.98" in page
    assert shopper.checkout.cart.email == "customer@example.com"
    assert shopper.checkout.shipping_address == ADDRESS
    assert not Order.objects.exists()
    assert "Your order is confirmed." in shopper.shown(shopper.buy())


def test_a_page_half_filled_in_until_then_is_shown_as_it_was_typed(shopper):
    shopper.add()
    form = shopper.form(email="ada@", full_name="Ada")
    run_out()
    response = shopper.press("update", form)
    assert response.status_code == 422
    assert 'value="ada@"' in response.content.decode()
    assert "Your session had ended meanwhile." in text_of(response)


def test_what_can_no_longer_be_bought_is_said_before_it_is_taken_up(shopper):
    shopper.add(quantity=2)
    run_out()
    Stock.objects.filter(pk=MEDIUM_BLUE_ID).update(on_hand=1)
    assert "Only 1 of Medium / Blue is left." in text_of(shopper.get("/cart/"))


def test_a_cart_that_went_on_on_another_device_is_not_shown_here_nor_taken_from_there(shopper):
    shopper.add()
    run_out()
    elsewhere = again.begin_again(shopper.checkout.cart_id).checkout
    assert "1 × $24.99" not in text_of(shopper.get("/cart/"))
    response = shopper.client.post("/cart/", {"action": "carry_on"})
    assert "That cart went on somewhere else" in shopper.shown(response)
    elsewhere.refresh_from_db()
    assert elsewhere.status == CheckoutStatus.ACTIVE


def test_a_page_of_another_session_takes_up_nothing(shopper):
    shopper.add()
    form = shopper.form()
    run_out()
    shopper.client.cookies.clear()
    assert shopper.press("update", form)["Location"] == "/cart/"
    assert shopper.checkout.expires_at < timezone.now()


@pytest.mark.parametrize("cookie", [None, "11111111-1111-4111-8111-111111111111"])
def test_where_there_was_none_the_button_leads_to_an_empty_cart(shopper, cookie):
    if cookie:
        shopper.client.cookies["checkout_session_id"] = cookie
    assert "Your cart is empty." in shopper.shown(shopper.client.post("/cart/", {"action": "carry_on"}))


def test_a_cart_that_was_bought_is_not_taken_up_again(shopper):
    shopper.add()
    shopper.buy()
    shopper.client.post("/cart/", {"action": "carry_on"})
    assert shopper.checkout.status == CheckoutStatus.COMPLETED


def test_the_page_costs_as_many_queries_for_many_lines_as_for_one(shopper, django_assert_num_queries):
    for lines in (1, 6):
        for number in range(lines):
            product = make_product(f"Mug {number}")
            shopper.add(variant=make_variant(product).pk, path=product.get_absolute_url())
        run_out()
        with django_assert_num_queries(5):
            shopper.get("/cart/")
        shopper.client.cookies.clear()


def test_a_page_of_an_earlier_cart_leads_to_its_order_and_takes_up_nothing(shopper):
    shopper.add()
    old_page = shopper.form()
    placed = shopper.press("place", old_page)
    shopper.add()
    run_out()
    assert shopper.press("place", old_page)["Location"] == placed["Location"]
    assert shopper.checkout.expires_at < timezone.now()
