"""A cart's order is replaced by another: what came for it stays in the books for ever, and goes back or bought."""

from __future__ import annotations

import pytest

from carts import services as carts
from carts.models import Cart, CartLine
from orders import parts
from orders.models import Order
from orders.states import OrderStatus
from payments import expiry, links
from payments import services as payments
from payments.gateways.base import GatewayResult, Outcome
from payments.models import Payment
from payments.queries import money_without_order
from payments.states import PaymentStatus
from tests.checkouts.shopping import let_order_run_out, shelf
from tests.factories import LARGE_BLUE_ID, demo_shop
from tests.payments.linked import press
from tests.payments.table import DUE, Table, cart_of, message

FIRST, SECOND = "PAYPAL-1", "PAYPAL-2"


@pytest.fixture
def cart(db) -> Cart:
    demo_shop(on_hand=10)
    return cart_of()


@pytest.fixture
def table(cart) -> Table:
    table = Table()
    table.order(cart, FIRST)
    return table


def standing() -> list[tuple[str, str]]:
    return list(Order.objects.order_by("id").values_list("reference", "status"))


def shown(table: Table, cart: Cart) -> tuple[str, str, int, int]:
    order = table.order_of(cart)
    return order["paypal_order_id"], order["status"], order["total_paid"], len(order["payments"])


class TestTheSameAgain:
    def test_keeps_the_order(self, table, cart):
        before = table.order_of(cart)
        assert message(table.order(cart, FIRST), 201) == "Order created successfully"
        assert table.order_of(cart) == before
        assert Order.objects.count() == 1

    def test_keeps_what_was_paid(self, table, cart):
        table.pay(100, "C1", FIRST)
        table.order(cart, FIRST)
        assert shown(table, cart) == (FIRST, "partially_paid", 100, 1)

    def test_keeps_a_paid_order_too(self, table, cart):
        table.pay(DUE, "C1", FIRST)
        table.order(cart, FIRST)
        assert shown(table, cart) == (FIRST, "fully_paid", DUE, 1)
        assert Order.objects.count() == 1

    @pytest.mark.parametrize("change", ["more pieces", "another thing", "one thing less"])
    def test_of_a_changed_cart_is_another_order(self, table, cart, change):
        if change == "more pieces":
            CartLine.objects.update(quantity=3)
        else:
            CartLine.objects.create(cart=cart, variant_id=LARGE_BLUE_ID, quantity=1)
        if change == "one thing less":
            CartLine.objects.exclude(variant_id=LARGE_BLUE_ID).delete()
        table.order(cart, FIRST)
        assert standing() == [(FIRST, OrderStatus.CANCELED), (FIRST, OrderStatus.PENDING)]
        assert table.order_of(cart)["total_due"] != DUE

    def test_of_one_that_ran_out_is_another_order(self, table, cart):
        let_order_run_out(Order.objects.get().pk)
        expiry.cancel_expired()
        table.order(cart, FIRST)
        assert standing() == [(FIRST, OrderStatus.CANCELED), (FIRST, OrderStatus.PENDING)]
        assert table.pay(DUE, "C1", FIRST).json()["order_status"] == "fully_paid"


class TestAnUnpaidOrder:
    def test_is_canceled_and_the_cart_has_the_new_one(self, table, cart):
        assert message(table.order(cart, SECOND), 201) == "Order created successfully"
        assert standing() == [(FIRST, OrderStatus.CANCELED), (SECOND, OrderStatus.PENDING)]
        assert shown(table, cart) == (SECOND, "created", 0, 0)
        assert parts.is_replaced(Order.objects.get(reference=FIRST))

    def test_is_not_found_any_more(self, table, cart):
        table.order(cart, SECOND)
        assert message(table.pay(0, "C1", FIRST), 404) == "Order not found"


class TestAPartPaidOrder:
    @pytest.fixture
    def replaced(self, table, cart) -> Order:
        table.pay(1000, "C1", FIRST)
        table.pay(500, "C2", FIRST)
        table.order(cart, SECOND)
        return Order.objects.get(reference=FIRST)

    def test_keeps_its_payments_as_money_without_order(self, replaced, table, cart):
        assert shown(table, cart) == (SECOND, "created", 0, 0)
        assert (replaced.status, replaced.captured_amount, replaced.surplus_amount) == ("canceled", 1500, 1500)
        assert {payment.gateway_reference for payment in money_without_order()} == {"C1", "C2"}

    def test_its_capture_ids_stay_taken(self, replaced, table):
        assert message(table.pay(1000, "C1", SECOND), 422) == ["Capture has already been taken"]

    def test_what_comes_for_it_later_is_written_down_and_its_caller_told_the_truth(self, replaced, table, cart):
        for _ in range(2):
            assert message(table.pay(DUE, "C3", FIRST), 404) == "Order not found"
        late = Payment.objects.get(gateway_reference="C3")
        assert (late.order_id, late.captured_amount, late.surplus_amount) == (replaced.pk, DUE, DUE)
        assert late in money_without_order()
        assert shown(table, cart) == (SECOND, "created", 0, 0)

    def test_the_same_word_again_brings_it_not_back(self, replaced):
        for payment in replaced.payments.all():
            said = GatewayResult(Outcome.CAPTURED, "", payment.amount, "USD", payment.amount, paid_under=FIRST)
            payments.apply_result(payment.pk, said, heard_from="webhook")
        replaced.refresh_from_db()
        assert (replaced.status, replaced.surplus_amount) == (OrderStatus.CANCELED, 1500)

    def test_nor_when_its_successor_ran_out(self, replaced, table, cart):
        let_order_run_out(Order.objects.get(reference=SECOND).pk)
        expiry.cancel_expired()
        table.pay(DUE, "C3", FIRST)
        assert (table.order_of(cart), shelf()) == (None, (10, 0))


class TestAPaidOrder:
    """What was bought stays bought: nobody who knows a cart's code can undo a sale, and no money is moved."""

    @pytest.fixture
    def bought(self, table, cart) -> Order:
        table.pay(DUE, "C1", FIRST)
        table.order(cart, SECOND)
        return Order.objects.get(reference=FIRST)

    def test_stands_with_its_goods_and_its_money(self, bought, table, cart):
        assert (bought.status, bought.surplus_amount, shelf()) == (OrderStatus.ACCEPTED, 0, (8, 0))
        assert not money_without_order().exists()

    def test_the_cart_shows_the_new_one_which_is_another_purchase(self, bought, table, cart):
        assert shown(table, cart) == (SECOND, "created", 0, 0)
        assert table.pay(DUE, "C2", SECOND).json()["order_status"] == "fully_paid"
        assert shelf() == (6, 0)

    def test_more_money_for_the_old_one_is_surplus(self, bought, table):
        assert table.pay(300, "C2", FIRST).json()["order_status"] == "fully_paid"
        assert [payment.surplus_amount for payment in money_without_order()] == [300]


class TestNamesUsedTwice:
    """Without PayPal's keys a PayPal order's id means nothing: the newest order of that name takes the payment."""

    def test_by_two_carts(self, table, cart):
        other = cart_of()
        assert table.order(other, FIRST).status_code == 201
        table.pay(100, "C1", FIRST)
        assert (shown(table, other), shown(table, cart)) == (
            (FIRST, "partially_paid", 100, 1),
            (FIRST, "created", 0, 0),
        )

    def test_one_that_counts_goes_before_a_newer_one_that_does_not(self, table, cart):
        other = cart_of()
        table.order(other, FIRST)
        table.order(other, SECOND)
        table.pay(100, "C1", FIRST)
        assert shown(table, cart) == (FIRST, "partially_paid", 100, 1)


class TestBesideAPaymentLink:
    """A link may have made an order of the cart already: a cart is bought once."""

    @pytest.fixture
    def linked(self, cart) -> Order:
        from payments import link_payments

        link, _ = links.for_cart(cart.pk)
        return link_payments.pay(link, provider="stripe").order

    def test_that_nobody_pays_comes_to_nothing(self, linked, cart):
        payment = linked.payments.get()
        payments.apply_result(payment.pk, GatewayResult(Outcome.VOIDED), heard_from="webhook")
        assert shelf() == (10, 2)
        assert Table().order(cart, FIRST).status_code == 201
        linked.refresh_from_db()
        assert (linked.status, shelf()) == (OrderStatus.CANCELED, (10, 0))

    def test_that_somebody_may_be_paying_is_a_409(self, linked, cart):
        expected = "A payment for this cart is in progress. Its outcome is not known yet."
        assert message(Table().order(cart, FIRST), 409) == expected
        assert Order.objects.count() == 1


def test_money_of_a_replaced_order_that_was_in_doubt_goes_back_when_it_is_known(table, cart):
    order = Order.objects.get()
    payment = Payment.objects.create(
        order=order,
        provider="paypal",
        gateway="paypal_capture",
        gateway_reference="C9",
        idempotency_key="report_9",
        instrument=FIRST,
        is_reported=True,
        currency="USD",
        amount=DUE,
    )
    payments.apply_result(payment.pk, payments.UNANSWERED, heard_from="report")
    table.order(cart, SECOND)
    said = GatewayResult(Outcome.CAPTURED, "C9", DUE, "USD", DUE, paid_under=FIRST)
    settled = payments.apply_result(payment.pk, said, heard_from="look-up")
    assert (settled.status, settled.surplus_amount) == (PaymentStatus.CAPTURED, DUE)
    assert settled.order.status == OrderStatus.CANCELED


def test_ordering_is_activity_and_a_given_up_cart_can_still_be_ordered(table, cart):
    before = table.read(cart)["updated_at"]
    Cart.objects.update(updated_at="2020-01-01T00:00Z")
    table.order(cart, SECOND)
    assert table.read(cart)["updated_at"] >= before
    carts.give_up(cart.pk)
    assert table.order(cart, "PAYPAL-3").status_code == 201


class TestWhileTheRestIsBeingPaidByALink:
    @pytest.fixture
    def payment(self, cart, table) -> Payment:
        table.pay(100, "C1", FIRST)
        link, _ = links.for_cart(cart.pk)
        return press(link)

    def test_it_is_not_replaced(self, table, cart, payment):
        assert table.order(cart, SECOND).status_code == 409
        assert standing() == [(FIRST, "pending")]

    def test_it_is_as_soon_as_nobody_pays_any_more(self, table, cart, payment):
        expiry.give_up(payment)
        assert table.order(cart, SECOND).status_code == 201
        assert standing() == [(FIRST, "canceled"), (SECOND, "pending")]
