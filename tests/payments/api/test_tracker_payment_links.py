"""POST /api/carts/:id/payment-link: the example of the tracker API's document, and what surrounds it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from carts.models import Cart
from common.models import IdempotencyRecord
from orders.models import Order
from payments import links
from payments.models import PaymentLink
from tests.carts.api.conftest import API_KEY, NEW, Store
from tests.checkouts.shopping import SHIPPING, SHIRT, ready_session
from tests.factories import demo_shop
from tests.payments.linked import let_link_run_out, shop_cart


@pytest.fixture
def store(db: None, settings: Any) -> Store:
    settings.API_KEY = API_KEY
    demo_shop()
    return Store()


@pytest.fixture
def cart_id(store: Store) -> str:
    return store.told()["id"]


def ask(store: Store, cart_id: str, **more: Any) -> Any:
    return store.call("post", f"/{cart_id}/payment-link", **more)


def code_of(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert (body["success"], body.keys(), body["error"].keys()) == (False, {"success", "error"}, {"code", "message"})
    return answer.status_code, body["error"]["code"]


def test_the_documented_example(store, cart_id, settings):
    answer = ask(store, cart_id)
    assert answer.status_code == 201
    assert answer.json() == {"success": True, "data": answer.json()["data"]}
    data = answer.json()["data"]
    assert data.keys() == {"paymentLink", "expiresAt"}
    assert re.fullmatch(re.escape(settings.BASE_URL) + r"/pay/[A-Za-z0-9_-]{43}", data["paymentLink"])
    expires_at = datetime.strptime(data["expiresAt"], "%Y-%m-%dT%H:%M:%S%z")
    assert timedelta(days=6, hours=23) < expires_at - timezone.now() <= timedelta(days=7)


def test_the_cart_shows_its_link_wherever_it_is_shown(store, cart_id):
    link = ask(store, cart_id).json()["data"]["paymentLink"]
    assert store.call("get", f"/{cart_id}").json()["data"]["paymentLink"] == link
    assert [cart["paymentLink"] for cart in store.list()["carts"]] == [link]


def test_the_link_leads_to_a_page_with_what_is_owed(store, cart_id, client):
    address = ask(store, cart_id).json()["data"]["paymentLink"]
    page = client.get(address).content.decode()
    assert "$99.98" in page
    assert "Product Name" in page


def test_asked_again_for_an_unchanged_cart_it_is_the_same_link(store, cart_id):
    first, again = ask(store, cart_id), ask(store, cart_id)
    assert (again.status_code, again.json()) == (200, first.json())
    assert PaymentLink.objects.get().created_by == "key:environment"


def test_a_changed_cart_and_an_expired_link_get_a_new_one(store, cart_id):
    found = [ask(store, cart_id).json()["data"]["paymentLink"]]
    Cart.objects.get().items.update(quantity=3)
    found.append(ask(store, cart_id).json()["data"]["paymentLink"])
    let_link_run_out(PaymentLink.objects.get(ended_at=None))
    found.append(ask(store, cart_id).json()["data"]["paymentLink"])
    assert len(set(found)) == 3
    assert PaymentLink.objects.filter(ended_at=None).count() == 1


def test_a_shops_own_cart_is_asked_for_what_its_checkout_came_to(store):
    ready_session(pieces=2)
    answer = ask(store, f"cart_{Cart.objects.get().pk}")
    assert (answer.status_code, PaymentLink.objects.get().amount) == (201, 2 * SHIRT + SHIPPING)


def test_a_part_paid_carts_link_is_for_the_rest(store):
    cart = shop_cart()
    values = {"currency": "USD", "items_amount": SHIRT, "discount_amount": 0, "shipping_amount": 0}
    Order.objects.create(
        source="cart:1:v1",
        cart=cart,
        takes_parts=True,
        total_amount=SHIRT,
        captured_amount=1000,
        expires_at=timezone.now(),
        **values,
    )
    assert ask(store, f"cart_{cart.pk}").status_code == 201
    assert PaymentLink.objects.get().amount == SHIRT - 1000


@pytest.mark.parametrize("status", ["recovered", "expired"])
def test_a_cart_that_is_recovered_or_expired_is_a_conflict(store, cart_id, status):
    store.mark(cart_id, status)
    answer = ask(store, cart_id)
    assert code_of(answer) == (409, "CONFLICT")
    assert status in answer.json()["error"]["message"]


def test_a_bought_cart_and_one_that_costs_nothing_are_conflicts_too(store, cart_id):
    free = store.told(items=[{"name": "Free Sample", "quantity": 1, "price": 0}])["id"]
    Cart.objects.filter(pk=cart_id.removeprefix("cart_")).update(status="converted")
    for refused in (cart_id, free, f"cart_{shop_cart(pieces=0).pk}"):
        assert code_of(ask(store, refused)) == (409, "CONFLICT")
    assert not PaymentLink.objects.exists()


def test_an_ended_link_is_no_longer_shown(store, cart_id):
    ask(store, cart_id)
    links.end(PaymentLink.objects.get().pk)
    assert store.call("get", f"/{cart_id}").json()["data"]["paymentLink"] is None


# --- the ladder -----------------------------------------------------------------------------------
@pytest.mark.parametrize("api_key", [None, "", "wrong"])
def test_without_the_key_nothing_is_said_or_done(store, cart_id, api_key):
    assert code_of(ask(Store(api_key), cart_id)) == (401, "UNAUTHORIZED")
    assert not PaymentLink.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_another_method_is_refused(store, cart_id, method):
    answer = store.call(method, f"/{cart_id}/payment-link", {} if method != "get" else None)
    assert code_of(answer) == (405, "METHOD_NOT_ALLOWED")
    assert answer["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("odd", ["cart_999999", "cart_0", "cart_x", "1", "cart_" + "9" * 30, "%00"])
def test_a_cart_that_is_not_there_is_not_found(store, odd):
    answer = ask(store, odd)
    assert code_of(answer) == (404, "NOT_FOUND")
    assert answer.json()["error"]["message"] == "Cart not found"


def test_a_body_is_not_needed_and_a_malformed_one_is_refused(store, cart_id):
    path = f"/api/carts/{cart_id}/payment-link"
    for raw, status in ((b"", 201), (b"{}", 200), (b"{", 400)):
        answer = store.client.generic("POST", path, raw, "application/json", headers=store.headers)
        assert answer.status_code == status, raw


def test_the_same_idempotency_key_gives_the_same_answer_and_what_is_kept_of_it_pays_nothing(store, cart_id):
    first, second = (ask(store, cart_id, key="once") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    token = first.json()["data"]["paymentLink"].rpartition("/")[2]
    assert token not in IdempotencyRecord.objects.get().body
    assert code_of(ask(store, cart_id, key="once", body={"other": 1})) == (422, "VALIDATION_ERROR")


def test_nothing_here_is_kept_by_a_cache(store, cart_id):
    assert ask(store, cart_id)["Cache-Control"] == "no-store"


def test_a_cart_with_a_link_is_not_deleted(store, cart_id):
    ask(store, cart_id)
    assert code_of(store.call("delete", f"/{cart_id}")) == (409, "CONFLICT")
    assert store.create(**NEW).status_code == 201
