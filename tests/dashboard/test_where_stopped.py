"""A cart's page says at which step of the funnel its shopper stopped, and a checkout's page the same."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics import steps
from analytics.definitions import STEPS
from carts.models import Cart
from carts.states import CartStatus
from checkouts.models import Checkout, ShippingMethod
from tests.admin_rows import make_cart, make_checkout, make_order
from tests.dashboard.pressed import page
from tests.factories import ADDRESS

S = CartStatus


def left(*, status: CartStatus = S.ABANDONED, email: str = "jo@example.com", **given: object) -> Cart:
    """A cart with one checkout to which so much was given."""
    cart = make_cart(status=status, email=email)
    bare = {"shipping_address": {}, "shipping_method": None, "status": "expired"}
    make_checkout(1, cart=cart, **(bare | given))
    return cart


def method() -> ShippingMethod:
    return ShippingMethod.objects.create(name="Post")


def placed() -> dict[str, object]:
    return {"shipping_address": ADDRESS, "shipping_method": method(), "order": make_order(7)}


GIVEN = {
    "nothing": (dict, "Stopped after “Begun”, before “Address given”: nothing given after the e-mail address."),
    "an address": (
        lambda: {"shipping_address": ADDRESS},
        "Stopped after “Address given”, before “Shipping chosen”.",
    ),
    "a way of shipping and no address": (
        lambda: {"shipping_method": method()},
        "Stopped after “Begun”, before “Address given”.",
    ),
    "both": (
        lambda: {"shipping_address": ADDRESS, "shipping_method": method()},
        "Stopped after “Shipping chosen”, before “Order placed”.",
    ),
    "an order that is not paid": (placed, "Stopped after “Order placed”, before “Paid”."),
}


@pytest.mark.parametrize(("given", "said"), GIVEN.values(), ids=GIVEN)
def test_it_says_the_step_in_the_words_of_the_funnel(admin_client, db, given, said):
    cart = left(**given())
    assert said in page(admin_client, cart)
    assert said in page(admin_client, cart.checkouts.get())


def test_without_an_address_to_write_to_it_says_so(admin_client, db):
    assert "before “Address given”: no e-mail address given." in page(admin_client, left(email=""))


def test_of_somebody_who_is_still_shopping_it_says_how_far_they_are(admin_client, db):
    html = page(admin_client, left(status=S.ACTIVE, shipping_address=ADDRESS))
    assert "So far after “Address given”, before “Shipping chosen”" in html


@pytest.mark.parametrize("status", [S.RECOVERED, S.CONVERTED])
def test_of_a_cart_that_was_bought_there_is_nothing_to_say(admin_client, db, status):
    cart = left(status=status)
    assert "How far it came" not in page(admin_client, cart)
    assert "How far it came" not in page(admin_client, cart.checkouts.get())


def test_nor_of_one_that_was_paid(admin_client, db):
    order = make_order(7, accepted_at=timezone.now())
    assert "How far it came" not in page(admin_client, left(order=order))


def test_nor_of_one_that_never_had_a_checkout_here(admin_client, db):
    assert "How far it came" not in page(admin_client, make_cart(status=S.ABANDONED, door="tracker"))


def test_of_several_checkouts_the_newest_counts(admin_client, db):
    cart = left(shipping_address=ADDRESS)
    make_checkout(2, cart=cart, shipping_address={}, shipping_method=None, status="expired")
    assert "before “Address given”" in page(admin_client, cart)


@pytest.mark.parametrize("given", [each for each, _ in GIVEN.values()], ids=GIVEN)
def test_the_lists_behind_the_funnel_have_it_at_the_same_steps(db, given):
    left(**given())
    found = {name: Checkout.objects.filter(condition).exists() for name, condition in STEPS.items()}
    assert steps.passed(Checkout.objects.all()) == found


def test_it_costs_one_query_however_often_they_came(admin_client, db):
    cart = left()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            page(admin_client, cart)
        counts.append(len(queries))
        for number in range(2, 20):
            make_checkout(number, cart=cart, status="expired") if len(counts) == 1 else None
    assert counts[0] == counts[1]
