"""Several workers sweep side by side: every idle cart is taken once, and a shopper's write is never undone."""

from __future__ import annotations

import pytest
from django.utils import timezone

from carts import abandonment
from carts import services as carts
from carts.models import Cart
from carts.states import CartStatus
from common.transactions import in_transaction
from tests.races.crowd import is_postgres, together
from tests.recovery.carts import make_cart

pytestmark = pytest.mark.usefixtures("ten_shirts")
WORKERS, CARTS = 4, 40


def sweep(_: int) -> int:
    swept = 0
    while batch := abandonment.mark_idle(now=timezone.now(), limit=5):
        swept += batch
    return swept


def test_four_workers_take_forty_carts_once_each():
    for number in range(CARTS):
        make_cart(f"ada.{number}@example.com")
    assert sum(together(WORKERS, sweep)) == CARTS
    assert Cart.objects.filter(status=CartStatus.ABANDONED, first_abandoned_at__isnull=False).count() == CARTS


def test_a_sweep_does_not_wait_for_a_cart_that_its_shopper_is_changing():
    if not is_postgres():
        pytest.skip("the embedded database has one writer at a time")
    busy, idle = make_cart(), make_cart("bo@example.com")

    @in_transaction
    def shopper_at_work() -> None:
        cart = Cart.objects.select_for_update(no_key=True).get(pk=busy.pk)
        together(1, sweep)  # in a thread of its own, with a connection of its own
        carts.touch(cart, now=timezone.now())

    shopper_at_work()
    for cart in (busy, idle):
        cart.refresh_from_db()
    assert (busy.status, idle.status) == (CartStatus.ACTIVE, CartStatus.ABANDONED)
