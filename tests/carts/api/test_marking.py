"""What a store may say of a cart: abandoned -> recovered, expired; expired -> recovered; and the same again."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from carts.models import Cart
from carts.states import CartStatus as S
from common.models import IdempotencyRecord
from tests.admin_rows import make_cart

ALLOWED = {(S.ABANDONED, S.RECOVERED), (S.ABANDONED, S.EXPIRED), (S.EXPIRED, S.RECOVERED)}


def cart_that_is(status: str, **values: object) -> Cart:
    was_abandoned = status not in {S.ACTIVE, S.CONVERTED}
    values |= {"first_abandoned_at": timezone.now()} if was_abandoned else {}
    return make_cart(status=status, **values)


@pytest.mark.parametrize(("current", "target"), list(product(S, S)))
def test_every_move_is_made_or_refused_as_the_table_says(store, current, target):
    cart = cart_that_is(current)
    answer = store.mark(f"cart_{cart.pk}", target)
    is_allowed = current == target or (current, target) in ALLOWED
    assert answer.status_code == (200 if is_allowed else 422)
    cart.refresh_from_db()
    assert cart.status == (target if is_allowed else current)
    if is_allowed:
        assert answer.json()["data"]["status"] == target
    else:
        assert answer.json()["error"]["code"] == "VALIDATION_ERROR"
        assert answer.json()["error"]["message"] == f"The cart is {current} and cannot become {target}."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "status: is required"),
        ({"customerName": "Jane"}, "status: is required"),
        ({"status": None}, "status: must not be null"),
        ({"status": "bought"}, "status: must be one of the known values"),
        ({"status": "RECOVERED"}, "status: must be one of the known values"),
        ({"status": 5}, "status: must be one of the known values"),
        ({"status": ["recovered"]}, "status: must be one of the known values"),
    ],
)
def test_a_body_without_a_known_status_is_refused(store, body, message):
    answer = store.call("patch", f"/{store.told()['id']}", body)
    assert (answer.status_code, answer.json()["error"]["message"]) == (422, message)


def test_nothing_but_the_status_is_changed(store):
    told = store.told()
    changed = store.call("patch", f"/{told['id']}", {"status": "expired", "customerName": "Jane"}).json()["data"]
    assert changed | {"status": told["status"], "updatedAt": told["updatedAt"]} == told


def test_a_recovered_cart_says_when_and_keeps_when_it_was_abandoned(store):
    told = store.told()
    store.mark(told["id"], "recovered")
    cart = Cart.objects.get()
    assert cart.bought_at == cart.updated_at >= cart.first_abandoned_at


def test_saying_the_same_again_changes_nothing(store):
    told = store.told()
    store.mark(told["id"], "recovered")
    before = Cart.objects.values().get()
    store.mark(told["id"], "recovered")
    assert Cart.objects.values().get() == before


def test_an_expired_cart_that_was_never_abandoned_was_not_recovered(store):
    cart = make_cart(status=S.EXPIRED)
    answer = store.mark(f"cart_{cart.pk}", "recovered")
    assert answer.status_code == 422
    assert "never abandoned" in answer.json()["error"]["message"]


def test_an_answer_that_is_kept_to_be_repeated_names_no_payment_link(store):
    cart_id = store.told()["id"]
    Cart.objects.update(payment_link_salt="salt", payment_link_expires_at=timezone.now() + timedelta(days=7))
    assert store.mark(cart_id, "abandoned").json()["data"]["paymentLink"]
    kept = store.call("patch", f"/{cart_id}", {"status": "abandoned"}, key="once").json()["data"]
    assert kept["paymentLink"] is None
    assert "/pay/" not in IdempotencyRecord.objects.get().body
