"""A row written with kept SQL is the row that `Model.save` would have written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carts.models import Cart
from catalog.models import Product
from checkouts.models import Checkout
from common import rows
from payments.models import TestCharge

ADDRESS = {"address_line1": "Str. 'Ü' %s \"5\"", "country": "DE"}


def a_checkout(**values: Any) -> Checkout:
    cart = Cart.objects.create(currency="USD")
    return Checkout(cart=cart, shipping_address=ADDRESS, expires_at=timezone.now() + timedelta(hours=1), **values)


def columns_of(row: Any) -> dict[str, Any]:
    return type(row).objects.filter(pk=row.pk).values().get()


def test_a_row_that_is_inserted_has_what_a_saved_one_has(db: None):
    kept, saved = a_checkout(), a_checkout()
    assert rows.insert(kept) is kept
    saved.save()
    own = {"id", "cart_id", "session_key", "created_at", "updated_at", "expires_at"}
    different = {name for name, value in columns_of(kept).items() if value != columns_of(saved)[name]}
    assert different <= own
    assert columns_of(kept)["shipping_address"] == ADDRESS
    assert (kept._state.adding, kept._state.db) == (False, "default")
    assert columns_of(kept)["session_key"] == kept.session_key


def test_an_update_changes_the_fields_it_names_and_no_other(db: None):
    mug = Product.objects.create(name="Mug", slug="mug", public_id=uuid4())
    mug.name, mug.slug = "Cup", "cup"
    rows.update(mug, ["name"])
    assert Product.objects.values_list("name", "slug").get(pk=mug.pk) == ("Cup", "mug")


def test_a_field_that_sets_itself_at_every_save_does_so_at_every_update(db: None):
    mug = Product.objects.create(name="Mug", slug="mug", public_id=uuid4())
    before = mug.updated_at
    rows.update(mug, ["updated_at"])
    assert Product.objects.get(pk=mug.pk).updated_at > before


def test_a_related_row_is_named_by_its_field(db: None):
    checkout = rows.insert(a_checkout())
    other = Cart.objects.create(currency="EUR")
    checkout.cart = other
    rows.update(checkout, ["cart"])
    assert columns_of(checkout)["cart_id"] == other.pk


def test_a_row_that_is_gone_is_told(db: None):
    mug = Product.objects.create(name="Mug", slug="mug", public_id=uuid4())
    Product.objects.filter(pk=mug.pk).delete()
    with pytest.raises(DatabaseError, match="any more"):
        rows.update(mug, ["name"])


def test_what_must_be_unique_is_refused_and_spoils_the_transaction_as_a_save_would(db: None):
    rows.insert(TestCharge(key="pay_1", reference="test_1", amount=1))
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            rows.insert(TestCharge(key="pay_1", reference="test_2", amount=1))
        with pytest.raises(TransactionManagementError):
            TestCharge.objects.count()
        transaction.set_rollback(True)


def test_a_key_that_was_chosen_is_not_dropped_in_silence(db: None):
    with pytest.raises(ValueError, match="key"):
        rows.insert(TestCharge(pk=7, key="pay_1", reference="test_1", amount=1))


def test_a_field_named_twice_is_written_once(db: None):
    mug = Product.objects.create(name="Mug", slug="mug", public_id=uuid4())
    mug.name = "Cup"
    rows.update(mug, ["name", "name"])
    assert Product.objects.get(pk=mug.pk).name == "Cup"


def test_a_constraint_that_is_broken_spoils_the_transaction_also_where_only_new_rows_are_wanted(db: None):
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            rows.insert_if_new(Checkout(cart=None))
        with pytest.raises(TransactionManagementError):
            TestCharge.objects.count()
        transaction.set_rollback(True)


def test_each_is_one_statement(db: None):
    checkout = a_checkout()
    with CaptureQueriesContext(connection) as asked:
        rows.insert(checkout)
        rows.update(checkout, ["status", "updated_at"])
    assert [query["sql"].split(" ", 1)[0] for query in asked] == ["INSERT", "UPDATE"]


def test_a_row_that_is_there_already_changes_nothing_where_only_new_ones_are_wanted(db: None):
    rows.insert_if_new(TestCharge(key="pay_1", reference="test_1", amount=1))
    with transaction.atomic():
        rows.insert_if_new(TestCharge(key="pay_1", reference="test_2", amount=2))
        assert [(charge.reference, charge.amount) for charge in TestCharge.objects.all()] == [("test_1", 1)]
