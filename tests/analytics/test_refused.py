"""What shoppers were refused is counted as plain SQL counts it, and each figure is a list of exactly those carts."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from analytics import refused, rows
from analytics.definitions import Period
from carts.models import Cart, Refusal
from carts.states import CartStatus
from tests.admin_rows import refuse

pytestmark = pytest.mark.django_db
K = Refusal.Kind
DAYS = Period(date(2026, 3, 1), date(2026, 3, 31))
ZONE = timezone.get_default_timezone()
PLAIN = """
SELECT r.kind, COUNT(DISTINCT r.cart_id),
  COUNT(DISTINCT CASE WHEN c.status NOT IN ('recovered', 'converted') THEN r.cart_id END)
FROM carts_refusal r JOIN carts_cart c ON c.id = r.cart_id
WHERE r.first_at >= %s AND r.first_at < %s
GROUP BY r.kind
"""


def in_plain_sql(period: Period) -> dict[str, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [connection.ops.adapt_datetimefield_value(at) for at in (period.start, period.end)])
        return {kind: (carts, unbought) for kind, carts, unbought in cursor.fetchall()}


def counts(period: Period) -> dict[str, int]:
    return {found.kind.value: found.carts for found in refused.counted(period)}


@pytest.fixture
def many() -> None:
    """Carts in every state, each refused some things of any kind, before, in and after the period."""
    dice = random.Random(7)
    for number in range(60):
        cart = Cart.objects.create(currency="USD", status=dice.choice(list(CartStatus)))
        for again in range(dice.randint(0, 4)):
            at = DAYS.start + timedelta(days=dice.randint(-20, 50), minutes=number)
            refuse(cart, dice.choice(list(K)), f"{again}", at=at)


def test_they_are_what_plain_sql_says(many):
    assert counts(DAYS) == {kind: carts for kind, (carts, _) in in_plain_sql(DAYS).items()}
    assert len(counts(DAYS)) == len(K)


def test_each_opens_exactly_the_carts_it_counts_and_those_not_bought(admin_client, many):
    for kind, both in in_plain_sql(DAYS).items():
        for count, are_unbought in zip(both, (False, True), strict=True):
            listed = admin_client.get(rows.refused(DAYS, K(kind), are_unbought=are_unbought)).context["cl"]
            assert listed.result_count == count
            assert 0 < count < 60


def test_a_cart_counts_once_a_kind_however_often_it_was_refused():
    cart = Cart.objects.create(currency="USD")
    for subject in ("A", "B"):
        refuse(cart, K.DISCOUNT, subject, at=DAYS.start)
    refuse(cart, K.STOCK, at=DAYS.start)
    assert counts(DAYS) == {"discount": 1, "stock": 1}


@pytest.mark.parametrize(
    ("at", "is_counted"),
    [
        (datetime(2026, 2, 28, 23, 59, 59, tzinfo=ZONE), False),
        (datetime(2026, 3, 1, tzinfo=ZONE), True),
        (datetime(2026, 3, 31, 23, 59, 59, tzinfo=ZONE), True),
        (datetime(2026, 4, 1, tzinfo=ZONE), False),
    ],
)
def test_it_counts_on_the_day_it_was_first_met_in_the_shops_time_zone(at, is_counted):
    row = refuse(Cart.objects.create(currency="USD"), K.TOTAL, at=at)
    Refusal.objects.filter(pk=row.pk).update(last_at=DAYS.start, times=2)
    assert bool(counts(DAYS)) is is_counted


def test_it_is_one_query(many, django_assert_num_queries):
    with django_assert_num_queries(1):
        refused.counted(DAYS)
