"""The sweeps: one order's or payment's trouble keeps nobody else waiting, and nothing in time is touched."""

import pytest

from checkouts.completion import PaymentChoice, complete
from orders.models import Order
from orders.states import OrderStatus
from payments import expiry, reconcile
from payments import services as payments
from payments.gateways import registry
from payments.gateways.base import GatewayUnavailable
from payments.gateways.test import TestGateway
from payments.models import Payment
from payments.states import PaymentStatus
from tests.checkouts.shopping import let_order_run_out, pay, ready_session, shelf
from tests.factories import demo_shop


@pytest.fixture(autouse=True)
def shop(db):
    demo_shop(on_hand=10)


def waiting() -> Order:
    return complete(ready_session(pieces=1), choice=PaymentChoice("paypal", "")).order


def test_an_order_that_cannot_be_canceled_keeps_no_other_waiting(monkeypatch):
    bad, good = waiting(), waiting()
    let_order_run_out(bad.pk)
    let_order_run_out(good.pk)
    reference = bad.payments.get().gateway_reference
    void = TestGateway.void

    def breaks(self, wanted, *, key):
        if wanted == reference:
            raise ValueError("a gateway nobody foresaw")
        return void(self, wanted, key=key)

    monkeypatch.setattr(TestGateway, "void", breaks)
    assert expiry.cancel_expired() == 1
    good.refresh_from_db()
    assert (good.status, shelf()) == (OrderStatus.CANCELED, (10, 1))


class TestOrdersThatCannotBeCanceled:
    """With a sweep of two at a time: two that fail must not be all it ever looks at."""

    @pytest.fixture
    def stuck(self, monkeypatch) -> list[Order]:
        """Two whose payments the gateway can neither void nor say anything of; older than the others."""
        orders = [waiting(), waiting()]
        for order in orders:
            let_order_run_out(order.pk)
        references = {order.payments.get().gateway_reference for order in orders}
        void = TestGateway.void

        def silent(self, wanted, *, key):
            if wanted in references:
                raise GatewayUnavailable("Nobody answers.")
            return void(self, wanted, key=key)

        monkeypatch.setattr(TestGateway, "void", silent)
        monkeypatch.setattr(TestGateway, "look_up", lambda self, **_: (_ for _ in ()).throw(GatewayUnavailable()))
        return orders

    def test_let_the_next_sweep_come_to_the_others(self, stuck):
        good = waiting()
        let_order_run_out(good.pk)
        assert [expiry.cancel_expired(limit=2), expiry.cancel_expired(limit=2)] == [0, 1]
        good.refresh_from_db()
        assert good.status == OrderStatus.CANCELED

    def test_keep_their_own_time_and_are_tried_again(self, stuck, monkeypatch):
        expires_at = [order.expires_at for order in Order.objects.order_by("id")]
        expiry.cancel_expired()
        assert [order.expires_at for order in Order.objects.order_by("id")] == expires_at
        monkeypatch.undo()
        assert expiry.cancel_expired() == 0  # not at once
        Order.objects.update(sweep_again_at="2020-01-01T00:00Z")
        assert expiry.cancel_expired() == 2


def test_a_payment_of_an_order_that_has_time_left_is_not_voided():
    order = waiting()
    assert expiry.cancel_unpaid(order.pk) is False
    assert order.payments.get().status == PaymentStatus.REQUIRES_ACTION


def test_a_long_word_of_the_gateway_breaks_nothing(monkeypatch):
    from payments.gateways.base import GatewayResult, Outcome

    order = waiting()
    long = GatewayResult(outcome=Outcome.DECLINED, decline_code="x" * 500, message="y" * 5000)
    declined = payments.apply_result(order.payments.get().pk, long, heard_from="webhook")
    declined.refresh_from_db()
    assert (declined.status, len(declined.decline_code), len(declined.message)) == ("declined", 60, 300)


def test_a_payment_in_doubt_that_cannot_be_looked_up_goes_behind_the_others(monkeypatch):
    payment = pay(ready_session(pieces=1), "tok_late").payment
    Payment.objects.filter(pk=payment.pk).update(ask_again_at="2020-01-01T00:00Z")

    def breaks(self, **_):
        raise ValueError("a gateway nobody foresaw")

    monkeypatch.setattr(TestGateway, "look_up", breaks)
    assert reconcile.settle_doubtful() == 1
    assert reconcile.settle_doubtful() == 0


def test_a_gateway_that_is_silent_is_soon_left_alone_and_the_others_are_asked(monkeypatch):
    class Silent(TestGateway):
        def look_up(self, **_):
            raise GatewayUnavailable("Nobody answers.")

    monkeypatch.setitem(registry._GATEWAYS, "silent", Silent())
    for _ in range(reconcile.SILENCES + 2):
        silent = pay(ready_session(pieces=1), "tok_late").payment
        Payment.objects.filter(pk=silent.pk).update(gateway="silent")
    last = pay(ready_session(pieces=1), "tok_late").payment
    Payment.objects.update(ask_again_at="2020-01-01T00:00Z")
    assert reconcile.settle_doubtful() == reconcile.SILENCES + 1
    last.refresh_from_db()
    assert last.status == PaymentStatus.CAPTURED
    assert reconcile.settle_doubtful() == 2  # those whose turn did not come
