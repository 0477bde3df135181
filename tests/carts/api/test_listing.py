"""The list: which carts, in which order, on which page, and at the same cost however many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from carts.models import Cart, Door
from catalog.models import Price
from tests.admin_rows import make_cart

NOW = timezone.now()
ONCE = {"first_abandoned_at": NOW}


def ids(data: dict) -> list[str]:
    return [cart["id"] for cart in data["carts"]]


@pytest.fixture
def one_of_each(store) -> dict[str, str]:
    return {
        status: f"cart_{make_cart(number, status=status, **({} if status in {'active', 'converted'} else ONCE)).pk}"
        for number, status in enumerate(["active", "abandoned", "recovered", "converted", "expired"], start=1)
    }


def test_without_a_filter_those_that_are_or_were_abandoned_newest_first(store, one_of_each):
    assert ids(store.list()) == [one_of_each[status] for status in ("expired", "recovered", "abandoned")]
    assert store.list()["pagination"]["total"] == 3


def test_a_filter_shows_those_of_its_status_and_no_others(store, one_of_each):
    for status, cart_id in one_of_each.items():
        data = store.list(f"?status={status}")
        assert (ids(data), data["pagination"]["total"]) == ([cart_id], 1)


def test_one_whose_shopper_is_back_and_one_given_up_before_are_not_among_the_abandoned(store):
    make_cart(1, status="active", **ONCE)
    given_up = make_cart(2, status="expired")
    assert store.list()["carts"] == []
    assert ids(store.list("?status=expired")) == [f"cart_{given_up.pk}"]


@pytest.mark.parametrize("door", Door)
def test_carts_of_every_door_are_shown(store, door):
    cart = make_cart(status="abandoned", door=door, **ONCE)
    assert ids(store.list()) == [f"cart_{cart.pk}"]


def test_our_own_cart_shows_its_lines_as_another_stores_items(store):
    cart = make_cart(status="active", full_name="Ada Byron")
    shown = store.call("get", f"/cart_{cart.pk}").json()["data"]
    assert shown["items"] == [{"name": "Mug 1 (One size)", "quantity": 2, "price": 10}]
    assert (shown["totalValue"], shown["currency"]) == (20, "USD")
    assert (shown["customerEmail"], shown["customerName"]) == ("ada.1@example.com", "Ada Byron")


def test_a_carts_value_moves_with_the_catalog_until_abandonment_freezes_it(store):
    cart = make_cart(status="active", abandoned_amount=2000, **ONCE)
    Price.objects.update(amount=1250)
    path = f"/cart_{cart.pk}"
    assert store.call("get", path).json()["data"]["totalValue"] == 25
    Cart.objects.update(status="abandoned")
    shown = store.call("get", path).json()["data"]
    assert (shown["totalValue"], shown["items"][0]["price"]) == (20, 12.5)


def test_a_line_that_is_no_longer_sold_costs_nothing(store):
    cart = make_cart(status="active")
    Price.objects.all().delete()
    shown = store.call("get", f"/cart_{cart.pk}").json()["data"]
    assert (shown["items"][0]["price"], shown["totalValue"]) == (0, 0)


def test_a_payment_link_is_shown_while_the_cart_can_be_paid_by_it(store):
    told = store.told()
    assert told["paymentLink"] is None
    in_a_week = NOW + timedelta(days=7)
    Cart.objects.update(payment_link_salt="salt", payment_link_expires_at=in_a_week)
    assert "/pay/" in store.call("get", f"/{told['id']}").json()["data"]["paymentLink"]
    for changes in ({"payment_link_expires_at": NOW}, {"payment_link_expires_at": in_a_week, "status": "recovered"}):
        Cart.objects.update(**changes)
        assert store.call("get", f"/{told['id']}").json()["data"]["paymentLink"] is None


def test_pages_divide_the_list_without_gaps(store):
    told = [store.told()["id"] for _ in range(7)]
    pages = [ids(store.list(f"?page={page}&limit=3")) for page in (1, 2, 3)]
    assert [cart_id for page in pages for cart_id in page] == told[::-1]
    assert store.list("?page=1&limit=3")["pagination"] == {"page": 1, "limit": 3, "total": 7, "totalPages": 3}


def test_a_page_beyond_the_last_is_empty_and_still_counts(store):
    store.told()
    data = store.list("?page=1000000000&limit=100")
    assert data["carts"] == []
    assert data["pagination"] == {"page": 10**9, "limit": 100, "total": 1, "totalPages": 1}


def test_no_carts_are_no_pages(store):
    assert store.list()["pagination"] == {"page": 1, "limit": 10, "total": 0, "totalPages": 0}


ODD = ["", "0", "-1", "1.0", "x", "%00", "9" * 30, "1e1", "²", " 1", "null"]


@pytest.mark.parametrize("query", [f"{name}={odd}" for name in ("page", "limit") for odd in ODD] + ["limit=101"])
def test_a_number_that_is_none_is_a_bad_request(store, query):
    answer = store.call("get", f"?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")
    assert answer.json()["error"]["message"].startswith(query.split("=")[0])


@pytest.mark.parametrize("status", ["", "lost", "Abandoned", "abandoned,expired", "%00"])
def test_an_unknown_status_is_a_bad_request(store, status):
    answer = store.call("get", f"?status={status}")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("status: must be one of active, abandoned, ")


def test_other_parameters_are_ignored(store):
    assert store.list("?sort=price")["pagination"]["page"] == 1


@pytest.mark.parametrize("query", ["?limit=100", "?status=abandoned&limit=100"])
def test_fifty_carts_cost_as_many_queries_as_one(store, unlimited, query, django_assert_num_queries):
    def one_of_both_kinds(number: int) -> None:
        make_cart(number, status="abandoned", **ONCE)
        store.told()

    one_of_both_kinds(1)
    # how many, carts, what is in other stores', what is in our own
    for count in (1, 25):
        for number in range(count - 1):
            one_of_both_kinds(number + 2)
        with django_assert_num_queries(4):
            assert len(store.list(query)["carts"]) == 2 * count
