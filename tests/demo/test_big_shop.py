"""A shop of any size, to measure pages with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from analytics import checking
from bench import dashboard
from carts.models import Cart, Refusal
from checkouts.models import Checkout
from demo import catalog
from orders.models import Order
from payments.models import GatewayEvent, Payment, PaymentEntry
from recovery.models import Message
from tests.factories import make_variant

pytestmark = pytest.mark.django_db
ON_POSTGRESQL = pytest.mark.skipif(connection.vendor != "postgresql", reason="big shops are made on PostgreSQL")


def seed(**sizes: int) -> None:
    call_command("seed_big_shop", **{"carts": 40, "orders": 50, "timeline": 200} | sizes, verbosity=0)


@pytest.fixture
def big(settings, monkeypatch) -> None:
    """Without VACUUM, which a test's transaction does not allow."""
    settings.DEMO = True
    monkeypatch.setattr("demo.big_shop.tidy", lambda: None)


@ON_POSTGRESQL
def test_it_has_as_many_rows_as_were_asked_for(big):
    seed()
    counts = [model.objects.count() for model in (Cart, Order, Payment, Checkout, PaymentEntry, GatewayEvent)]
    assert counts == [40, 50, 50, 40, 80, 40]
    assert Message.objects.count() == 40
    assert LogEntry.objects.exists()


@ON_POSTGRESQL
def test_on_one_cart_in_fifty_one_something_was_refused_and_lately_on_one_in_three(big):
    seed(carts=408)
    lately = timezone.now() - timedelta(days=30)
    earlier, since = Cart.objects.filter(created_at__lte=lately), Cart.objects.filter(created_at__gt=lately)
    for carts, share in ((earlier, 51), (since, 3)):
        refused = Refusal.objects.filter(cart__in=carts).count()
        assert abs(refused - carts.count() / share) < 2
    assert set(Refusal.objects.values_list("kind", flat=True)) == {"discount", "stock", "shipping"}


@ON_POSTGRESQL
def test_its_figures_are_what_plain_sql_says(big):
    seed()
    assert checking.check_kept_figures() == 0


@ON_POSTGRESQL
def test_the_bench_asks_every_page_of_it_and_each_costs_few_queries(big, monkeypatch):
    monkeypatch.setattr(dashboard, "TIMES", 1)  # its queries are looked at, not its time
    seed()
    queries = {each.name: each.queries for each in dashboard.ask()}
    assert len(queries) > 30
    lists = {name: count for name, count in queries.items() if not name.startswith(("home", "an order", "a discount"))}
    assert max(lists.values()) <= 10
    assert max(queries.values()) < 60


def test_a_shop_that_has_orders_is_left_alone(big):
    catalog.load()
    Cart.objects.create(currency="USD")
    with pytest.raises(CommandError, match="already" if connection.vendor == "postgresql" else "PostgreSQL"):
        seed()
    assert Cart.objects.count() == 1


def test_it_is_for_demonstrations_only(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        seed()


@pytest.mark.parametrize("sizes", [{"carts": 0}, {"orders": -1}, {"timeline": 0}])
def test_nothing_cannot_be_made(big, sizes):
    make_variant()
    with pytest.raises(CommandError, match="At least 1"):
        seed(**sizes)
