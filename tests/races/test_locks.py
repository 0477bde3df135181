"""Locks that wait for each other, and locks that are held for too long."""

import threading
import time

import pytest
from django.db import connection, transaction

from catalog import discounts, stock
from catalog.models import Discount, Stock
from checkouts import services
from common.errors import ErrorCode
from common.transactions import TRIES, in_transaction
from orders import services as orders
from orders.models import Order
from tests.checkouts.shopping import pay, ready_session, ready_sessions, refused, shelf
from tests.factories import ADDRESS, LARGE_BLUE_ID, MEDIUM_BLUE_ID
from tests.races.crowd import is_postgres, tally, together

pytestmark = pytest.mark.usefixtures("ten_shirts")
ROUNDS = 15


def test_baskets_in_opposite_order_never_wait_for_each_other():
    stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=1000)
    stock.receive(variant_id=LARGE_BLUE_ID, pieces=1000)
    ways = [(MEDIUM_BLUE_ID, LARGE_BLUE_ID), (LARGE_BLUE_ID, MEDIUM_BLUE_ID)]

    def shop(number):
        demand = dict.fromkeys(ways[number % 2], 1)
        for turn in range(ROUNDS):
            with transaction.atomic():  # no second try: a deadlock would come out
                stock.reserve(holder=f"test:{number}:{turn}", demand=demand)
            with transaction.atomic():
                (stock.commit, stock.release)[turn % 2](f"test:{number}:{turn}")

    assert tally(together(6, shop)) == {"done": 6}
    bought = 6 * (ROUNDS // 2 + 1)
    assert (shelf(MEDIUM_BLUE_ID), shelf(LARGE_BLUE_ID)) == ((1010 - bought, 0), (1010 - bought, 0))


def test_whole_purchases_in_opposite_order_all_succeed():
    one = ready_sessions(4, demand={MEDIUM_BLUE_ID: 1, LARGE_BLUE_ID: 1})
    other = ready_sessions(4, demand={LARGE_BLUE_ID: 1, MEDIUM_BLUE_ID: 1})
    assert tally(together(8, lambda number: pay((one + other)[number]))) == {"done": 8}


def test_taking_and_giving_back_a_code_with_its_pieces_never_wait_for_each_other():
    """Completion takes the code, then the pieces; cancelation gives them back in the same order."""
    Discount.objects.filter(code="ONCE").update(usage_limit=None)
    code = Discount.objects.get(code="ONCE")
    stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=1000)
    amounts = dict.fromkeys(("items_amount", "discount_amount", "shipping_amount", "total_amount"), 0)

    def shop(number):
        for turn in range(ROUNDS):
            source = f"test:{number}:{turn}"
            with transaction.atomic():
                order = Order.objects.create(source=source, expires_at="2030-01-01T00:00Z", currency="USD", **amounts)
                discounts.redeem(code, holder=source)
                stock.reserve(holder=source, demand={MEDIUM_BLUE_ID: 1})
            with transaction.atomic():
                orders.cancel(order, now=order.created_at)

    assert tally(together(6, shop)) == {"done": 6}
    code.refresh_from_db()
    assert (code.used_count, shelf()) == (0, (1010, 0))


class Holder(threading.Thread):
    """Somebody who locks the shelf and does not let go until told."""

    def __init__(self) -> None:
        super().__init__()
        self.has_it, self.may_go = threading.Event(), threading.Event()

    def run(self) -> None:
        try:
            with transaction.atomic():
                list(Stock.objects.select_for_update(no_key=True))
                self.has_it.set()
                self.may_go.wait(20)
        finally:
            connection.close()

    def __enter__(self) -> "Holder":
        self.start()
        assert self.has_it.wait(10)
        return self

    def __exit__(self, *error: object) -> None:
        self.may_go.set()
        self.join()


@pytest.mark.postgres
class TestALockHeldTooLong:
    @pytest.fixture(autouse=True)
    def impatient(self, transactional_db):
        if not is_postgres():
            pytest.skip("needs PostgreSQL: the embedded database has one lock for all")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        yield
        connection.close()

    def test_is_answered_with_busy_after_two_tries(self):
        tries = []

        @in_transaction
        def take():
            tries.append(1)
            stock.reserve(holder="test:1", demand={MEDIUM_BLUE_ID: 1})

        with Holder():
            began = time.monotonic()
            with refused(ErrorCode.BUSY):
                take()
            waited = time.monotonic() - began
        assert len(tries) == TRIES == 2
        assert waited >= 0.6  # each try waits for the lock as long as it may
        assert shelf() == (10, 0)

    def test_a_busy_checkout_is_left_as_it_was_and_can_be_completed_after(self):
        session = ready_session()
        with Holder(), refused(ErrorCode.BUSY):
            pay(session)
        assert pay(session).order.is_paid

    def test_filling_the_cart_waits_for_no_shelf(self):
        session = ready_session()
        with Holder():
            services.set_shipping_address(session, ADDRESS)


@pytest.mark.postgres
def test_the_shop_itself_waits_three_seconds_for_a_lock():
    if not is_postgres():
        pytest.skip("needs PostgreSQL")
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("3s",)
