"""The examples of the tracker API's document for carts, typed in as they are printed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from carts.models import Cart, CartItem
from tests.carts.api.conftest import NEW

BERLIN = ZoneInfo("Europe/Berlin")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
FIELDS = {
    *("id", "customerEmail", "customerName", "items", "totalValue", "status"),
    *("abandonedAt", "paymentLink", "createdAt", "updatedAt"),
}


def check(cart: dict) -> None:
    """Every field of every example, as the example has it."""
    assert cart.keys() >= FIELDS
    assert re.fullmatch(r"cart_[1-9]\d*", cart["id"])
    expected = NEW | {"totalValue": 99.98, "status": "abandoned", "paymentLink": None}
    assert {name: cart[name] for name in expected} == expected
    assert all(TIME.match(cart[name]) for name in ("abandonedAt", "createdAt", "updatedAt"))


def test_create_cart(store):
    answer = store.create()
    assert answer.status_code == 201
    assert answer.json()["success"] is True
    check(answer.json()["data"])


def test_get_single_cart(store):
    told = store.told()
    answer = store.call("get", f"/{told['id']}")
    assert (answer.status_code, answer.json()) == (200, {"success": True, "data": told})
    check(answer.json()["data"])


def test_list_all_carts(store):
    for _ in range(3):
        store.told()
    data = store.list()
    assert data["pagination"] == {"page": 1, "limit": 10, "total": 3, "totalPages": 1}
    assert len(data["carts"]) == 3
    for cart in data["carts"]:
        check(cart)


def test_45_carts_are_five_pages_of_ten(store):
    values = {"door": "tracker", "currency": "USD", "status": "abandoned", "first_abandoned_at": timezone.now()}
    Cart.objects.bulk_create(Cart(**values) for _ in range(45))
    data = store.list("?page=5&limit=10")
    assert data["pagination"] == {"page": 5, "limit": 10, "total": 45, "totalPages": 5}
    assert len(data["carts"]) == 5


def test_update_cart(store):
    told = store.told()
    answer = store.call("patch", f"/{told['id']}", {"status": "recovered"})
    assert answer.status_code == 200
    changed = answer.json()["data"]
    assert changed | {"status": "abandoned", "updatedAt": told["updatedAt"]} == told
    assert changed["status"] == "recovered"


def test_delete_cart(store):
    told = store.told()
    answer = store.call("delete", f"/{told['id']}")
    assert (answer.status_code, answer.json()) == (200, {"success": True, "data": {"id": told["id"]}})
    assert not Cart.objects.exists()
    assert not CartItem.objects.exists()


def test_the_error_of_the_document(store):
    answer = store.call("get", "/cart_123")
    assert answer.status_code == 404
    assert answer.json() == {"success": False, "error": {"code": "NOT_FOUND", "message": "Cart not found"}}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("get", "?limit=0", None, 400, "BAD_REQUEST"),
        ("get", "/cart_1", None, 404, "NOT_FOUND"),
        ("post", "", {}, 422, "VALIDATION_ERROR"),
        ("put", "", {}, 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_the_table_of_errors(store, method, path, body, status, code):
    answer = store.call(method, path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_cart_is_shown_in_utc_with_whole_seconds(store):
    told = store.told()
    at = datetime(2024, 1, 15, 11, 30, 0, 987654, tzinfo=BERLIN)
    Cart.objects.update(first_abandoned_at=at, created_at=at - timedelta(minutes=30), updated_at=at)
    shown = store.call("get", f"/{told['id']}").json()["data"]
    assert (shown["abandonedAt"], shown["createdAt"]) == ("2024-01-15T10:30:00Z", "2024-01-15T10:00:00Z")
