"""Addresses, contact, shipping and discount: what is taken, what is refused, what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from checkouts.models import ShippingMethod
from tests.checkouts.api.conftest import CUSTOMER, SHIPPING_ADDRESS, SHIRT, Guest

BIG = SHIRT | {"quantity": 5}


def error(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    return response.json()["error"]


@pytest.mark.parametrize("path", ["/shipping-address", "/billing-address"])
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "USA"}, "country"),
        ({"country": ""}, "country"),
        ({"city": ""}, "city"),
        ({"address_line1": "   "}, "address_line1"),
        ({"address_line1": 5}, "address_line1"),
        ({"address_line1": "x" * 201}, "address_line1"),
        ({"postal_code": None}, "postal_code"),
        ({"city": "a\x00b"}, ""),
    ],
)
def test_an_invalid_address_is_a_400_that_names_the_field(guest: Guest, path: str, changes: dict[str, Any], named: str):
    guest.get()
    assert named in error(guest.call("put", path, SHIPPING_ADDRESS | changes), 400)


def test_an_address_keeps_what_was_typed_save_the_case_of_the_country(guest: Guest):
    guest.get()
    odd = {"address_line1": "  Ågade 7, 2. tv ", "city": "København Ø", "country": "dk"}
    kept = guest.call("put", "/shipping-address", odd).json()["shipping_address"]
    assert kept == dict.fromkeys(SHIPPING_ADDRESS, "") | {
        "address_line1": "Ågade 7, 2. tv",
        "city": "København Ø",
        "country": "DK",
    }


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@example.com", 5, None, "x" * 250 + "@example.com"])
def test_an_invalid_email_is_a_400(guest: Guest, email: Any):
    guest.get()
    assert "email" in error(guest.call("put", "/customer-details", CUSTOMER | {"email": email}), 400)


def test_phone_and_name_may_be_left_out(guest: Guest):
    guest.get()
    answer = guest.call("put", "/customer-details", {"email": "a@example.com"}).json()
    assert answer["customer_details"] == {"email": "a@example.com", "phone": "", "full_name": ""}


@pytest.mark.parametrize("method_id", [999, 2**63 - 1])
def test_an_unknown_shipping_method_is_a_404(guest: Guest, method_id: int):
    guest.get()
    error(guest.call("put", "/shipping-method", {"shipping_method_id": method_id}), 404)


@pytest.mark.parametrize("method_id", [0, -1, "1", None, 2**63, 1.5])
def test_an_impossible_shipping_method_is_a_400(guest: Guest, method_id: Any):
    guest.get()
    error(guest.call("put", "/shipping-method", {"shipping_method_id": method_id}), 400)


def test_a_shipping_method_no_longer_on_offer_is_a_404(guest: Guest):
    guest.get()
    ShippingMethod.objects.filter(pk=1).update(is_active=False)
    error(guest.call("put", "/shipping-method", {"shipping_method_id": 1}), 404)


def test_shipping_is_recomputed_when_its_rate_changes(guest: Guest):
    guest.add()
    guest.call("put", "/shipping-method", {"shipping_method_id": 1})
    ShippingMethod.objects.get(pk=1).rates.update(amount=700)
    assert guest.get().json()["shipping_cost"] == 7


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("NOPE", "not valid"),
        ("EXPIRED10", "expired"),
        ("BIG100", "100.00 USD"),
    ],
)
def test_a_code_that_cannot_be_used_is_a_400_that_says_why(guest: Guest, code: str, words: str):
    guest.add()
    assert words in error(guest.call("post", "/discount", {"discount_code": code}), 400)
    assert guest.get().json()["discount_code"] == ""


def test_a_refused_code_leaves_the_one_before_in_place(guest: Guest):
    guest.add()
    guest.call("post", "/discount", {"discount_code": "SUMMER25"})
    error(guest.call("post", "/discount", {"discount_code": "NOPE"}), 400)
    assert guest.get().json()["discount_code"] == "SUMMER25"


@pytest.mark.parametrize("typed", ["summer25", " SUMMER25 ", "Summer25"])
def test_a_code_may_be_typed_in_any_case(guest: Guest, typed: str):
    guest.add()
    assert guest.call("post", "/discount", {"discount_code": typed}).json()["discount_code"] == "SUMMER25"


def test_a_code_is_recomputed_with_every_change_of_the_basket(guest: Guest):
    guest.add()
    guest.call("post", "/discount", {"discount_code": "SUMMER25"})
    assert guest.call("put", "/items/42", {"quantity": 4}).json()["discount_amount"] == 24.99


def test_a_basket_that_falls_below_the_codes_minimum_keeps_the_code_without_its_discount(guest: Guest):
    guest.add(BIG)
    assert guest.call("post", "/discount", {"discount_code": "BIG100"}).json()["discount_amount"] == 12.5
    less = guest.call("put", "/items/42", {"quantity": 1}).json()
    assert (less["discount_code"], less["discount_amount"], less["applied_discount"]) == ("BIG100", 0, None)
    assert guest.call("put", "/items/42", {"quantity": 5}).json()["discount_amount"] == 12.5


def test_a_fixed_code_never_takes_more_than_the_items_cost(guest: Guest):
    guest.add({"product_id": 92, "variant_id": 92, "quantity": 1})
    guest.call("put", "/shipping-method", {"shipping_method_id": 1})
    answer = guest.call("post", "/discount", {"discount_code": "ONCE"}).json()
    assert (answer["discount_amount"], answer["final_amount"]) == (0, 5.99)


def test_removing_a_code_that_is_not_there_is_harmless(guest: Guest):
    guest.add()
    assert guest.call("delete", "/discount").status_code == 200


def test_clearing_drops_lines_method_and_code_and_keeps_who_and_where(guest: Guest):
    guest.ready().call("post", "/discount", {"discount_code": "SUMMER25"})
    cleared = guest.call("delete").json()
    assert (cleared["items"], cleared["shipping_method_id"], cleared["discount_code"]) == ([], 0, "")
    assert cleared["shipping_address"] == SHIPPING_ADDRESS
    assert cleared["customer_details"] == CUSTOMER


def test_removing_the_last_line_keeps_method_and_code(guest: Guest):
    guest.ready().call("post", "/discount", {"discount_code": "SUMMER25"})
    emptied = guest.call("delete", "/items/42").json()
    assert (emptied["shipping_method_id"], emptied["discount_code"]) == (1, "SUMMER25")
    assert emptied["final_amount"] == 5.99
