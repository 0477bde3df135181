"""Deleting is for other stores' carts; what money may hang on is kept."""

from __future__ import annotations

import pytest
from django.utils import timezone

from carts.models import Cart, CartItem, CartLine, Door
from checkouts.models import Checkout
from tests.admin_rows import make_cart, make_checkout, make_order


def assert_kept(store, cart_id: str) -> None:
    answer = store.call("delete", f"/{cart_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert Cart.objects.count() == 1


@pytest.mark.parametrize("status", [None, "active"])
def test_another_stores_cart_goes_with_all_that_was_in_it(store, status):
    store.call("delete", f"/{store.told(status=status)['id']}")
    assert not Cart.objects.exists()
    assert not CartItem.objects.exists()


def test_a_second_time_it_is_not_there(store):
    cart_id = store.told()["id"]
    assert store.call("delete", f"/{cart_id}").status_code == 200
    assert store.call("delete", f"/{cart_id}").status_code == 404


def test_one_marked_as_recovered_may_go_as_well(store):
    cart_id = store.told()["id"]
    store.mark(cart_id, "recovered")
    assert store.call("delete", f"/{cart_id}").status_code == 200


@pytest.mark.parametrize("door", [door for door in Door if door != Door.TRACKER])
def test_a_shoppers_own_cart_is_kept(store, door):
    assert_kept(store, f"cart_{make_cart(door=door).pk}")
    assert CartLine.objects.count() == 1


def test_a_cart_that_has_had_a_payment_link_is_kept_also_when_the_link_is_over(store):
    cart_id = store.told()["id"]
    Cart.objects.update(payment_link_expires_at=timezone.now())
    make_order(cart=Cart.objects.get())
    assert_kept(store, cart_id)


def test_a_cart_with_a_checkout_is_kept(store):
    cart_id = store.told()["id"]
    make_checkout(cart=Cart.objects.get())
    assert_kept(store, cart_id)
    assert Checkout.objects.count() == 1
