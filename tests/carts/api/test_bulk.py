"""Many carts in one call: each is taken or refused by itself."""

from __future__ import annotations

import pytest

from carts.models import Cart, CartItem
from tests.carts.api.conftest import NEW


def test_good_ones_are_kept_and_a_bad_one_is_refused_by_itself(store):
    bad = NEW | {"customerEmail": "John"}
    too_fine = NEW | {"items": [NEW["items"][0] | {"price": 1.999}]}
    answer = store.call("post", "/bulk", {"carts": [NEW, bad, NEW | {"status": "active"}, too_fine]})
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["created"], data["failed"]) == (2, 2)
    assert [result["success"] for result in data["results"]] == [True, False, True, False]
    assert data["results"][1]["error"] == {
        "code": "VALIDATION_ERROR",
        "message": "customerEmail: must be an e-mail address",
    }
    assert data["results"][3]["error"]["message"] == "items[0].price: has more decimals than USD has"
    assert [result["data"]["status"] for result in data["results"] if result["success"]] == ["abandoned", "active"]
    assert Cart.objects.count() == 2


def test_each_result_is_what_reading_that_cart_answers(store):
    carts = [NEW | {"customerName": f"Customer {number}"} for number in range(3)]
    results = store.call("post", "/bulk", {"carts": carts}).json()["data"]["results"]
    assert [result["data"]["customerName"] for result in results] == [cart["customerName"] for cart in carts]
    for result in results:
        assert store.call("get", f"/{result['data']['id']}").json() == result


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "carts: is required"),
        ({"carts": []}, "carts: must have at least 1 entries"),
        ({"carts": NEW}, "carts: must be a list"),
        ({"carts": [NEW, 5]}, "carts[1]: must be an object"),
        ({"carts": [{}] * 501}, "carts: must have at most 500 entries"),
    ],
)
def test_what_is_no_list_of_carts_is_refused_as_a_whole(store, body, message):
    answer = store.call("post", "/bulk", body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, message)
    assert not Cart.objects.exists()


def test_500_carts_cost_no_query_each(store, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):  # rows are written in batches: SQLite takes 999 values in one statement
        data = store.call("post", "/bulk", {"carts": [NEW] * 500}).json()["data"]
    assert (data["created"], Cart.objects.count(), CartItem.objects.count()) == (500, 500, 500)


def test_it_counts_as_one_request(store, settings):
    settings.API_RATE_LIMIT = (2, 60)
    answers = [store.call("post", "/bulk", {"carts": [NEW] * 5}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
