"""/.well-known/checkout: what another shop of this software must know to buy here."""

import pytest
from django.test import Client

from tests.factories import make_shipping

PATH = "/.well-known/checkout"


@pytest.fixture
def discovered(shop):
    return lambda: Client().get(PATH)


def test_it_says_what_the_shop_is(discovered, settings):
    answer = discovered()
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {
        "software": "cartwright",
        "format": 1,
        "version": "0.1.0",
        "name": "Demo Shop",
        "url": settings.BASE_URL,
        "currency": "USD",
        "is_demo": True,
        "apis": {
            "guest": f"{settings.BASE_URL}/api/checkout",
            "purchase": f"{settings.BASE_URL}/v0/checkout",
            "openapi": f"{settings.BASE_URL}/api/schema",
        },
        "payment_providers": ["stripe", "mobilepay", "paypal", "test"],
        "simulated_providers": ["stripe", "mobilepay", "paypal", "test"],
        "shipping_methods": [
            {"id": 1, "name": "Standard Shipping", "description": "Delivery in 5-7 business days", "cost": 5.99},
            {"id": 2, "name": "Express Shipping", "description": "Delivery in 1-2 business days", "cost": 14.99},
        ],
    }


def test_a_real_shop_says_so_and_simulates_nothing(discovered, settings):
    settings.DEMO, settings.STRIPE_SECRET_KEY = False, "sk_test_x"
    body = discovered().json()
    assert (body["is_demo"], body["payment_providers"], body["simulated_providers"]) == (
        False,
        ["stripe", "mobilepay"],
        [],
    )


def test_the_way_goods_are_sent_is_that_of_its_currency(discovered, settings):
    make_shipping("Only here", method_id=9, currencies=("EUR",))
    assert [method["id"] for method in discovered().json()["shipping_methods"]] == [1, 2]
    settings.SHOP_CURRENCY = "EUR"
    assert [method["id"] for method in discovered().json()["shipping_methods"]] == [1, 2, 9]


def test_it_is_one_query_and_leaves_no_cookie(discovered, django_assert_num_queries):
    for number in range(5):
        make_shipping(f"Way {number}", method_id=10 + number)
    with django_assert_num_queries(1):
        answer = discovered()
    assert not answer.cookies


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused_in_json(shop, method):
    answer = Client().generic(method, PATH)
    assert answer.status_code == 405
    assert set(answer.json()) == {"success", "error"}
    assert answer["Allow"]


def test_it_needs_no_key_and_is_json_whatever_is_accepted(shop):
    answer = Client().get(PATH, headers={"Accept": "text/html", "Authorization": "Bearer nonsense"})
    assert answer.json()["software"] == "cartwright"


def test_with_a_slash_it_is_another_path(shop):
    assert Client().get(f"{PATH}/").status_code == 404
