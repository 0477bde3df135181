"""What becomes of an event: worked on once by asking, waiting for a payment that is not here yet, or none of ours."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import DomainError, ErrorCode
from orders.models import Order
from outbox.models import OutboxEvent
from payments import events, reconcile
from payments import services as payments
from payments.gateways.base import GatewayUnavailable
from payments.models import GatewayEvent, Payment, PaymentEntry
from payments.states import EventStatus
from payments.tasks import sweep_gateway_events
from tests.checkouts.shopping import deliver_events
from tests.payments.builders import TOTAL
from tests.payments.events_sent import hear_paypal, hear_stripe
from tests.payments.refund_shops import AtPayPal, AtStripe, paid_at
from tests.standins.faults import Fault

OTHERS_KEY = f"pay_{uuid.UUID(int=1).hex}_purchase"  # as ours are, but of no payment here


@pytest.fixture
def stripe(db, monkeypatch) -> Iterator[AtStripe]:
    with paid_at("stripe", monkeypatch) as at:
        assert isinstance(at, AtStripe)
        yield at


@pytest.fixture
def paypal(db, monkeypatch) -> Iterator[AtPayPal]:
    with paid_at("paypal", monkeypatch) as at:
        assert isinstance(at, AtPayPal)
        yield at


def event() -> GatewayEvent:
    return GatewayEvent.objects.get()


def heard(kind: str, carried: dict[str, Any]) -> GatewayEvent:
    """Stripe's event, worked on."""
    hear_stripe(kind, carried)
    deliver_events()
    return GatewayEvent.objects.latest("id")


def intent_of(at: AtStripe, payment: Payment) -> dict[str, Any]:
    return at.server.books.intent(payment.gateway_reference)


def browser_payment(order: Order) -> Payment:
    return payments.pay_order(order.pk, provider="stripe", instrument=payments.IN_BROWSER)


class TestAnEventOfOurs:
    def test_is_a_hint_and_the_gateway_is_believed(self, order, stripe):
        payment = browser_payment(order)
        lie = {**intent_of(stripe, payment), "status": "succeeded", "amount_received": TOTAL}
        done = heard("payment_intent.succeeded", lie)
        payment.refresh_from_db()
        assert (done.status, done.payment, payment.status) == ("done", payment, "requires_action")

    def test_settles_what_the_shopper_did_elsewhere(self, order, stripe):
        payment = browser_payment(order)
        for intent in stripe.server.books.intents.values():
            stripe.server.books.confirm(intent, "visa")
        done = heard("payment_intent.succeeded", intent_of(stripe, payment))
        order.refresh_from_db()
        assert (order.status, order.captured_amount) == ("accepted", TOTAL)
        assert done.outcome == "The gateway was asked: captured, $55.97 taken, $0.00 paid back."
        assert done.done_at is not None
        assert PaymentEntry.objects.filter(heard_from="webhook").count() == 1

    def test_is_found_by_its_key_where_the_answer_with_the_reference_was_lost(self, order, stripe):
        stripe.server.fail(Fault.BREAK_AFTER, path="/v1/payment_intents", method="POST", times=3)
        payment = stripe.pay(order)
        assert (payment.status, payment.gateway_reference) == ("processing", "")
        (intent,) = stripe.server.books.intents.values()
        assert heard("payment_intent.succeeded", intent).status == "done"
        payment.refresh_from_db()
        assert (payment.status, payment.gateway_reference) == ("captured", intent["id"])
        assert len(stripe.server.books.intents) == 1

    def test_is_found_although_it_is_older_than_stripe_can_be_searched(self, order, stripe):
        stripe.server.fail(Fault.BREAK_AFTER, path="/v1/payment_intents", method="POST", times=3)
        payment = stripe.pay(order)
        (intent,) = stripe.server.books.intents.values()
        intent["created"] -= 3 * 24 * 3600
        heard("charge.succeeded", stripe.server.books.charge_of(intent))
        payment.refresh_from_db()
        assert payment.status == "captured"

    @pytest.mark.parametrize("kind", ["checkout.session.completed", "payment_intent.succeeded"])
    def test_of_stripes_hosted_page_is_found_by_session_and_by_intent(self, order, stripe, kind):
        payment = payments.pay_order(order.pk, provider="stripe", instrument=payments.HOSTED)
        session = stripe.server.books.pay_session(payment.gateway_reference)
        carried = session if kind.startswith("checkout") else stripe.server.books.intent(session["payment_intent"])
        assert heard(kind, carried).payment == payment
        payment.refresh_from_db()
        assert (payment.status, payment.gateway_reference) == ("captured", session["id"])

    def test_about_a_refund_in_stripes_pages_of_a_hosted_payment_is_traced(self, order, stripe):
        """The event names an intent; the payment is known by its session."""
        payment = payments.pay_order(order.pk, provider="stripe", instrument=payments.HOSTED)
        session = stripe.server.books.pay_session(payment.gateway_reference)
        refund = stripe.server.books.refund({"payment_intent": session["payment_intent"], "amount": "100"})
        assert heard("refund.created", refund).payment == payment
        payment.refresh_from_db()
        assert (payment.status, payment.refunded_amount) == ("captured", 100)

    def test_after_a_decline_money_that_came_is_never_ignored(self, order, stripe):
        declined = payments.pay_order(order.pk, provider="stripe", instrument="tok_chargeDeclined")
        stripe.server.books.confirm(intent_of(stripe, declined), "visa")
        heard("payment_intent.succeeded", intent_of(stripe, declined))
        declined.refresh_from_db()
        assert declined.status == "captured"

    def test_about_a_dispute_is_looked_up_and_the_merchant_told_where_to_answer(self, order, stripe):
        payment = stripe.pay(order)
        dispute = {"id": "dp_1", "object": "dispute", "payment_intent": payment.gateway_reference, "metadata": {}}
        done = heard("charge.dispute.created", dispute)
        assert (done.status, done.payment) == ("done", payment)
        assert "A dispute is answered in the gateway's own pages." in done.outcome

    def test_told_a_hundred_times_is_one_change(self, order, stripe):
        payment = browser_payment(order)
        stripe.server.books.confirm(intent_of(stripe, payment), "visa")
        for _ in range(100):
            hear_stripe("payment_intent.succeeded", intent_of(stripe, payment), event_id="evt_1")
        deliver_events()
        assert GatewayEvent.objects.count() == 1
        assert PaymentEntry.objects.filter(heard_from="webhook").count() == 1
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1


class TestPayPals:
    def test_approval_is_taken_while_the_shopper_never_comes_back(self, order, paypal):
        waiting = payments.pay_order(order.pk, provider="paypal", instrument="")
        paypal.server.approve(waiting.gateway_reference)
        resource = {"id": waiting.gateway_reference, "status": "APPROVED"}
        hear_paypal(paypal.server, "CHECKOUT.ORDER.APPROVED", "checkout-order", resource)
        deliver_events()
        order.refresh_from_db()
        assert (order.status, order.captured_amount, event().status) == ("accepted", TOTAL, "done")

    def test_capture_is_found_by_its_order_or_by_the_key_it_bears(self, order, paypal):
        payment = paypal.pay(order)
        (capture,) = paypal.server.orders[payment.gateway_reference].captures
        by_order = {"id": capture.id, "supplementary_data": {"related_ids": {"order_id": payment.gateway_reference}}}
        by_key = {"id": capture.id, "custom_id": payment.idempotency_key}
        for resource in (by_order, by_key):
            hear_paypal(paypal.server, "PAYMENT.CAPTURE.COMPLETED", "capture", resource)
        deliver_events()
        assert set(GatewayEvent.objects.values_list("status", "payment")) == {("done", payment.pk)}

    def test_refund_that_names_its_capture_alone_is_traced(self, order, paypal):
        payment = paypal.pay(order)
        paypal.tell(paypal.by_hand(payment, 500))
        assert (event().payment, event().status) == (payment, "done")

    def test_dispute_is_traced_by_the_capture_it_is_about(self, order, paypal):
        payment = paypal.pay(order)
        (capture,) = paypal.server.orders[payment.gateway_reference].captures
        resource = {"dispute_id": "PP-D-1", "disputed_transactions": [{"seller_transaction_id": capture.id}]}
        hear_paypal(paypal.server, "CUSTOMER.DISPUTE.CREATED", "dispute", resource)
        deliver_events()
        assert (event().payment, "dispute" in event().outcome) == (payment, True)

    def test_order_whose_answer_was_lost_is_found_by_the_key_it_bears(self, order, paypal):
        paypal.server.fail(Fault.BREAK_AFTER, method="POST", path="/v2/checkout/orders", times=3)
        payment = payments.pay_order(order.pk, provider="paypal", instrument="")
        (at_paypal,) = paypal.server.orders.values()
        paypal.server.approve(at_paypal.id)
        resource = {"id": at_paypal.id, "purchase_units": [at_paypal.unit]}
        hear_paypal(paypal.server, "CHECKOUT.ORDER.APPROVED", "checkout-order", resource)
        deliver_events()
        payment.refresh_from_db()
        assert (payment.status, payment.gateway_reference) == ("captured", at_paypal.id)
        assert paypal.server.captured() == 1


class TestNoneOfOurs:
    FOREIGN = (
        ("payment_intent.succeeded", {"id": "pi_9", "object": "payment_intent", "metadata": {"order_id": "6"}}),
        ("charge.refunded", {"id": "ch_9", "object": "charge", "payment_intent": "pi_9"}),
        ("charge.succeeded", {"id": "ch_9", "object": "charge", "payment_intent": None}),
        ("checkout.session.completed", {"id": "cs_9", "object": "checkout.session", "payment_intent": "pi_9"}),
        ("payment_intent.created", {"id": "pi_9", "object": "payment_intent", "metadata": {"payment_key": "x"}}),
        ("refund.created", {"id": "re_9", "object": "refund", "payment_intent": "pi_gone"}),
    )

    @pytest.mark.parametrize(("kind", "carried"), FOREIGN)
    def test_another_systems_payment_is_taken_and_left_alone(self, stripe, kind, carried):
        ignored = heard(kind, carried)
        assert (ignored.status, ignored.outcome) == ("ignored", "Not about a payment of this shop.")
        assert ignored.payment is None

    def test_another_systems_refund_is_traced_and_left_alone(self, stripe):
        intent = stripe.server.books.add_intent({"amount": "100", "currency": "usd"})
        stripe.server.books.confirm(intent, "visa")
        refund = stripe.server.books.refund({"payment_intent": intent["id"]})
        assert heard("refund.created", refund).status == "ignored"

    @pytest.mark.parametrize("kind", ["customer.created", "invoice.paid", "account.updated", "payout.failed"])
    def test_a_kind_without_a_payment_is_ignored_and_nobody_asked(self, stripe, kind):
        ignored = heard(kind, {"id": "x_1", "object": "x", "payment_intent": "pi_1"})
        assert (ignored.status, ignored.outcome) == ("ignored", "Of a kind that changes no payment.")
        assert stripe.server.log == []

    @pytest.mark.parametrize(
        ("kind", "resource_type", "resource"),
        [
            ("PAYMENT.CAPTURE.COMPLETED", "capture", {"id": "C9", "custom_id": "theirs"}),
            ("PAYMENT.CAPTURE.REFUNDED", "refund", {"id": "R9", "links": [{"rel": "up", "href": "x/captures/C9"}]}),
            ("CHECKOUT.ORDER.APPROVED", "checkout-order", {"id": "O9"}),
            ("BILLING.PLAN.CREATED", "plan", {"id": "P9"}),
        ],
    )
    def test_nor_is_paypals(self, paypal, kind, resource_type, resource):
        hear_paypal(paypal.server, kind, resource_type, resource)
        deliver_events()
        assert event().status == "ignored"


class TestOneThatComesTooEarly:
    @pytest.fixture
    def early(self, stripe) -> GatewayEvent:
        """Of a payment that bears a key like ours and is not here."""
        params = {"amount": str(TOTAL), "currency": "usd", "metadata[payment_key]": OTHERS_KEY}
        intent = stripe.server.books.add_intent(params)
        stripe.server.books.confirm(intent, "visa")
        return heard("payment_intent.succeeded", intent)

    def appears(self, order: Order) -> Payment:
        payment = payments.open_payment(order, provider="stripe", instrument="tok_visa")
        Payment.objects.filter(pk=payment.pk).update(idempotency_key=OTHERS_KEY)
        return payment

    def test_waits(self, early):
        assert (early.status, early.done_at, early.payment_key) == ("waiting", None, OTHERS_KEY)
        assert "waits" in early.outcome
        assert events.sweep() == 0

    def test_is_worked_on_when_its_payment_appears(self, order, early):
        payment = self.appears(order)
        assert events.sweep() == 1
        early.refresh_from_db()
        payment.refresh_from_db()
        assert (early.status, early.payment, payment.status) == ("done", payment, "captured")
        assert events.sweep() == 0

    def test_is_found_by_the_reference_too(self, order, early):
        payment = payments.open_payment(order, provider="stripe", instrument="tok_visa")
        Payment.objects.filter(pk=payment.pk).update(gateway_reference=early.reference)
        assert events.sweep() == 1
        early.refresh_from_db()
        assert early.payment == payment

    def test_is_given_up_after_three_days(self, early):
        GatewayEvent.objects.update(received_at=timezone.now() - timedelta(days=3, seconds=1))
        events.sweep()
        early.refresh_from_db()
        assert (early.status, early.outcome) == ("ignored", "Its payment did not appear here.")


class TestAGatewayThatDoesNotAnswer:
    @pytest.fixture
    def paid(self, order, stripe) -> Payment:
        return stripe.pay(order)

    def test_leaves_the_event_to_be_taken_up_again(self, stripe, paid):
        stripe.server.fail(Fault.BREAK_BEFORE, method="GET", times=3)
        hear_stripe("charge.refunded", stripe.server.books.charge_of(intent_of(stripe, paid)))
        deliver_events()
        assert event().status == "received"
        OutboxEvent.objects.filter(name="gateway_event.received").update(available_at=timezone.now())
        deliver_events()
        assert event().status == "done"

    def test_and_the_sweep_takes_up_what_nobody_worked_on(self, stripe, paid):
        hear_stripe("charge.refunded", stripe.server.books.charge_of(intent_of(stripe, paid)))
        OutboxEvent.objects.all().delete()
        assert events.sweep() == 0  # its worker may be at it
        GatewayEvent.objects.update(received_at=timezone.now() - events.TAKE_UP_AFTER)
        sweep_gateway_events()
        assert event().status == "done"

    def test_keeps_the_other_gateways_events_not_waiting(self, stripe, paid, monkeypatch):
        for number in range(3):
            hear_stripe("charge.refunded", stripe.server.books.charge_of(intent_of(stripe, paid)))
            GatewayEvent.objects.create(
                gateway="paypal",
                event_id=f"WH-{number}",
                type="X",
                raw={"id": "W", "event_type": "X", "create_time": "2026-11-21T10:00:00Z", "resource": {}},
                created_at=timezone.now(),
            )
        asked = []

        def silent(payment_id: int, **_: object) -> None:
            asked.append(payment_id)
            raise GatewayUnavailable("no route")

        monkeypatch.setattr(reconcile, "refresh", silent)
        GatewayEvent.objects.update(received_at=timezone.now() - events.TAKE_UP_AFTER)
        assert events.sweep() == 3
        assert len(asked) == 1
        assert GatewayEvent.objects.filter(gateway="paypal", status="ignored").count() == 3

    def test_and_one_events_trouble_keeps_no_other_waiting(self, stripe, paid, monkeypatch):
        for _ in range(2):
            hear_stripe("charge.refunded", stripe.server.books.charge_of(intent_of(stripe, paid)))
        GatewayEvent.objects.update(received_at=timezone.now() - events.TAKE_UP_AFTER)
        real, calls = reconcile.refresh, []

        def troubled(payment_id: int, **more: Any) -> Payment:
            calls.append(payment_id)
            if len(calls) == 1:
                raise DomainError(ErrorCode.BUSY)
            return real(payment_id, **more)

        monkeypatch.setattr(reconcile, "refresh", troubled)
        events.sweep()
        assert sorted(GatewayEvent.objects.values_list("status", flat=True)) == ["done", "received"]


class TestReplaying:
    @pytest.mark.parametrize("status", list(EventStatus))
    def test_has_it_worked_on_again_whatever_became_of_it(self, order, stripe, status):
        payment = stripe.pay(order)
        hear_stripe("charge.refunded", stripe.server.books.charge_of(intent_of(stripe, payment)))
        deliver_events()
        GatewayEvent.objects.update(status=status)
        assert events.replay([event().pk]) == 1
        assert event().status == "received"
        stripe.by_hand(payment, 500)
        deliver_events()
        payment.refresh_from_db()
        assert (event().status, payment.refunded_amount) == ("done", 500)

    def test_of_nothing_is_nothing(self, db):
        assert events.replay([1]) == 0


def test_the_sweep_asks_the_database_the_same_for_one_and_for_many_that_wait(db):
    def wait(number: int) -> None:
        GatewayEvent.objects.create(
            gateway="stripe", event_id=str(number), type="x", status="waiting", raw={}, created_at=timezone.now()
        )

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            events.sweep()
        return len(asked)

    wait(1)
    one = queries()
    for number in range(2, 12):
        wait(number)
    assert queries() == one
