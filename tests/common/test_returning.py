"""One statement changes rows and says what they hold; rows it leaves alone are not told."""

from __future__ import annotations

import pytest
from django.db.models import F

from catalog.models import Stock
from common.returning import update_returning
from tests.factories import demo_shop

pytestmark = pytest.mark.django_db


def test_what_was_changed_is_told_as_it_is_afterwards(django_assert_num_queries):
    demo_shop(on_hand=10)
    first = Stock.objects.order_by("pk").first()
    assert first is not None
    with django_assert_num_queries(1):
        told = update_returning(Stock.objects.filter(pk=first.pk), ("variant_id", "on_hand"), on_hand=F("on_hand") - 3)
    assert told == [(first.pk, 7)]


def test_where_nothing_fits_nothing_is_changed_and_nothing_told():
    demo_shop(on_hand=10)
    assert update_returning(Stock.objects.filter(on_hand=11), ("on_hand",), on_hand=0) == []
    assert not Stock.objects.filter(on_hand=0).exists()
