"""What a store may tell, how strictly it is read, and that no sum is ever off."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from carts.models import Cart, CartItem
from carts.tracked import MAX_AMOUNT
from tests.carts.api.conftest import NEW

ITEM = NEW["items"][0]
BAD = {
    "no e-mail": ({"customerEmail": ...}, "customerEmail: is required"),
    "no e-mail address": ({"customerEmail": "John"}, "customerEmail: must be an e-mail address"),
    "an empty one": ({"customerEmail": ""}, "customerEmail: must not be empty"),
    "null for one": ({"customerEmail": None}, "customerEmail: must not be null"),
    "a number for one": ({"customerEmail": 5}, "customerEmail: must be an e-mail address"),
    "an endless one": (
        {"customerEmail": f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.com"},
        "customerEmail: must have at most 254 characters",
    ),
    "a number for a name": ({"customerName": 5}, "customerName: must be a text"),
    "an endless name": ({"customerName": "J" * 201}, "customerName: must have at most 200 characters"),
    "control characters": ({"customerName": "J\x07"}, "customerName: must not contain control characters"),
    "no items": ({"items": ...}, "items: is required"),
    "an empty list": ({"items": []}, "items: must have at least 1 entries"),
    "an object for a list": ({"items": {}}, "items: must be a list"),
    "too many": ({"items": [ITEM] * 101}, "items: must have at most 100 entries"),
    "no object": ({"items": [5]}, "items[0]: must be an object"),
    "a nameless item": ({"items": [ITEM | {"name": ""}]}, "items[0].name: must not be empty"),
    "no quantity": ({"items": [ITEM | {"quantity": 0}]}, "items[0].quantity: must be at least 1"),
    "a quoted quantity": ({"items": [ITEM | {"quantity": "2"}]}, "items[0].quantity: must be a whole number"),
    "a fraction": ({"items": [ITEM | {"quantity": 2.0}]}, "items[0].quantity: must be a whole number"),
    "a truth": ({"items": [ITEM | {"quantity": True}]}, "items[0].quantity: must be a whole number"),
    "too many pieces": ({"items": [ITEM | {"quantity": 10_001}]}, "items[0].quantity: must be at most 10000"),
    "a quoted price": ({"items": [ITEM | {"price": "49.99"}]}, "items[0].price: must be a number"),
    "a negative price": ({"items": [ITEM | {"price": -1}]}, "items[0].price: must be at least 0"),
    "a tenth of a cent": ({"items": [ITEM | {"price": 49.999}]}, "items[0].price: has more decimals than USD has"),
    "the second item": ({"items": [ITEM, ITEM | {"price": None}]}, "items[1].price: must not be null"),
    "a status that is no text": ({"status": 5}, "status: must be a text"),
    "another currency": ({"currency": "EUR"}, "currency: carts are counted in USD here"),
}


def without_absent(body: dict) -> dict:
    return {name: value for name, value in body.items() if value is not ...}


@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
def test_a_body_that_cannot_be_right_says_what_is_wrong(store, changes, message):
    answer = store.call("post", "", without_absent(NEW | changes))
    assert answer.status_code == 422
    assert answer.json()["error"] == {"code": "VALIDATION_ERROR", "message": message}
    assert not Cart.objects.exists()


def test_all_that_is_wrong_is_said_at_once(store):
    message = store.call("post", "", {}).json()["error"]["message"]
    assert message == "customerEmail: is required; items: is required"


@pytest.mark.parametrize("name", [..., None, "", "  "])
def test_a_customer_may_have_no_name(store, name):
    answer = store.call("post", "", without_absent(NEW | {"customerName": name}))
    assert answer.json()["data"]["customerName"] == ""


def test_a_cart_is_abandoned_on_arrival_at_what_it_is_worth(store):
    told = store.told()
    cart = Cart.objects.get()
    assert (cart.status, cart.door, cart.abandoned_amount) == ("abandoned", "tracker", 9998)
    assert cart.first_abandoned_at == cart.abandoned_at == cart.created_at
    assert told["abandonedAt"] == told["createdAt"]


@pytest.mark.parametrize("status", ["abandoned", "recovered", "converted", "expired", "Active", "nonsense", "", None])
def test_on_arrival_only_active_is_heeded(store, status):
    assert store.told(status=status)["status"] == "abandoned"


def test_an_active_cart_waits_to_be_found_idle(store):
    told = store.told(status="active")
    assert (told["status"], told["abandonedAt"], told["totalValue"]) == ("active", None, 99.98)
    cart = Cart.objects.get()
    assert (cart.first_abandoned_at, cart.abandoned_amount, cart.email) == (None, 0, "customer@example.com")


def test_fields_nobody_knows_are_ignored(store):
    assert store.told(id="cart_7", totalValue=1, nonsense={})["totalValue"] == 99.98


def test_the_shops_own_currency_may_be_said(store, settings):
    assert store.told(currency="USD")["currency"] == "USD"
    settings.SHOP_CURRENCY = "JPY"
    told = store.told(items=[ITEM | {"price": 500}])
    assert (told["currency"], told["totalValue"]) == ("JPY", 1000)
    assert store.create(items=[ITEM | {"price": 499.5}]).status_code == 422


@pytest.mark.parametrize(("price", "shown"), [(12.50, "12.5"), (25.00, "25"), (0, "0"), (0.1, "0.1"), (1e2, "100")])
def test_a_price_is_shown_as_the_number_that_was_meant(store, price, shown):
    answer = store.create(items=[ITEM | {"price": price, "quantity": 1}])
    assert f'"price":{shown}}}' in answer.content.decode()
    assert f'"totalValue":{shown},' in answer.content.decode()


def test_more_than_a_number_can_hold_to_the_cent_is_refused(store):
    most = {"name": "Island", "quantity": 10_000, "price": 999_999_999.99}
    assert store.create(items=[most]).json()["data"]["totalValue"] == 9_999_999_999_900
    answer = store.create(items=[most] * 2)
    assert answer.json()["error"]["message"] == "items: come to more than can be counted"
    assert MAX_AMOUNT >= 10_000 * 99_999_999_999


CENTS = st.integers(0, 99_999_999_999)
ITEMS = st.lists(st.tuples(CENTS, st.integers(1, 10_000)), min_size=1, max_size=8)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ITEMS)
def test_a_total_is_exact_however_the_prices_look(store, settings, items):
    """Sent and read as decimal texts: no float between the store's cents and ours, nor on the way back."""
    settings.API_RATE_LIMIT = (10**6, 60)
    told = [{"name": "Thing", "quantity": n, "price": f"<{Decimal(cents) / 100}>"} for cents, n in items]
    text = json.dumps(NEW | {"items": told}).replace('"<', "").replace('>"', "")
    answer = store.client.generic("POST", "/api/carts", text, "application/json", headers=store.headers)
    exact = sum(cents * n for cents, n in items)
    if exact > MAX_AMOUNT:
        assert answer.status_code == 422
        return
    shown = json.loads(answer.content, parse_float=Decimal)["data"]
    assert shown["totalValue"] * 100 == exact
    assert [item["price"] * 100 for item in shown["items"]] == [cents for cents, _ in items]
    assert Cart.objects.latest("id").abandoned_amount == exact


def test_the_cost_does_not_grow_with_the_items(store, unlimited, django_assert_num_queries):
    for count in (1, 50):
        with django_assert_num_queries(5):  # a savepoint and its end, the cart, its items, reading them again
            store.told(items=[ITEM] * count)
    assert CartItem.objects.count() == 51
