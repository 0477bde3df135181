"""How many SQL statements each call makes: the same for one line and for fifty, and at most 60 for a whole journey.

BEGIN, COMMIT and SAVEPOINT are not counted: they ask the database nothing.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carts.models import Cart, CartLine
from catalog.models import Price, Stock, Variant
from tests.checkouts.api.conftest import BILLING_ADDRESS, BY_CARD, CUSTOMER, SHIPPING_ADDRESS, SHIRT, Guest

_FRAMES = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")

# The guest journey, call by call, with its statements.
JOURNEY = [
    ("get", "", None, 2),
    ("post", "/items", SHIRT, 6),
    ("put", "/shipping-address", SHIPPING_ADDRESS, 4),
    ("put", "/billing-address", BILLING_ADDRESS, 4),
    ("put", "/customer-details", CUSTOMER, 4),
    ("put", "/shipping-method", {"shipping_method_id": 1}, 5),
    ("post", "/discount", {"discount_code": "SUMMER25"}, 5),
    ("post", "/complete", BY_CARD, 28),
]
AT_MOST = 60


def counted(guest: Guest, method: str, path: str, body: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = guest.call(method, path, body)
    assert response.status_code in {200, 201}, response.content
    return sum(not query["sql"].startswith(_FRAMES) for query in captured.captured_queries)


def test_a_whole_guest_journey_makes_at_most_60_statements(guest: Guest):
    made = [counted(guest, method, path, body) for method, path, body, _ in JOURNEY]
    assert made == [statements for *_, statements in JOURNEY]
    assert sum(made) <= AT_MOST


def fill(guest: Guest, lines: int) -> None:
    guest.get()
    cart = Cart.objects.latest("id")
    variants = [Variant(product_id=1, name=f"V{cart.pk}-{n}", sku=f"V{cart.pk}-{n}") for n in range(lines)]
    Variant.objects.bulk_create(variants)
    Price.objects.bulk_create([Price(variant=variant, currency="USD", amount=100 + variant.pk) for variant in variants])
    Stock.objects.bulk_create([Stock(variant=variant, on_hand=5) for variant in variants])
    CartLine.objects.bulk_create([CartLine(cart=cart, variant=variant, quantity=2) for variant in variants])


CALLS = [
    ("get", "", None),
    ("post", "/items", SHIRT),
    ("put", "/items/42", {"quantity": 3}),
    ("delete", "/items/42", None),
    ("put", "/shipping-address", SHIPPING_ADDRESS),
    ("put", "/billing-address", BILLING_ADDRESS),
    ("put", "/customer-details", CUSTOMER),
    ("put", "/shipping-method", {"shipping_method_id": 1}),
    ("post", "/discount", {"discount_code": "SUMMER25"}),
    ("delete", "/discount", None),
    ("post", "/complete", BY_CARD),
    ("delete", "", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_a_call_makes_as_many_statements_for_fifty_lines_as_for_one(
    guest: Guest, other_guest: Guest, method: str, path: str, body: Any
):
    counts = []
    for shopper, lines in ((guest, 1), (other_guest, 50)):
        fill(shopper, lines)
        if path != "/items":
            shopper.add()
        shopper.fill_in()
        counts.append(counted(shopper, method, path, body))
    assert counts[0] == counts[1]


def test_a_repeat_under_the_same_key_asks_once_and_changes_nothing(guest: Guest):
    guest.add(key="k")
    with CaptureQueriesContext(connection) as captured:
        guest.add(key="k")
    statements = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(_FRAMES)]
    assert len(statements) <= 2, statements
