"""Who bought in this browser before is filled in for the next time; see docs/adr/0015."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from checkouts import remembered
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from dialects.guest import COOKIE
from orders.models import Order
from tests.checkouts.pages.shopper import Shopper, text_of
from tests.factories import ADDRESS

FILLED_IN = "Filled in from your last order."


@pytest.fixture
def returning(shopper):
    """Somebody who has bought, and put something in the cart again."""
    shopper.add()
    shopper.buy()
    shopper.add()
    return shopper


def page(shopper: Shopper) -> str:
    return shopper.get("/checkout/").content.decode()


def test_is_filled_in_and_said_so_but_not_saved_before_they_go_on(returning):
    html = page(returning)
    assert FILLED_IN in html
    assert "7 days" in html
    for value in ("customer@example.com", "John Smith", ADDRESS["address_line1"], ADDRESS["city"]):
        assert f'value="{value}"' in html
    assert '<option value="CA" selected>' in html
    assert (returning.checkout.cart.email, returning.checkout.shipping_address) == ("", {})


def test_is_saved_with_the_next_button(returning):
    returning.press("update")
    assert returning.checkout.cart.email == "customer@example.com"
    assert returning.checkout.shipping_address == ADDRESS
    assert FILLED_IN not in page(returning)


def test_another_billing_address_is_filled_in_too(shopper):
    shopper.add()
    oakland = {f"billing-{name}": value for name, value in (ADDRESS | {"city": "Oakland"}).items()}
    shopper.buy(billing_same=None, **oakland)
    shopper.add()
    html = page(shopper)
    assert 'name="billing_same" value="1">' in html
    assert 'value="Oakland"' in html


def test_is_known_to_this_browser_alone_whatever_address_is_typed(returning):
    other = Shopper(Client())
    other.add()
    other.press("update", **{f"shipping-{name}": "" for name in ADDRESS}, full_name="", phone="")
    html = page(other)
    assert FILLED_IN not in html
    assert ADDRESS["address_line1"] not in html


def test_is_forgotten_a_week_after_the_order_however_often_they_came_back(returning):
    longer_ago = timezone.now() - timedelta(seconds=remembered.REMEMBER_SECONDS + 1)
    Checkout.objects.filter(status=CheckoutStatus.COMPLETED).update(completed_at=longer_ago)
    html = page(returning)
    assert FILLED_IN not in html
    assert ADDRESS["address_line1"] not in html


def test_what_is_typed_already_is_not_overwritten(returning):
    nowhere = {f"shipping-{name}": "" for name in ADDRESS}
    returning.press("update", email="new@example.com", full_name="New Name", **nowhere)
    html = page(returning)
    assert 'value="new@example.com"' in html
    assert ADDRESS["address_line1"] not in html


class TestNotYou:
    def test_clears_what_is_filled_in_and_keeps_the_cart(self, returning):
        before = returning.client.cookies[COOKIE].value
        response = returning.press("forget")
        assert response["Location"] == "/checkout/"
        assert returning.client.cookies[COOKIE].value != before
        html = page(returning)
        assert "John Smith" not in html
        assert ADDRESS["address_line1"] not in html
        assert "Place order · $30.98" in text_of(returning.get("/checkout/"))

    def test_clears_what_was_saved_meanwhile(self, returning):
        returning.press("update")
        assert "Not you?" in page(returning)
        returning.press("forget")
        checkout = returning.checkout
        assert (checkout.cart.email, checkout.cart.full_name, checkout.cart.phone) == ("", "", "")
        assert (checkout.shipping_address, checkout.billing_address) == ({}, {})

    def test_twice_is_harmless(self, returning):
        form = returning.form()
        returning.press("forget", form)
        assert returning.press("forget", form).status_code == 302
        assert returning.checkout.cart.lines.count() == 1

    def test_leaves_the_old_key_worth_nothing(self, returning):
        old = returning.client.cookies[COOKIE].value
        returning.press("forget")
        returning.client.cookies[COOKIE] = old
        assert returning.get("/checkout/")["Location"].startswith("/orders/")  # whoever copied it sees what it was
        assert returning.checkout.session_key != old

    def test_waits_while_a_payment_is_under_way(self, returning):
        form = returning.form()
        Checkout.objects.filter(pk=returning.checkout.pk).update(status=CheckoutStatus.PAYING)
        assert "Your payment is being processed" in returning.shown(returning.press("forget", form))

    def test_on_the_orders_page_ends_the_session_of_whoever_bought(self, shopper):
        shopper.add()
        path = shopper.buy()["Location"]
        assert "Not your own device?" in text_of(shopper.get(path))
        response = shopper.client.post(path, {"action": "forget"})
        assert response["Location"] == path
        assert shopper.client.cookies[COOKIE].value == ""
        assert "Not your own device?" not in text_of(shopper.get(path))
        shopper.add()
        assert FILLED_IN not in page(shopper)
        assert Order.objects.count() == 1

    def test_is_not_asked_of_somebody_who_came_by_the_mail(self, shopper):
        shopper.add()
        path = shopper.buy()["Location"]
        assert "Not your own device?" not in text_of(Client().get(path))
