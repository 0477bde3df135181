"""What a store may say of a cart: abandoned -> recovered, expired; expired -> recovered; of an active one, that it was
bought or is not worth a try; and the same again."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from carts import people
from carts.models import Cart
from carts.states import CartStatus as S
from common.models import IdempotencyRecord
from common.persons import email_key
from tests.admin_rows import make_cart

ALLOWED = {
    *((S.ABANDONED, S.RECOVERED), (S.ABANDONED, S.EXPIRED), (S.EXPIRED, S.RECOVERED)),
    *((S.ACTIVE, S.CONVERTED), (S.ACTIVE, S.EXPIRED)),
}


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
        is_past = (current, target) == (S.ACTIVE, S.RECOVERED)
        said = "never abandoned" if is_past else current
        assert answer.json()["error"]["message"] == f"The cart is {said} and cannot become {target}."


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


@pytest.mark.parametrize(("was_abandoned", "status"), [(True, "recovered"), (False, "converted")])
def test_nobody_is_mailed_about_an_active_cart_that_was_bought_in_the_store(store, was_abandoned, status):
    past = {"first_abandoned_at": timezone.now()} if was_abandoned else {}
    cart = make_cart(status=S.ACTIVE, email="ada@example.com", **past)
    answer = store.mark(f"cart_{cart.pk}", status)
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, status)
    cart.refresh_from_db()
    assert cart.bought_at
    assert people.bought_at([email_key(cart.email)]) == {email_key(cart.email): cart.bought_at}


def test_what_was_abandoned_once_is_not_simply_converted(store):
    cart = make_cart(status=S.ACTIVE, first_abandoned_at=timezone.now())
    answer = store.mark(f"cart_{cart.pk}", "converted")
    assert answer.status_code == 422
    assert "abandoned once" in answer.json()["error"]["message"]


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
