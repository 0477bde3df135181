"""Which line is meant, what merges, what is refused, when items change."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Price, Stock, Variant
from tests.checkouts.api.conftest import Guest

MEDIUM = {"product_id": 42, "variant_id": 7, "quantity": 1}
LARGE = {"product_id": 42, "variant_id": 8, "quantity": 1}


def held(response: Any) -> dict[int, int]:
    """{variant: quantity} of an answer."""
    assert response.status_code == 200, response.content
    return {item["variant_id"]: item["quantity"] for item in response.json()["items"]}


def error(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    return response.json()["error"]


def test_the_same_variant_again_grows_its_line_and_keeps_its_id(guest: Guest):
    first = guest.add(MEDIUM).json()["items"][0]
    second = guest.add(MEDIUM).json()["items"][0]
    assert (second["id"], second["quantity"]) == (first["id"], 2)


def test_another_variant_of_the_product_is_a_line_of_its_own(guest: Guest):
    guest.add(MEDIUM)
    assert held(guest.add(LARGE)) == {7: 1, 8: 1}


def test_changing_the_variant_keeps_the_lines_id(guest: Guest):
    first = guest.add(MEDIUM).json()["items"][0]
    changed = guest.call("put", "/items/42", {"variant_id": 8}).json()["items"][0]
    assert (changed["id"], changed["variant_id"], changed["quantity"]) == (first["id"], 8, 1)


def test_changing_only_the_quantity_keeps_the_variant(guest: Guest):
    guest.add(LARGE)
    assert held(guest.call("put", "/items/42", {"quantity": 5})) == {8: 5}


def test_with_several_variants_the_bodys_variant_names_the_line(guest: Guest):
    guest.add(MEDIUM)
    guest.add(LARGE)
    assert held(guest.call("put", "/items/42", {"variant_id": 8, "quantity": 4})) == {7: 1, 8: 4}


def test_with_several_variants_a_bare_quantity_is_ambiguous(guest: Guest):
    guest.add(MEDIUM)
    guest.add(LARGE)
    assert "variant" in error(guest.call("put", "/items/42", {"quantity": 4}), 400)


def test_the_query_names_the_line_where_several_are_there(guest: Guest):
    guest.add(MEDIUM)
    guest.add(LARGE)
    assert held(guest.call("put", "/items/42?variant_id=7", {"quantity": 4})) == {7: 4, 8: 1}


def test_a_line_changed_into_another_takes_its_place(guest: Guest):
    guest.add(MEDIUM)
    guest.add(LARGE)
    assert held(guest.call("put", "/items/42?variant_id=7", {"variant_id": 8, "quantity": 3})) == {8: 3}


def test_removing_a_product_removes_all_its_variants(guest: Guest):
    guest.add(MEDIUM)
    guest.add(LARGE)
    assert held(guest.call("delete", "/items/42")) == {}


def test_removing_one_variant_leaves_the_other(guest: Guest):
    guest.add(MEDIUM)
    guest.add(LARGE)
    assert held(guest.call("delete", "/items/42?variant_id=7")) == {8: 1}


def test_a_variant_may_be_left_out_where_there_is_only_one(guest: Guest):
    assert held(guest.add({"product_id": 90, "quantity": 1})) == {90: 1}


def test_a_variant_must_be_named_where_there_are_several(guest: Guest):
    assert "variant" in error(guest.add({"product_id": 42, "quantity": 1}), 400)


@pytest.mark.parametrize(
    "body",
    [
        {"product_id": 999_999, "variant_id": 7, "quantity": 1},
        {"product_id": 1, "variant_id": 7, "quantity": 1},  # a variant of another product
        {"product_id": 42, "variant_id": 999_999, "quantity": 1},
    ],
)
def test_what_does_not_exist_is_a_404(guest: Guest, body: dict[str, int]):
    error(guest.add(body), 404)


def test_what_is_not_for_sale_is_a_400(guest: Guest):
    error(guest.add({"product_id": 93, "variant_id": 93, "quantity": 1}), 400)


def test_what_has_no_price_in_the_currency_is_a_400(guest: Guest):
    Price.objects.filter(variant_id=7, currency="USD").delete()
    error(guest.add(MEDIUM), 400)


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "2", True, None, 10**30, [1], {"n": 1}])
@pytest.mark.parametrize("name", ["quantity", "product_id", "variant_id"])
def test_types_are_strict_and_ranges_are_checked(guest: Guest, name: str, quantity: Any):
    error(guest.add({**MEDIUM, name: quantity}), 400)


def test_more_than_there_is_is_refused_with_what_is_left(guest: Guest):
    response = guest.add({"product_id": 91, "variant_id": 91, "quantity": 11})
    assert error(response, 400) == "Only 10 of Ten Left (Standard) are left."


def test_demand_is_summed_over_adds_of_one_variant(guest: Guest):
    ten_left = {"product_id": 91, "variant_id": 91, "quantity": 6}
    guest.add(ten_left)
    error(guest.add(ten_left), 400)
    assert held(guest.get()) == {91: 6}


def test_a_price_changed_meanwhile_shows_at_the_next_look(guest: Guest):
    guest.add(MEDIUM)
    Price.objects.filter(variant_id=7, currency="USD").update(amount=1999)
    assert guest.get().json()["final_amount"] == 19.99


def test_a_quantity_beyond_the_limit_of_a_line_is_refused(guest: Guest):
    Stock.objects.filter(variant_id=7).update(on_hand=50_000)
    guest.add(MEDIUM | {"quantity": 10_000})
    error(guest.add(MEDIUM), 400)


def test_more_than_a_hundred_different_things_do_not_fit(guest: Guest):
    variants = [Variant(product_id=42, name=f"V{n}", sku=f"V{n}", position=n) for n in range(101)]
    Variant.objects.bulk_create(variants)
    Price.objects.bulk_create([Price(variant=variant, currency="USD", amount=100) for variant in variants])
    Stock.objects.bulk_create([Stock(variant=variant, on_hand=5) for variant in variants])
    answers = [guest.add({"product_id": 42, "variant_id": v.pk, "quantity": 1}).status_code for v in variants]
    assert answers == [200] * 100 + [400]


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "0", "9" * 30])
def test_a_malformed_variant_in_the_query_is_a_400(guest: Guest, text: str):
    guest.add(MEDIUM)
    error(guest.call("delete", f"/items/42?variant_id={text}"), 400)


def test_changing_what_is_not_there_is_a_404(guest: Guest):
    guest.add(MEDIUM)
    error(guest.call("put", "/items/1", {"quantity": 1}), 404)
    error(guest.call("delete", "/items/1"), 404)
    error(guest.call("delete", "/items/42?variant_id=8"), 404)
