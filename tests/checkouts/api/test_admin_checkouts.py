"""The admin side: who may, what is listed, what deleting leaves."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from carts.models import Cart
from catalog.models import Discount, Price
from checkouts.models import Checkout
from orders.models import Order
from tests.checkouts.api.conftest import SHIRT, Guest

PATHS = [("get", "/api/admin/checkouts"), ("get", "/api/admin/checkouts/1"), ("delete", "/api/admin/checkouts/1")]
PASSWORD = "a long pass phrase"


def error(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    return response.json()["error"]


def bearer(name: str, *, is_staff: bool) -> APIClient:
    User.objects.create_user(name, password=PASSWORD, is_staff=is_staff, is_superuser=is_staff)
    client = APIClient()
    answer = client.post("/api/auth/token", {"username": name, "password": PASSWORD}, format="json").json()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer['access']}")
    return client


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_without_credentials_it_is_a_401(shop: None, method: str, path: str):
    response = getattr(APIClient(), method)(path)
    assert error(response, 401)
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_shopper_with_a_good_token_is_a_403(shop: None, method: str, path: str):
    error(getattr(bearer("shopper", is_staff=False), method)(path), 403)


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_token_that_is_none_is_a_401(shop: None, method: str, path: str):
    error(getattr(APIClient(), method)(path, headers={"Authorization": "Bearer nonsense"}), 401)


def test_staff_may_come_with_a_token(guest: Guest):
    guest.add()
    assert bearer("merchant", is_staff=True).get("/api/admin/checkouts").json()["total"] == 1


def test_a_session_cookie_needs_the_csrf_token_to_delete(guest: Guest):
    checkout_id = guest.add().json()["id"]
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("merchant", password=PASSWORD))
    error(client.delete(f"/api/admin/checkouts/{checkout_id}"), 403)
    assert Checkout.objects.exists()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_list_cannot_be_written(staff: APIClient, method: str):
    error(getattr(staff, method)("/api/admin/checkouts", {}, format="json"), 405)


def make_checkouts(count: int) -> None:
    for _ in range(count):
        Guest().add()


def test_pages_are_cut_by_offset_and_limit_newest_first(staff: APIClient):
    make_checkouts(5)
    first = staff.get("/api/admin/checkouts?limit=2").json()
    second = staff.get("/api/admin/checkouts?limit=2&offset=2").json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), first["total"], second["offset"]) == (4, 5, 2)


def test_beyond_the_end_the_page_is_empty(staff: APIClient):
    make_checkouts(1)
    body = staff.get("/api/admin/checkouts?offset=50").json()
    assert (body["items"], body["total"]) == ([], 1)


def test_the_status_filters(guest: Guest, other_guest: Guest, staff: APIClient):
    guest.add()
    other_guest.ready().complete()
    for status in ("active", "completed"):
        body = staff.get(f"/api/admin/checkouts?status={status}").json()
        assert [item["status"] for item in body["items"]] == [status]
    assert staff.get("/api/admin/checkouts?status=expired").json()["total"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "offset=-1",
        "offset=1.5",
        "offset=" + "9" * 30,
        "status=paying",
        "status=",
        "limit=١",
    ],
)
def test_a_malformed_query_is_a_400(staff: APIClient, query: str):
    error(staff.get(f"/api/admin/checkouts?{query}"), 400)


def test_the_number_of_queries_does_not_grow_with_the_page(staff: APIClient):
    make_checkouts(3)
    with CaptureQueriesContext(connection) as few:
        staff.get("/api/admin/checkouts")
    make_checkouts(15)
    with CaptureQueriesContext(connection) as many:
        assert len(staff.get("/api/admin/checkouts").json()["items"]) == 18
    assert len(many) == len(few)


def test_a_completed_checkout_shows_what_was_agreed_whatever_the_catalog_says_now(guest: Guest, staff: APIClient):
    checkout_id = guest.ready().get().json()["id"]
    guest.complete()
    Price.objects.update(amount=1)
    one = staff.get(f"/api/admin/checkouts/{checkout_id}").json()
    row = staff.get("/api/admin/checkouts").json()["items"][0]
    assert (one["total_amount"], one["final_amount"], one["items"][0]["price"]) == (49.98, 55.97, 24.99)
    assert (row["total_amount"], row["final_amount"]) == (49.98, 55.97)
    assert row["converted_order_id"] == Order.objects.get().pk


def test_looking_as_staff_does_not_count_as_showing_it_to_the_shopper(guest: Guest, staff: APIClient):
    checkout_id = guest.ready().get().json()["id"]
    Price.objects.filter(variant_id=7, currency="USD").update(amount=9999)
    staff.get(f"/api/admin/checkouts/{checkout_id}")
    error(guest.complete(), 409)


def test_deleting_a_completed_checkout_keeps_its_order(guest: Guest, staff: APIClient):
    checkout_id = guest.ready().get().json()["id"]
    guest.complete()
    assert staff.delete(f"/api/admin/checkouts/{checkout_id}").status_code == 204
    assert Order.objects.get().captured_amount == 5597
    assert Cart.objects.get().status == "converted"


def test_after_deletion_the_shopper_begins_anew_and_the_cart_is_given_up(guest: Guest, staff: APIClient):
    checkout_id = guest.add(SHIRT).json()["id"]
    staff.delete(f"/api/admin/checkouts/{checkout_id}")
    assert Cart.objects.get().status == "expired"
    assert guest.get().json()["items"] == []


def test_deleting_twice_is_a_404(guest: Guest, staff: APIClient):
    checkout_id = guest.add().json()["id"]
    staff.delete(f"/api/admin/checkouts/{checkout_id}")
    error(staff.delete(f"/api/admin/checkouts/{checkout_id}"), 404)


def test_what_is_being_paid_cannot_be_deleted(guest: Guest, staff: APIClient):
    checkout_id = guest.add().json()["id"]
    Checkout.objects.update(status="paying")
    error(staff.delete(f"/api/admin/checkouts/{checkout_id}"), 409)
    assert staff.get(f"/api/admin/checkouts/{checkout_id}").json()["status"] == "active"


def test_used_up_codes_on_open_checkouts_cost_no_query_each(staff: APIClient):
    def with_code() -> None:
        guest = Guest()
        guest.add()
        guest.call("post", "/discount", {"discount_code": "ONCE"})

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get("/api/admin/checkouts")
        return len(captured)

    with_code()
    with_code()
    Discount.objects.filter(code="ONCE").update(used_count=1)
    few = asked()
    Discount.objects.filter(code="ONCE").update(used_count=0)
    for _ in range(5):
        with_code()
    Discount.objects.filter(code="ONCE").update(used_count=1)
    assert asked() == few
