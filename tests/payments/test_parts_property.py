"""Whatever is ordered, reported, repeated, replaced and let run out: the sums hold and no money leaves the books."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.models import Order
from orders.states import OrderStatus
from payments import expiry
from payments.api.cart2table_shapes import remaining_balance, status_word
from payments.models import Payment
from tests.checkouts.shopping import let_order_run_out, shelf
from tests.factories import PLENTY, demo_shop
from tests.payments.table import DUE, Table, cart_of

NAMES = st.sampled_from(["P1", "P2"])
PAY = st.tuples(
    st.just("pay"), NAMES, st.sampled_from(["C1", "C2", "C3", "C4"]), st.sampled_from([1, 1000, DUE - 1, DUE, 3 * DUE])
)
STEPS = st.lists(st.one_of(PAY, PAY, st.tuples(st.just("order"), NAMES), st.tuples(st.just("wait"))), max_size=7)


@given(due=st.integers(1, 10**6), paid=st.integers(0, 2 * 10**6))
def test_status_and_balance_follow_from_what_was_paid(due, paid):
    left, word = remaining_balance(due, paid), status_word(due, paid)
    assert left >= 0
    assert left == 0 or paid + left == due
    assert (word == "fully_paid") == (left == 0) == (paid >= due)
    assert (word == "created") == (paid == 0)


class AnySequence(TestCase):
    def setUp(self) -> None:
        demo_shop()

    @given(steps=STEPS)
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def test_of_steps_keeps_the_books(self, steps):
        cart, table = cart_of(), Table()
        table.order(cart, "P1")
        reported: dict[str, int] = {}
        for step, *given_ in steps:
            getattr(self, f"_{step}")(table, cart, reported, *given_)
            self._check(table, cart, reported)

    def _order(self, table, cart, reported, name) -> None:
        assert table.order(cart, name).status_code == 201

    def _wait(self, table, cart, reported) -> None:
        """Everything unpaid runs out."""
        for pk in Order.objects.filter(status=OrderStatus.PENDING).values_list("pk", flat=True):
            let_order_run_out(pk)
        expiry.cancel_expired()

    def _pay(self, table, cart, reported, name, capture, amount) -> None:
        is_known = Order.objects.filter(reference=name).exists()
        status = table.pay(amount, capture, name).status_code
        if capture in reported or not is_known:
            assert status in {404, 422}
        else:
            assert status in {201, 404}  # 404: written down for an order that is gone
            reported[capture] = amount

    def _check(self, table, cart, reported) -> None:
        assert dict(Payment.objects.values_list("gateway_reference", "captured_amount")) == reported
        live = Order.objects.filter(status=OrderStatus.PENDING)
        assert live.count() <= 1
        sold = 0
        for order in Order.objects.all():
            kept = sum(payment.captured_amount - payment.surplus_amount for payment in order.payments.all())
            assert kept == order.kept_amount
            assert kept == {"canceled": 0, "accepted": DUE}.get(order.status, kept)
            assert 0 <= kept <= DUE
            sold += 2 * (order.status == OrderStatus.ACCEPTED)
        assert shelf() == (PLENTY - sold, 0)
        self._check_shown(table.order_of(cart))

    def _check_shown(self, order) -> None:
        if order is None:
            assert not Order.objects.exclude(status=OrderStatus.CANCELED).exists()
            return
        paid = sum(payment["amount_captured"] for payment in order["payments"])
        assert order["total_paid"] == paid
        assert order["remaining_balance"] == max(DUE - paid, 0)
        assert order["status"] == status_word(DUE, paid)
        assert (order["fulfilled_at"] is not None) == (order["status"] == "fully_paid")
