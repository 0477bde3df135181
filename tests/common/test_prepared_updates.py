"""One statement, composed once, changes rows and says what they hold; rows it leaves alone are not told."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, F, IntegerField
from django.db.transaction import TransactionManagementError

from catalog.models import Stock
from common.prepared import Given, PreparedUpdate
from tests.factories import demo_shop

pytestmark = pytest.mark.django_db
TAKEN = PreparedUpdate(
    lambda: Stock.objects.filter(pk=Given("id", BigIntegerField())),
    ("variant_id", "on_hand"),
    on_hand=F("on_hand") - Given("pieces", IntegerField()),
)


def test_what_was_changed_is_told_as_it_is_afterwards(django_assert_num_queries):
    demo_shop(on_hand=10)
    first = Stock.objects.order_by("pk").first()
    assert first is not None
    with django_assert_num_queries(1):
        told = TAKEN.rows(id=first.pk, pieces=3)
    assert told == [(first.pk, 7)]
    assert TAKEN.rows(id=first.pk, pieces=2) == [(first.pk, 5)]


def test_a_constraint_that_is_broken_spoils_the_transaction():
    demo_shop(on_hand=10)
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            TAKEN.rows(id=Stock.objects.values_list("pk", flat=True)[0], pieces=11)
        with pytest.raises(TransactionManagementError):
            Stock.objects.count()
        transaction.set_rollback(True)


def test_where_nothing_fits_nothing_is_changed_and_nothing_told():
    demo_shop(on_hand=10)
    assert TAKEN.rows(id=0, pieces=10) == []
    assert not Stock.objects.exclude(on_hand=10).exists()
