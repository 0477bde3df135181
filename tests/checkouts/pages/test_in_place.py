"""What htmx asks for: the parts that change instead of the page, and the page where there are no such parts."""

from __future__ import annotations

import re

import pytest

from checkouts.models import ShippingRate
from tests.factories import STANDARD_ID

PARTS = ('id="notices"', 'id="standing"', 'id="lines"', 'id="code-part"', 'id="sums"', 'id="told"')
OF_THE_CHECKOUT = ('id="methods"', 'id="place"')
IN_PLACE = {"HTTP_HX_REQUEST": "true"}


def is_whole(html: str) -> bool:
    return "<html" in html


@pytest.mark.parametrize(("path", "parts"), [("/cart/", PARTS), ("/checkout/", PARTS + OF_THE_CHECKOUT)])
def test_every_part_that_the_page_names_comes_and_nothing_else(shopper, path, parts):
    shopper.add()
    whole = shopper.get(path)
    answer = shopper.client.get(path, **IN_PLACE)
    html = answer.content.decode()
    assert is_whole(whole.content.decode())
    assert not is_whole(html)
    for part in parts:
        assert html.count(part) == whole.content.decode().count(part) == 1, part
    assert "HX-Request" in answer["Vary"]
    assert "no-store" in answer["Cache-Control"]


def test_a_change_is_answered_with_the_parts_and_the_new_total(shopper):
    shopper.add()
    form = {"quantity-7": "2", "action": "update"}
    answer = shopper.client.post("/cart/", form, follow=True, **IN_PLACE)
    assert "The total is $49.98 now." in answer.content.decode()


def test_what_is_wrong_is_told_instead_of_the_total(shopper):
    shopper.add()
    answer = shopper.client.post("/cart/", {"quantity-7": "many", "action": "update"}, **IN_PLACE)
    assert answer.status_code == 422
    assert '<p class="away" id="told" role="status">Enter a whole number' in answer.content.decode()


def test_an_address_that_is_not_right_yet_is_no_matter_of_the_parts(shopper):
    shopper.add()
    answer = shopper.press("update", email="not an address")
    assert "id_email" in answer.content.decode()
    parts = shopper.client.post("/checkout/", shopper.form(email="not an address", action="update"), **IN_PLACE)
    assert "id_email" not in parts.content.decode()
    assert 'id="told"' in parts.content.decode()


def test_an_empty_cart_has_no_parts_and_comes_whole(shopper):
    shopper.add()
    form = {"quantity-7": "1", "action": "remove:7"}
    answer = shopper.client.post("/cart/", form, follow=True, **IN_PLACE)
    assert is_whole(answer.content.decode())
    assert 'id="told"' not in answer.content.decode()


@pytest.mark.parametrize("country", ["", "NO"], ids=["the same everywhere", "by country"])
def test_enter_in_a_field_presses_update_whatever_other_buttons_nobody_sees(shopper, country):
    rate = {"method_id": STANDARD_ID, "country": country, "currency": "USD"}
    ShippingRate.objects.update_or_create(**rate, defaults={"amount": 9})
    shopper.add()
    buttons = re.findall(r'<button[^>]* value="(\w+)"', shopper.get("/checkout/").content.decode())
    assert buttons[0] == "update"
