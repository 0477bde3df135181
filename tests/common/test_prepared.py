"""A query whose SQL is kept gives what the queryset gives, with the values of each call."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import BigIntegerField, UUIDField
from django.db.transaction import TransactionManagementError

from catalog.models import Product
from common.prepared import Given, Prepared


def a_product(slug: str) -> Product:
    return Product.objects.create(name=slug.title(), slug=slug, public_id=uuid4())


def test_each_call_gets_the_rows_of_its_own_value(db: None):
    mug, book = a_product("mug"), a_product("book")
    by_public_id = Prepared[Product](lambda: Product.objects.filter(public_id=Given("public_id", UUIDField())))
    assert by_public_id.rows(public_id=mug.public_id) == [mug]
    assert by_public_id.rows(public_id=book.public_id) == [book]
    assert by_public_id.first(public_id=uuid4()) is None


def test_rows_are_of_the_same_types_as_the_querysets(db: None):
    mug = a_product("mug")
    columns = ("public_id", "created_at", "is_active")
    queryset = Product.objects.filter(pk=mug.pk).values_list(*columns)
    prepared = Prepared[tuple[object, ...]](
        lambda: Product.objects.filter(pk=Given("id", BigIntegerField())).values_list(*columns)
    )
    assert prepared.rows(id=mug.pk) == list(queryset)
    assert prepared.rows(id=mug.pk) == list(queryset)


def test_it_is_built_once(db: None):
    built = []

    def build() -> object:
        built.append(1)
        return Product.objects.filter(pk=Given("id", BigIntegerField()))

    prepared = Prepared[Product](build)
    for _ in range(3):
        prepared.rows(id=1)
    assert len(built) == 1


def test_a_value_that_was_forgotten_is_told(db: None):
    prepared = Prepared[Product](lambda: Product.objects.filter(pk=Given("id", BigIntegerField())))
    with pytest.raises(KeyError):
        prepared.rows()


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_only():
    locked = Prepared[Product](lambda: Product.objects.filter(pk=Given("id", BigIntegerField())).select_for_update())
    with transaction.atomic():
        locked.rows(id=1)
    with pytest.raises(TransactionManagementError):
        locked.rows(id=1)
