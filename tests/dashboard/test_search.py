"""One search box: what was typed says what it is, and each of the four lists finds what belongs to it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carts.models import Cart
from checkouts.models import Checkout
from dashboard.search import LISTS, Kind, condition, read
from orders.models import Order
from payments.models import Payment
from tests.admin_rows import make_cart, make_checkout, make_order, make_payment
from tests.dashboard.ticked import listed

PAYPAL = "5O190127TN364715T"


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("ada", Kind.EMAIL, "ada"),
        (" ada_l@example.com ", Kind.EMAIL, "ada_l@example.com"),
        ("ADA@EXAMPLE.COM", Kind.EMAIL, "ADA@EXAMPLE.COM"),
        ("test.person", Kind.EMAIL, "test.person"),
        ("ord-2026-0001", Kind.NUMBER, "ORD-2026-0001"),
        ("pi_3Mabc", Kind.REFERENCE, "pi_3Mabc"),
        ("test_ref_1", Kind.REFERENCE, "test_ref_1"),
        (PAYPAL, Kind.REFERENCE, PAYPAL),
        ("17", Kind.ID, 17),
        ("#17", Kind.ID, 17),
        ("9" * 40, Kind.ID, 2**63 - 1),
        ("Cart 7", Kind.CART, 7),
        ("order:7", Kind.ORDER, 7),
        ("²", Kind.EMAIL, "²"),
        ("%", Kind.EMAIL, "%"),
    ],
)
def test_what_was_typed_is_of_one_kind(typed, kind, value):
    term = read(typed)
    assert term is not None
    assert (term.kind, term.value) == (kind, value)


@pytest.mark.parametrize("typed", ["", "  ", "\0"])
def test_nothing_typed_finds_everything(typed):
    assert not condition(Cart, typed)


@pytest.fixture
def story(db):
    """Two shoppers' records, of the second of which everything is looked for."""
    rows = {}
    for number in (1, 2):
        cart = make_cart(number)
        order = make_order(number, cart=cart)
        checkout = make_checkout(number + 10, cart=cart, order=order, status="completed")
        payment = make_payment(
            order, number, gateway="paypal", gateway_reference=PAYPAL if number == 2 else "OTHER1234"
        )
        rows = {Cart: cart, Order: order, Checkout: checkout, Payment: payment}
    return rows


@pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)
def test_each_list_finds_what_belongs_to_it(admin_client, story, model):
    terms = [
        *("ada.2@", "ADA.2@example.com", "ORD-2026-0002", PAYPAL, f"#{story[model].pk}"),
        *(f"{other.__name__} {row.pk}" for other, row in story.items()),
    ]
    for term in terms:
        assert listed(admin_client, model, q=term) == [story[model]], term
    for term in ("da.2@", "example", "ORD-2026-9999", "NOBODYS12345"):
        assert listed(admin_client, model, q=term) == [], term


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="says what the embedded database would do")
def test_no_search_reads_a_whole_table(story):
    """By the database's own plan: every table is reached by an index or a key."""
    for model, looks in LISTS.items():
        assert set(looks) == set(Kind)
        for term in ("ada.2@", "ORD-2026-0002", PAYPAL, "7", "cart 7", "order 7", "checkout 7", "payment 7"):
            plan = model._default_manager.filter(condition(model, term)).order_by().explain()
            scans = [line for line in plan.splitlines() if re.search(r"SCAN \w+_\w+", line) and "USING" not in line]
            assert scans == [], (model, term, plan)


def test_a_search_is_one_query(story):
    for model in LISTS:
        for term in ("ada.2@", "ORD-2026-0002", PAYPAL, "cart 7"):
            with CaptureQueriesContext(connection) as queries:
                list(model._default_manager.filter(condition(model, term)))
            assert len(queries) == 1, term
