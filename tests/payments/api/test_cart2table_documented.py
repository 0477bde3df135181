"""The cart2table document, example by example, to the letter."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carts.models import Cart
from catalog.models import Product
from demo import catalog, documented
from tests.payments.table import CAPTURE, PAYPAL_ORDER, Table, cart_of, message

TOMATOES_ID, CRATE_ID = 20, 60
NOON = datetime(2025, 1, 23, 17, 0, tzinfo=UTC)
A_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def table(db) -> Table:
    catalog.load()
    return Table()


def of_noon(demand: dict[int, int]) -> Cart:
    cart = cart_of(demand)
    Cart.objects.update(code="1A2B3C4D", created_at=NOON, updated_at=NOON)
    cart.refresh_from_db()
    return cart


def test_get_cart(table, settings):
    settings.TIME_ZONE = "America/New_York"
    body = table.read(of_noon({CRATE_ID: 2}))
    product_id = str(Product.objects.get(pk=TOMATOES_ID).public_id)
    item_id = body["cart_items"][0]["id"]
    assert A_UUID.fullmatch(item_id)
    assert body == {
        "id": "CART_1A2B3C4D",
        "created_at": "2025-01-23T12:00:00-05:00",
        "updated_at": "2025-01-23T12:00:00-05:00",
        "cart_items": [
            {
                "id": item_id,
                "cart_id": "CART_1A2B3C4D",
                "product_id": product_id,
                "quantity_ordered": 2,
                "product": {"id": product_id, "name": "Farm Fresh Tomatoes", "base_price": 2999},
            }
        ],
        "order": None,
    }


def test_the_carts_that_the_document_names_are_in_the_demo_shop(table):
    for _ in range(2):
        documented.load()
    for code in ("CART_1A2B3C4D", "CART_12345678"):
        body = table.client.get(f"/api/cart/{code}").json()
        shown = [(item["product"]["name"], item["quantity_ordered"]) for item in body["cart_items"]]
        assert (shown, body["order"]) == ([("Farm Fresh Tomatoes", 2)], None)


def test_utc_is_a_numeric_offset_too(table):
    assert table.read(of_noon({CRATE_ID: 2}))["created_at"] == "2025-01-23T17:00:00+00:00"


def test_an_items_id_stays_and_differs_from_the_others(table):
    cart = cart_of({60: 1, 7: 2})
    ids = [item["id"] for item in table.read(cart)["cart_items"]]
    assert len(set(ids)) == 2
    assert [item["id"] for item in table.read(cart)["cart_items"]] == ids


def test_a_cart_is_found_in_small_letters_too(table):
    of_noon({CRATE_ID: 2})
    assert table.client.get("/api/cart/CART_1a2b3c4d").json()["id"] == "CART_1A2B3C4D"


def test_get_cart_that_is_not_there(table):
    assert message(table.client.get("/api/cart/CART_00000000"), 404) == "Cart not found"


def test_post_cart(table):
    answer = table.post("cart")
    assert answer.status_code == 201
    assert set(answer.json()) == {"message", "cart_id"}
    assert answer.json()["message"] == "Random cart created successfully"
    assert re.fullmatch(r"CART_[0-9A-F]{8}", answer.json()["cart_id"])


def test_a_random_cart_has_2_to_5_products_that_can_be_bought_and_none_of_the_edge_cases(table):
    never = {str(product.public_id) for product in Product.objects.filter(pk__range=(90, 93))}
    drawn = []
    for _ in range(30):
        body = table.client.get(f"/api/cart/{table.post('cart').json()['cart_id']}").json()
        items = body["cart_items"]
        assert 2 <= len({item["product_id"] for item in items}) == len(items) <= 5
        assert all(item["quantity_ordered"] >= 1 and item["product"]["base_price"] > 0 for item in items)
        assert not {item["product_id"] for item in items} & never
        drawn.append(tuple(sorted((item["product_id"], item["quantity_ordered"]) for item in items)))
    assert len(set(drawn)) > 20


def test_post_order(table):
    assert message(table.order(cart_of()), 201) == "Order created successfully"


def test_post_order_for_a_cart_that_is_not_there(table):
    body = {"cart_id": "CART_00000000", "paypal_order_id": PAYPAL_ORDER}
    assert message(table.post("order", body), 404) == "Cart not found"


@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_post_order_without_a_paypal_order(table, nothing):
    assert message(table.order(cart_of(), nothing), 422) == ["Paypal order can't be blank"]


def test_post_payment(table):
    """The document's own example says `created`; what came does count, so it is `partially_paid`."""
    table.order(cart_of({CRATE_ID: 2}))
    answer = table.pay(1099)
    assert answer.status_code == 201
    assert answer.json() == {"message": "Payment created successfully", "order_status": "partially_paid"}


def test_post_payment_for_an_order_that_is_not_there(table):
    assert message(table.pay(1099, reference="PAYPAL-999"), 404) == "Order not found"


def test_post_payment_with_the_orders_own_id_is_not_how_an_order_is_named(table):
    cart = cart_of()
    table.order(cart)
    assert message(table.pay(1099, reference=table.order_of(cart)["id"]), 404) == "Order not found"


def test_post_payment_with_two_problems_at_once(table):
    table.order(cart_of())
    table.pay(1099)
    problems = ["Amount captured must be greater than 0", "Capture has already been taken"]
    assert message(table.pay(0), 422) == problems
    assert message(table.pay(-5), 422) == problems


def test_the_models_of_the_document(table):
    cart = cart_of({CRATE_ID: 2})
    table.order(cart)
    table.pay(1099)
    order = table.order_of(cart)
    payment = order["payments"][0]
    assert uuid.UUID(order["id"]) != uuid.UUID(payment["id"])
    assert order == {
        "id": order["id"],
        "cart_id": table.read(cart)["id"],
        "paypal_order_id": PAYPAL_ORDER,
        "total_due": 5998,
        "status": "partially_paid",
        "fulfilled_at": None,
        "total_paid": 1099,
        "remaining_balance": 4899,
        "payments": [
            {
                "id": payment["id"],
                "order_id": order["id"],
                "capture_id": CAPTURE,
                "amount_captured": 1099,
                "date_received": payment["date_received"],
            }
        ],
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", payment["date_received"])


def counted(call: Callable[..., Any], *args: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert call(*args).status_code in {200, 201}
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in captured)


def statements(table: Table, demand: dict[int, int], payments: int) -> tuple[int, ...]:
    """Of ordering, of the last of so many payments, of reading the cart with all of it."""
    cart, reference = cart_of(demand), f"P-{payments}"
    ordering = counted(table.order, cart, reference)
    paying = [counted(table.pay, 1, f"C-{payments}-{number}", reference) for number in range(payments)]
    return ordering, paying[-1], counted(table.client.get, f"/api/cart/CART_{cart.code}")


def test_each_call_makes_as_many_statements_for_many_lines_and_payments_as_for_one(table):
    every = Product.objects.exclude(pk__range=(90, 93)).values_list("variants", flat=True)
    assert statements(table, {60: 1}, 1) == statements(table, dict.fromkeys(every, 1), 20) == (10, 12, 5)
