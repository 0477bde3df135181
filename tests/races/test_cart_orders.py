"""Ten at the same moment: one live order a cart, a capture id once, and every cent in the books."""

from dataclasses import replace

import pytest
from django.db import connection

from orders.models import Order
from orders.states import OrderStatus
from payments import cart_orders
from payments.cart_orders import order_cart
from payments.models import Payment
from tests.checkouts.shopping import shelf
from tests.payments.table import DUE, PAYPAL_ORDER, Table, cart_of
from tests.races.crowd import is_postgres, together

pytestmark = pytest.mark.usefixtures("ten_shirts")


def answers(count: int, call) -> dict:
    """{status: how many} of calls by a client each."""
    made = together(count, lambda number: str(call(Table(), number).status_code))
    return {status: made.count(status) for status in sorted(set(made))}


def live() -> list[str]:
    return list(Order.objects.exclude(status=OrderStatus.CANCELED).values_list("reference", flat=True))


def test_ten_different_orders_of_one_cart_leave_one():
    cart = cart_of()
    assert answers(10, lambda table, number: table.order(cart, f"P{number}")) == {"201": 10}
    assert len(live()) == 1
    assert Order.objects.count() == 10


def test_the_same_order_ten_times_is_one():
    cart = cart_of()
    assert answers(10, lambda table, _: table.order(cart)) == {"201": 10}
    assert (live(), Order.objects.count()) == ([PAYPAL_ORDER], 1)


def test_the_same_order_under_one_key_is_one():
    cart = cart_of()
    assert answers(10, lambda table, _: table.order(cart, key="once")) == {"201": 10}
    assert Order.objects.count() == 1


def test_the_same_capture_ten_times_is_one_payment():
    Table().order(cart_of())
    assert answers(10, lambda table, _: table.pay(1000)) == {"201": 1, "422": 9}
    assert (Payment.objects.count(), Order.objects.get().captured_amount) == (1, 1000)


def test_the_same_capture_for_ten_orders_is_one_payment():
    for number in range(10):
        Table().order(cart_of(), f"P{number}")
    assert answers(10, lambda table, number: table.pay(1000, reference=f"P{number}")) == {"201": 1, "422": 9}
    assert sum(Order.objects.values_list("captured_amount", flat=True)) == 1000


def test_ten_parts_at_once_are_all_counted_and_the_goods_are_taken_once():
    Table().order(cart_of())
    part = DUE // 9  # nine are not quite enough, ten are too much
    assert answers(10, lambda table, number: table.pay(part, f"C{number}")) == {"201": 10}
    order = Order.objects.get()
    assert (order.status, order.captured_amount, order.kept_amount) == (OrderStatus.ACCEPTED, 10 * part, DUE)
    assert shelf() == (8, 0)


def test_replacing_while_it_is_being_paid_loses_nothing():
    cart = cart_of()
    Table().order(cart, "P0")

    def act(table: Table, number: int):
        return table.pay(DUE // 4, f"C{number}", "P0") if number % 2 else table.order(cart, f"Q{number}")

    made = together(10, lambda number: str(act(Table(), number).status_code))
    assert set(made) <= {"201", "404"}
    assert Payment.objects.count() == 5
    first = Order.objects.get(reference="P0")
    assert first.captured_amount == 5 * (DUE // 4)
    if first.status == OrderStatus.CANCELED:
        assert (first.kept_amount, len(live()), shelf()) == (0, 1, (10, 0))
    else:  # paid before anybody replaced it: it stands, and one more waits
        assert (first.kept_amount, len(live()), shelf()) == (DUE, 2, (8, 0))


def test_control_without_locks_and_with_names_of_their_own_there_are_several(monkeypatch):
    if not is_postgres():
        pytest.skip("the embedded database lets one writer in at a time")
    cart = cart_of()
    order_cart(cart, reference="P0")
    draft = cart_orders._draft

    def unlocked(cart_id):
        newest = Order.objects.filter(cart_id=cart_id).order_by("-id").first()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return newest

    monkeypatch.setattr(cart_orders, "_locked_newest", unlocked)
    monkeypatch.setattr(
        cart_orders, "_draft", lambda cart, reference: replace(draft(cart, reference), source=f"test:{reference}")
    )
    together(6, lambda number: order_cart(cart, reference=f"Q{number}"))
    assert len(live()) > 1
