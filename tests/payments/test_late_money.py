"""Money that comes too late, twice or for too much: it buys what it can still buy, or it goes back by itself."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.urls import reverse

from catalog import stock
from common.errors import ErrorCode
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import expiry, reconcile, refunds
from payments import services as payments
from payments.gateways.base import GatewayRefused, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, Refund, TestCharge
from payments.queries import money_without_order
from payments.states import PaymentStatus, RefundStatus
from tests.checkouts.shopping import (
    deliver_events,
    its_time_has_come,
    let_order_run_out,
    pay,
    ready_session,
    refused,
    shelf,
)
from tests.factories import MEDIUM_BLUE_ID, demo_shop
from tests.payments.builders import TOTAL, make_order

pytestmark = pytest.mark.django_db
DECLINED = "tok_chargeDeclined"


@pytest.fixture
def order(db) -> Order:
    """The only two pieces there are."""
    demo_shop(on_hand=2)
    return make_order()


def a_try(order: Order, token: str = DECLINED) -> Payment:
    return payments.pay_order(order.pk, provider="stripe", instrument=token)


def say_yes_after_all(payment: Payment) -> Payment:
    """The gateway took the money in spite of its no, and its webhook says so."""
    charges = TestCharge.objects.filter(reference=payment.gateway_reference)
    charges.update(outcome=Outcome.CAPTURED, captured_amount=payment.amount)
    said = TestGateway().look_up(reference=payment.gateway_reference, key="")
    return payments.apply_result(payment.pk, said, heard_from="webhook")


def run_out(order: Order) -> None:
    let_order_run_out(order.pk)
    expiry.cancel_expired()


def sell_the_rest() -> None:
    on_hand, reserved = shelf()
    if on_hand > reserved:
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=reserved - on_hand)


def money(order: Order) -> tuple[str, int, int]:
    order.refresh_from_db()
    return order.status, order.captured_amount, order.refunded_amount


def net() -> int:
    """What the gateway has kept of all charges."""
    return sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())


class TestACanceledOrder:
    def test_is_completed_where_its_pieces_can_still_be_had(self, order):
        payment = a_try(order)
        run_out(order)
        say_yes_after_all(payment)
        deliver_events()
        assert money(order) == (OrderStatus.ACCEPTED, TOTAL, 0)
        assert (shelf(), net()) == ((0, 0), TOTAL)
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1

    def test_whose_pieces_are_gone_gives_the_money_back_in_full(self, order):
        payment = a_try(order)
        run_out(order)
        sell_the_rest()
        say_yes_after_all(payment)
        assert list(money_without_order()) == [payment]
        deliver_events()
        assert money(order) == (OrderStatus.CANCELED, TOTAL, TOTAL)
        assert net() == 0
        assert not money_without_order().exists()

    def test_is_not_brought_back_by_the_same_word_once_the_money_went_back(self, order):
        payment = a_try(order)
        run_out(order)
        sell_the_rest()
        say_yes_after_all(payment)
        deliver_events()
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=2)
        payments.apply_result(
            payment.pk, TestGateway().look_up(reference=payment.gateway_reference, key=""), heard_from="webhook"
        )
        assert money(order) == (OrderStatus.CANCELED, TOTAL, TOTAL)
        assert shelf() == (2, 0)

    def test_an_answer_lost_until_after_the_orders_time_still_buys(self, order):
        payment = a_try(order, "tok_late")
        run_out(order)
        its_time_has_come(payment)
        reconcile.settle_doubtful()
        assert money(order) == (OrderStatus.ACCEPTED, TOTAL, 0)


class TestASecondSuccess:
    def test_is_given_back_in_full(self, order):
        first = a_try(order)
        second = a_try(order, "tok_visa")
        say_yes_after_all(first)
        deliver_events()
        assert money(order) == (OrderStatus.ACCEPTED, 2 * TOTAL, TOTAL)
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.refunded_amount, second.refunded_amount) == (TOTAL, 0)
        assert net() == TOTAL

    def test_said_ten_times_is_given_back_once(self, order):
        first = a_try(order)
        a_try(order, "tok_visa")
        for _ in range(10):
            say_yes_after_all(first)
            deliver_events()
        assert Refund.objects.count() == 1
        assert net() == TOTAL

    def test_the_event_delivered_twice_asks_once(self, order):
        first = a_try(order)
        a_try(order, "tok_visa")
        say_yes_after_all(first)
        assert refunds.give_back(first.pk) == refunds.give_back(first.pk)
        assert TestCharge.objects.get(reference=first.gateway_reference).refunded_amount == TOTAL

    def test_whose_event_was_lost_is_found_by_the_reconciler(self, order):
        first = a_try(order)
        a_try(order, "tok_visa")
        say_yes_after_all(first)
        OutboxEvent.objects.all().delete()
        assert refunds.settle_refunds() == 1
        assert net() == TOTAL
        assert refunds.settle_refunds() == 0

    def test_that_the_gateway_will_not_give_back_stays_listed(self, order, admin_client, monkeypatch):
        def never(*args, **kwargs):
            raise GatewayRefused("Too old.")

        monkeypatch.setattr(TestGateway, "refund", never)
        first = a_try(order)
        a_try(order, "tok_visa")
        say_yes_after_all(first)
        deliver_events()
        assert Refund.objects.get().status == RefundStatus.REFUSED
        page = admin_client.get(reverse("admin:payments_payment_changelist"), {"without_order": "1"})
        assert list(page.context["cl"].result_list) == [first]
        assert (
            "Too old." in admin_client.get(reverse("admin:payments_payment_change", args=[first.pk])).content.decode()
        )

    def test_paid_back_by_staff_is_off_the_list(self, order):
        first = a_try(order)
        a_try(order, "tok_visa")
        say_yes_after_all(first)
        refunds.refund_order(order.pk, reason="All of it", request_key="staff")
        deliver_events()
        assert (net(), money_without_order().count()) == (0, 0)
        assert money(order) == (OrderStatus.ACCEPTED, 2 * TOTAL, 2 * TOTAL)


def rewrite(order: Order, total: int) -> None:
    """The basket costs `total` now."""
    Order.objects.filter(pk=order.pk).update(
        items_amount=total, shipping_amount=0, total_amount=total, discount_amount=0
    )


class TestMoneyForAnotherBasket:
    def test_for_a_dearer_one_buys_the_cheaper_and_the_rest_goes_back(self, order):
        payment = a_try(order)
        rewrite(order, 1000)
        say_yes_after_all(payment)
        deliver_events()
        assert money(order) == (OrderStatus.ACCEPTED, TOTAL, TOTAL - 1000)
        assert net() == 1000

    def test_for_a_cheaper_one_goes_back_and_the_order_can_be_paid(self, order):
        payment = a_try(order)
        rewrite(order, 2 * TOTAL)
        say_yes_after_all(payment)
        order.refresh_from_db()
        assert (order.status, order.due_amount) == (OrderStatus.PENDING, 2 * TOTAL)
        deliver_events()
        assert a_try(order, "tok_visa").order.status == OrderStatus.ACCEPTED
        assert net() == 2 * TOTAL

    def test_for_a_cheaper_one_does_not_keep_the_order_from_running_out(self, order):
        payment = a_try(order)
        rewrite(order, 2 * TOTAL)
        say_yes_after_all(payment)
        run_out(order)
        deliver_events()
        assert (money(order)[0], net(), shelf()) == (OrderStatus.CANCELED, 0, (2, 0))


def test_a_shopper_whose_late_money_went_back_completes_with_another_basket(db):
    """The checkout's own way: declined, canceled, sold out, late yes, back on the shelf, tried again."""
    demo_shop(on_hand=2)
    session = ready_session()
    with refused(ErrorCode.PAYMENT_DECLINED):
        pay(session, DECLINED)
    order = Order.objects.get()
    run_out(order)
    sell_the_rest()
    say_yes_after_all(order.payments.get())
    stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=2)
    done = pay(session)
    deliver_events()
    assert (done.order.pk, done.order.status, net()) == (order.pk, OrderStatus.ACCEPTED, TOTAL)


def test_money_in_review_is_left_to_a_person(order):
    payment = a_try(order)
    charges = TestCharge.objects.filter(reference=payment.gateway_reference)
    charges.update(outcome=Outcome.CAPTURED, amount=TOTAL + 1, captured_amount=TOTAL + 1)
    said = TestGateway().look_up(reference=payment.gateway_reference, key="")
    assert payments.apply_result(payment.pk, said, heard_from="webhook").status == PaymentStatus.REVIEW
    deliver_events()
    assert not Refund.objects.exists()


STEPS = {
    "the first is taken after all": lambda order, first, second: say_yes_after_all(first),
    "the second is taken after all": lambda order, first, second: say_yes_after_all(second),
    "the order runs out": lambda order, first, second: run_out(order),
    "the rest is sold": lambda order, first, second: sell_the_rest(),
    "events arrive": lambda order, first, second: deliver_events(),
}


@pytest.mark.parametrize("names", list(permutations(STEPS)), ids=" > ".join)
def test_in_any_order_all_of_the_total_is_kept_or_nothing(order, names):
    first, second = a_try(order), a_try(order)
    for name in names:
        STEPS[name](order, first, second)
    say_yes_after_all(first)  # said again, as webhooks are
    refunds.settle_refunds()
    deliver_events()
    order.refresh_from_db()
    bought = order.status == OrderStatus.ACCEPTED
    assert net() == (TOTAL if bought else 0)
    assert order.captured_amount - order.refunded_amount == net()
    assert order.kept_amount == net()
    assert shelf()[1] == 0
    assert not money_without_order().exists()
    assert OutboxEvent.objects.filter(name="order.accepted").count() == int(bought)


class TestStaffPaysBackWhileASurplusIsYetToGo:
    """A second success came on the newest payment; what staff gives back is the order's own money."""

    @pytest.fixture
    def paid_twice(self, order) -> Order:
        tries = [a_try(order), a_try(order)]
        for payment in tries:
            say_yes_after_all(payment)
        assert Payment.objects.get(surplus_amount=TOTAL) == tries[-1]
        return order

    @staticmethod
    def kept() -> int:
        return sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())

    def test_both_are_paid_back(self, paid_twice):
        refunds.refund_order(paid_twice.pk, amount=1000, reason="broken", request_key="a")
        deliver_events()
        refunds.settle_refunds()
        assert self.kept() == TOTAL - 1000

    def test_not_more_than_the_order_came_to(self, paid_twice):
        with refused(ErrorCode.REFUND_TOO_LARGE) as refusal:
            refunds.refund_order(paid_twice.pk, amount=TOTAL + 1, reason="broken", request_key="a")
        assert refusal.value.values["refundable"] == TOTAL

    def test_all_of_it_is_all_of_the_order(self, paid_twice):
        refunds.refund_order(paid_twice.pk, reason="changed their mind", request_key="a")
        assert self.kept() == TOTAL
        deliver_events()
        assert self.kept() == 0

    def test_also_where_the_gateway_would_not_give_the_surplus_back(self, paid_twice, monkeypatch):
        with monkeypatch.context() as at_the_gateway:
            at_the_gateway.setattr(TestGateway, "refund", lambda *_, **__: (_ for _ in ()).throw(GatewayRefused("No.")))
            deliver_events()
        refunds.refund_order(paid_twice.pk, amount=1000, reason="broken", request_key="a")
        [stays] = money_without_order()
        assert self.kept() - (stays.surplus_amount - stays.refunded_amount) == TOTAL - 1000

    def test_and_where_it_went_back_before(self, paid_twice):
        deliver_events()
        refunds.refund_order(paid_twice.pk, amount=1000, reason="broken", request_key="a")
        assert self.kept() == TOTAL - 1000
