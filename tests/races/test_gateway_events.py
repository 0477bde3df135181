"""One event, sent many times at the same moment; many events about one payment at the same moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from outbox.models import OutboxEvent
from payments import events, reconcile
from payments.models import GatewayEvent, PaymentEntry, Refund
from tests.checkouts.shopping import deliver_events
from tests.payments.builders import TOTAL, make_order
from tests.payments.events_sent import hear_paypal, hear_stripe
from tests.payments.refund_shops import AtPayPal, AtStripe, Where, paid_at
from tests.races.crowd import together

pytestmark = pytest.mark.usefixtures("ten_shirts")
MANY = 10


@pytest.fixture(params=["stripe", "paypal"])
def at(request, monkeypatch) -> Iterator[Where]:
    with paid_at(request.param, monkeypatch) as where:
        yield where


def hear(at: Where, event_id: str, refund: str) -> int:
    if isinstance(at, AtStripe):
        return hear_stripe("refund.created", at.server.books.refunds[refund], event_id=event_id).status_code
    assert isinstance(at, AtPayPal)
    resource = next(one for one in at.server.refunds() if one["id"] == refund)
    return hear_paypal(at.server, "PAYMENT.CAPTURE.REFUNDED", "refund", resource, event_id=event_id).status_code


def test_ten_times_at_once_is_stored_once_and_each_is_answered_200(at):
    payment = at.pay(make_order())
    refund = at.by_hand(payment, 1000)
    assert together(MANY, lambda _: hear(at, "evt_1", refund)) == [200] * MANY
    assert GatewayEvent.objects.count() == 1
    assert OutboxEvent.objects.filter(name="gateway_event.received").count() == 1


def test_ten_workers_at_one_event_make_one_change(at):
    payment = at.pay(make_order())
    hear(at, "evt_1", at.by_hand(payment, 1000))
    event = GatewayEvent.objects.get()
    together(MANY, lambda _: events.work(event.pk))
    event.refresh_from_db()
    payment.refresh_from_db()
    assert (event.status, payment.refunded_amount, Refund.objects.count()) == ("done", 1000, 1)


def test_events_look_ups_and_our_own_refund_at_once_are_one_row_for_each(at):
    order = make_order()
    payment = at.pay(order)
    by_hand = at.by_hand(payment, 1000)

    def one(number: int) -> object:
        if number == 0:
            from payments import refunds

            return refunds.refund_order(order.pk, amount=500, reason="x", request_key="one")
        if number % 2:
            return hear(at, f"evt_{number}", by_hand)
        return reconcile.refresh(payment.pk, heard_from="look-up").status

    together(MANY, one)
    deliver_events()
    payment.refresh_from_db()
    order.refresh_from_db()
    assert sorted(Refund.objects.values_list("amount", "status")) == [(500, "done"), (1000, "done")]
    assert payment.refunded_amount == order.refunded_amount == at.paid_back() == 1500
    assert order.captured_amount == TOTAL
    assert PaymentEntry.objects.filter(heard_from="webhook").count() == 5
