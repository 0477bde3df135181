"""An order's verbs: what each moves, what a second time changes (nothing), and what is refused."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from carts import people
from catalog import discounts, stock
from catalog.models import Reservation
from common.errors import DomainError, ErrorCode
from orders import services as orders
from orders.models import Order
from orders.states import ORDER, OrderStatus
from outbox.models import OutboxEvent
from tests.checkouts.shopping import refused, shelf
from tests.factories import MEDIUM_BLUE_ID, demo_shop, make_discount
from tests.payments.builders import TOTAL, make_order
from tests.recovery.carts import make_cart

NOW = timezone.now()


@pytest.fixture
def order(db) -> Order:
    demo_shop(on_hand=10)
    return make_order()


def events(name: str) -> int:
    return OutboxEvent.objects.filter(name=name).count()


@pytest.mark.parametrize("times", [1, 2, 3])
def test_accepting_gives_one_number_one_event_and_takes_the_pieces_once(order, times):
    for _ in range(times):
        orders.accept(order, now=NOW)
    assert (order.status, order.number) == (OrderStatus.ACCEPTED, f"ORD-{NOW.year}-0001")
    assert (shelf(), events("order.accepted")) == ((8, 0), 1)


def test_who_bought_is_known_by_the_orders_contact_and_by_the_one_its_cart_has_by_now(order):
    cart = make_cart("cleo@example.com", phone="+45 12 34 56 78")
    Order.objects.filter(pk=order.pk).update(cart=cart, email="ada@example.com", phone="+45 87 65 43 21")
    order.refresh_from_db()
    orders.accept(order, now=NOW)
    contacts = {"emails": ["ada@example.com", "cleo@example.com"], "phones": ["+4512345678", "+4587654321"]}
    assert set(people.bought_at(people.keys_of(**contacts)).values()) == {NOW}
    assert len(people.bought_at(people.keys_of(**contacts))) == 6


@pytest.mark.parametrize("times", [1, 2, 3])
def test_canceling_gives_the_pieces_back_once(order, times):
    for _ in range(times):
        orders.cancel(order, now=NOW)
    assert (order.status, shelf(), events("order.canceled")) == (OrderStatus.CANCELED, (10, 0), 1)


def test_a_canceled_order_is_not_accepted(order):
    orders.cancel(order, now=NOW)
    with refused(ErrorCode.ILLEGAL_MOVE):
        orders.accept(order, now=NOW)
    assert Reservation.objects.get().status == "released"


def pay_late(order, **more):
    orders.apply_payment(order, captured_amount=TOTAL, refunded_amount=0, is_accepted=True, now=NOW, **more)
    order.refresh_from_db()


def test_money_for_a_canceled_order_takes_it_up_again(order):
    orders.cancel(order, now=NOW)
    pay_late(order)
    assert (order.status, order.captured_amount, shelf()) == (OrderStatus.ACCEPTED, TOTAL, (8, 0))
    assert order.canceled_at is None


def test_money_for_a_canceled_order_whose_pieces_are_gone_is_noted_and_moves_nothing(order):
    orders.cancel(order, now=NOW)
    stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=-9)
    pay_late(order)
    assert (order.status, order.captured_amount, shelf()) == (OrderStatus.CANCELED, TOTAL, (1, 0))


def test_money_for_a_canceled_order_whose_code_is_gone_leaves_the_pieces_alone(order):
    code = make_discount("ONE", off_amount=500, usage_limit=1)
    Order.objects.filter(pk=order.pk).update(discount_code=code.code)
    order.refresh_from_db()
    orders.cancel(order, now=NOW)
    discounts.redeem(code, holder="somebody else")
    pay_late(order)
    assert (order.status, shelf()) == (OrderStatus.CANCELED, (10, 0))


def test_money_for_an_order_that_staff_took_back_brings_it_not_back(order):
    orders.accept(order, now=NOW)
    orders.cancel(order, now=NOW)
    pay_late(order)
    assert order.status == OrderStatus.CANCELED


@pytest.mark.django_db
def test_numbers_follow_each_other_and_a_rolled_back_one_leaves_no_gap():
    demo_shop()
    first, second, third = make_order(), make_order(), make_order()
    orders.accept(first, now=NOW)
    with transaction.atomic():
        orders.accept(second, now=NOW)
        transaction.set_rollback(True)
    orders.accept(third, now=NOW)
    assert [order.number[-4:] for order in (first, third)] == ["0001", "0002"]


@pytest.mark.parametrize(("current", "target"), list(product(OrderStatus, OrderStatus)))
def test_a_move_that_is_not_in_the_table_is_refused(current, target):
    if ORDER.allows(current, target):
        ORDER.check(current, target)
        return
    with pytest.raises(DomainError) as refusal:
        ORDER.check(current, target)
    assert refusal.value.code is ErrorCode.ILLEGAL_MOVE


NEVER = {
    "a total that is not its parts": ("order_adds_up", {"total_amount": TOTAL + 1}),
    "less shipping than nothing": (
        "order_amounts_make_sense",
        {"shipping_amount": -1, "total_amount": 4997},
    ),
    "more off than the items cost": (
        "order_amounts_make_sense",
        {"discount_amount": 4999, "total_amount": 598},
    ),
    "more paid back than was paid": ("order_refunded_at_most_captured", {"captured_amount": 5, "refunded_amount": 6}),
    "more going back than came": ("order_surplus_at_most_captured", {"captured_amount": 5, "surplus_amount": 6}),
    "less than nothing paid back": ("order_refunded_at_most_captured", {"refunded_amount": -1}),
    "accepted without a number": ("accepted_order_has_a_number", {"status": OrderStatus.ACCEPTED}),
}


@pytest.mark.parametrize(("rule", "values"), list(NEVER.values()), ids=list(NEVER))
def test_the_database_refuses(order, rule, values):
    with pytest.raises(IntegrityError, match=rule):
        Order.objects.filter(pk=order.pk).update(**values)


@pytest.mark.parametrize("unique", ["source", "number", "public_id"])
def test_the_database_refuses_two_orders_with_one(order, unique):
    orders.accept(order, now=NOW)
    other = make_order()
    with pytest.raises(IntegrityError, match=unique):
        Order.objects.filter(pk=other.pk).update(**{unique: getattr(order, unique)})
