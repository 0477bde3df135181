"""Orders that several reported captures pay, without PayPal's keys: what adds up, is too much, or is sold out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from carts.models import Cart
from carts.states import CartStatus
from catalog import stock
from orders import parts
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import expiry, refunds
from payments import services as payments
from payments.gateways.base import GatewayResult, Outcome
from payments.models import Payment, Refund
from payments.queries import money_without_order
from payments.states import PaymentStatus, RefundStatus
from tests.checkouts.shopping import deliver_events, let_order_run_out, shelf
from tests.factories import MEDIUM_BLUE_ID, demo_shop
from tests.payments.table import DUE, Table, cart_of


@pytest.fixture
def cart(db) -> Cart:
    demo_shop(on_hand=10)
    return cart_of()


@pytest.fixture
def table(cart) -> Table:
    table = Table()
    table.order(cart)
    return table


def paid(table: Table, cart: Cart) -> tuple[str, int, int, bool]:
    """(status, total paid, remaining balance, fulfilled?) as the API shows them."""
    order = table.order_of(cart)
    return order["status"], order["total_paid"], order["remaining_balance"], order["fulfilled_at"] is not None


def word(table: Table, amount: int, capture: str) -> str:
    answer = table.pay(amount, capture)
    assert answer.status_code == 201, answer.content
    return answer.json()["order_status"]


class TestParts:
    def test_an_order_holds_no_stock_and_owes_its_lines(self, table, cart):
        assert paid(table, cart) == ("created", 0, DUE, False)
        assert shelf() == (10, 0)

    def test_add_up_until_it_is_paid_and_its_goods_are_taken(self, table, cart):
        assert word(table, 1000, "C1") == "partially_paid"
        assert paid(table, cart) == ("partially_paid", 1000, DUE - 1000, False)
        assert shelf() == (10, 0)
        assert word(table, DUE - 1000 - 1, "C2") == "partially_paid"
        assert word(table, 1, "C3") == "fully_paid"
        assert paid(table, cart) == ("fully_paid", DUE, 0, True)
        assert shelf() == (8, 0)
        assert [one["capture_id"] for one in table.order_of(cart)["payments"]] == ["C1", "C2", "C3"]

    def test_the_last_one_accepts_the_order_and_converts_the_cart(self, table, cart):
        word(table, DUE, "C1")
        order = Order.objects.get()
        cart.refresh_from_db()
        assert (order.status, order.number[:4], cart.status) == (OrderStatus.ACCEPTED, "ORD-", CartStatus.CONVERTED)
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1

    def test_nobody_is_written_to_whose_address_is_not_known(self, table, cart):
        word(table, DUE, "C1")
        deliver_events()
        assert mail.outbox == []

    def test_one_whose_address_is_known_is(self, cart):
        Cart.objects.update(email="ada@example.com")
        cart.refresh_from_db()
        table = Table()
        table.order(cart)
        word(table, DUE, "C1")
        deliver_events()
        assert [message.to for message in mail.outbox] == [["ada@example.com"]]

    def test_are_said_to_be_unverified(self, table):
        word(table, 1000, "C1")
        payment = Payment.objects.get()
        assert (payment.gateway, payment.is_reported, payment.status) == (
            "unverified",
            True,
            PaymentStatus.CAPTURED,
        )
        assert payment.entries.get().heard_from == "report"
        assert payment.ask_again_at is None

    def test_prices_are_those_of_the_moment_it_was_ordered(self, table, cart):
        from catalog.models import Price

        Price.objects.update(amount=9999)
        assert table.order_of(cart)["total_due"] == DUE
        assert word(table, DUE, "C1") == "fully_paid"


class TestTooMuch:
    def test_the_excess_of_one_payment_is_surplus(self, table, cart):
        assert word(table, DUE + 500, "C1") == "fully_paid"
        assert paid(table, cart) == ("fully_paid", DUE + 500, 0, True)
        assert Payment.objects.get().surplus_amount == 500

    def test_only_what_is_beyond_the_total_is(self, table, cart):
        word(table, DUE - 100, "C1")
        word(table, 600, "C2")
        assert list(Payment.objects.order_by("id").values_list("surplus_amount", flat=True)) == [0, 500]
        order = Order.objects.get()
        assert (order.captured_amount, order.surplus_amount, order.kept_amount) == (DUE + 500, 500, DUE)

    def test_nothing_is_while_the_order_still_needs_it(self, table, cart):
        for number in range(4):
            word(table, 100, f"C{number}")
        assert Order.objects.get().surplus_amount == 0
        assert not OutboxEvent.objects.filter(name="payment.surplus").exists()

    def test_a_payment_for_a_paid_order_is_all_surplus(self, table, cart):
        word(table, DUE, "C1")
        assert word(table, 700, "C2") == "fully_paid"
        assert Payment.objects.get(gateway_reference="C2").surplus_amount == 700
        assert shelf() == (8, 0)

    def test_unverified_money_is_listed_until_somebody_pays_it_back_by_hand(self, table, cart):
        word(table, DUE + 500, "C1")
        deliver_events()
        assert Refund.objects.get().status == RefundStatus.REFUSED
        assert list(money_without_order()) == [Payment.objects.get()]


class TestAPartThatWentBack:
    """The merchant paid it back at PayPal, or here, before the rest had come."""

    @pytest.fixture
    def went_back(self, table) -> Payment:
        word(table, 1000, "C1")
        payment = Payment.objects.get()
        said = GatewayResult(Outcome.CAPTURED, "C1", 1000, "USD", 1000, 300, paid_under=payment.instrument)
        return payments.apply_result(payment.pk, said, heard_from="webhook")

    def test_does_not_help_to_pay_the_order(self, went_back, table, cart):
        assert paid(table, cart) == ("partially_paid", 700, DUE - 700, False)
        assert word(table, DUE - 1000, "C2") == "partially_paid"
        assert word(table, 300, "C3") == "fully_paid"
        assert paid(table, cart) == ("fully_paid", DUE + 300, 0, True)

    def test_is_owed_again_and_asked_for_by_a_link(self, went_back):
        assert Order.objects.get().due_amount == DUE - 700

    def test_is_paid_back_no_second_time(self, went_back):
        deliver_events()
        assert (Refund.objects.count(), money_without_order().count()) == (0, 0)
        assert refunds.settle_refunds() == 0

    def test_the_rest_of_it_goes_back_when_the_order_is_replaced(self, went_back, table, cart):
        table.order(cart, "PAYPAL-2")
        deliver_events()
        assert [refund.amount for refund in Refund.objects.all()] == [700]

    def test_from_a_paid_order_is_no_debt_again(self, table, cart):
        word(table, DUE, "C1")
        payment = Payment.objects.get()
        said = GatewayResult(Outcome.CAPTURED, "C1", DUE, "USD", DUE, 300, paid_under=payment.instrument)
        payments.apply_result(payment.pk, said, heard_from="webhook")
        assert paid(table, cart) == ("fully_paid", DUE, 0, True)


class TestGoodsThatAreGone:
    @pytest.fixture
    def sold_out(self, table):
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=-9)

    def test_it_is_paid_all_the_same_but_not_fulfilled(self, table, cart, sold_out):
        assert word(table, DUE, "C1") == "fully_paid"
        assert paid(table, cart) == ("fully_paid", DUE, 0, False)
        assert shelf() == (1, 0)
        order = Order.objects.get(parts.GOODS_MISSING)
        assert (order.status, order.surplus_amount) == (OrderStatus.ACCEPTED, 0)

    def test_they_are_taken_when_they_have_come(self, table, cart, sold_out):
        word(table, DUE, "C1")
        order = Order.objects.get()
        assert parts.fulfil(order.pk) is False
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=5)
        assert [parts.fulfil(order.pk), parts.fulfil(order.pk)] == [True, True]
        assert shelf() == (4, 0)
        assert paid(table, cart) == ("fully_paid", DUE, 0, True)
        assert not Order.objects.filter(parts.GOODS_MISSING).exists()

    def test_of_several_kinds_none_is_taken_where_one_is_missing(self, db):
        from tests.factories import LARGE_BLUE_ID

        demo_shop(on_hand=10)
        stock.receive(variant_id=LARGE_BLUE_ID, pieces=-10)
        cart, table = cart_of({MEDIUM_BLUE_ID: 1, LARGE_BLUE_ID: 1}), Table()
        table.order(cart)
        assert word(table, DUE, "C1") == "fully_paid"
        assert (shelf(), shelf(LARGE_BLUE_ID)) == ((10, 0), (0, 0))

    def test_what_is_no_longer_paid_takes_none(self, table, cart):
        word(table, 100, "C1")
        assert parts.fulfil(Order.objects.get().pk) is True
        assert shelf() == (10, 0)


class TestTime:
    def test_an_unpaid_order_lives_as_long_as_a_cart(self, table, cart):
        left = Order.objects.get().expires_at - timezone.now()
        life = timedelta(seconds=settings.CART_EXPIRES_AFTER_SECONDS)
        assert life - timedelta(minutes=5) < left <= life

    def test_then_it_comes_to_nothing_and_the_cart_has_no_order(self, table, cart):
        let_order_run_out(Order.objects.get().pk)
        assert expiry.cancel_expired() == 1
        assert table.order_of(cart) is None

    def test_a_part_paid_one_never_does(self, table, cart):
        word(table, 100, "C1")
        order = Order.objects.get()
        let_order_run_out(order.pk)
        assert (expiry.cancel_expired(), expiry.cancel_unpaid(order.pk)) == (0, False)
        assert word(table, DUE - 100, "C2") == "fully_paid"

    def test_part_paid_ones_keep_no_other_waiting(self, table, cart):
        word(table, 100, "C1")
        let_order_run_out(Order.objects.get().pk)
        other = cart_of()
        table.order(other, "PAYPAL-2")
        let_order_run_out(Order.objects.latest("id").pk)
        assert expiry.cancel_expired(limit=1) == 1

    def test_money_for_one_that_ran_out_takes_it_up_again(self, table, cart):
        let_order_run_out(Order.objects.get().pk)
        expiry.cancel_expired()
        assert word(table, 1000, "C1") == "partially_paid"
        assert paid(table, cart) == ("partially_paid", 1000, DUE - 1000, False)
        assert Order.objects.get().status == OrderStatus.PENDING
        assert not money_without_order().exists()


class TestAPaymentOfOurOwn:
    """By a payment link: what is still owed, by card."""

    def test_pays_the_rest(self, table, cart):
        word(table, 1000, "C1")
        payment = payments.pay_order(Order.objects.get().pk, provider="stripe", instrument="tok_visa")
        assert (payment.amount, payment.status) == (DUE - 1000, PaymentStatus.CAPTURED)
        assert paid(table, cart) == ("fully_paid", DUE, 0, True)

    def test_that_is_declined_is_not_shown_and_the_rest_is_still_owed(self, table, cart):
        payments.pay_order(Order.objects.get().pk, provider="stripe", instrument="tok_chargeDeclined")
        assert table.order_of(cart)["payments"] == []
        assert word(table, DUE, "C1") == "fully_paid"

    def test_under_way_does_not_keep_a_capture_from_being_recorded(self, table, cart):
        order = Order.objects.get()
        waiting = payments.pay_order(order.pk, provider="stripe", instrument="tok_threeDSecureRequired")
        assert word(table, DUE, "C1") == "fully_paid"
        assert waiting.status == PaymentStatus.REQUIRES_ACTION
