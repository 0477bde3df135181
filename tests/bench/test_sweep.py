"""The shop that the sweep is measured in: its SQL names each column that a row must have."""

from __future__ import annotations

import pytest
from django.db import connection

from bench import sweep
from carts.models import Cart
from carts.states import CartStatus
from demo import catalog
from payments.models import Payment
from recovery import detection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the sweep is measured on PostgreSQL"),
]


@pytest.mark.parametrize(("every", "before"), [(1, 190), (20, 0)], ids=["the newest", "scattered"])
def test_of_200_carts_the_10_that_are_due_are_moved(every: int, before: int) -> None:
    catalog.load()
    with connection.cursor() as cursor:  # as after other tests, which leave the sequence where it is
        cursor.execute("SELECT nextval(pg_get_serial_sequence('carts_cart', 'id')) FROM generate_series(1, 150)")
    sweep.make_shop(200, {"every": every, "before": before})
    bought = Payment.objects.count()
    earlier = Cart.objects.filter(status=CartStatus.ABANDONED).count()

    assert detection.mark_abandoned() == 10
    assert Cart.objects.filter(status=CartStatus.ABANDONED).count() == earlier + 10
    assert bought > 50
