"""Reported captures that PayPal is asked about, at its stand-in: only what PayPal has, as it was reported, counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from carts.models import Cart
from orders.models import Order
from orders.states import OrderStatus
from payments import events, expiry, reconcile, refunds
from payments.models import Payment, Refund
from payments.queries import money_without_order
from payments.states import PaymentStatus, RefundStatus
from tests.checkouts.api.conftest import Guest
from tests.checkouts.shopping import deliver_events, its_time_has_come, let_order_run_out, shelf
from tests.factories import demo_shop
from tests.payments.table import CAPTURE, DUE, PAYPAL_ORDER, Table, captured_at, cart_of, message
from tests.standins.faults import Fault

CAPTURES = "/v2/payments/captures"
OF_THE_DUE = "49.98"


@pytest.fixture
def cart(db, paypal) -> Cart:  # noqa: ARG001 - the settings lead to the stand-in
    demo_shop(on_hand=10)
    return cart_of()


@pytest.fixture
def table(cart) -> Table:
    table = Table()
    table.order(cart)
    return table


def word(answer) -> str:
    assert answer.status_code == 201, answer.content
    return answer.json()["order_status"]


def ask_again() -> None:
    its_time_has_come(Payment.objects.get())
    reconcile.settle_doubtful()


class TestWhatPayPalHas:
    def test_counts(self, table, cart, paypal):
        captured_at(paypal, OF_THE_DUE)
        assert word(table.pay(DUE)) == "fully_paid"
        payment = Payment.objects.get()
        assert (payment.gateway, payment.status, payment.captured_amount) == (
            "paypal_capture",
            PaymentStatus.CAPTURED,
            DUE,
        )
        assert shelf() == (8, 0)

    def test_is_asked_for_outside_any_transaction(self, table, paypal, monkeypatch):
        captured_at(paypal, OF_THE_DUE)
        held = []
        ask = paypal.answer

        def note(asked):
            held.append([block for block in connection.atomic_blocks if not block._from_testcase])
            return ask(asked)

        monkeypatch.setattr(paypal, "answer", note)
        table.pay(DUE, key="once")
        assert held
        assert not any(held)

    def test_in_several_captures_of_one_paypal_order_adds_up(self, table, cart, paypal):
        captured_at(paypal, "10.00", "CAP-1")
        captured_at(paypal, "39.98", "CAP-2")
        assert word(table.pay(1000, "CAP-1")) == "partially_paid"
        assert word(table.pay(DUE - 1000, "CAP-2")) == "fully_paid"


REFUSED = {
    "it does not know": {},
    "of another amount": {"value": "49.97"},
    "of another currency": {"currency": "EUR"},
    "of another paypal order": {"reference": "PAYPAL-999"},
    "that was declined": {"status": "DECLINED"},
    "that failed": {"status": "FAILED"},
    "that was paid back": {"status": "REFUNDED"},
    "that was paid back in part": {"status": "PARTIALLY_REFUNDED"},
}


class TestWhatPayPalHasNotLikeThat:
    @pytest.mark.parametrize("different", list(REFUSED.values()), ids=list(REFUSED))
    def test_is_refused_and_not_recorded(self, table, cart, paypal, different):
        if different:
            captured_at(paypal, **{"value": OF_THE_DUE} | different)
        if "REFUNDED" in different.get("status", ""):
            paypal.refund_by_hand(PAYPAL_ORDER, "10.00")
        assert message(table.pay(DUE), 422) == ["Capture could not be verified"]
        assert not Payment.objects.exists()
        assert table.order_of(cart)["status"] == "created"

    def test_may_be_reported_again_once_it_is(self, table, paypal):
        assert message(table.pay(DUE, key="once"), 422) == ["Capture could not be verified"]
        captured_at(paypal, OF_THE_DUE)
        assert word(table.pay(DUE, key="once")) == "fully_paid"

    def test_in_other_letters_is_another_capture(self, table, paypal):
        captured_at(paypal, OF_THE_DUE, CAPTURE)
        assert message(table.pay(DUE, CAPTURE.lower()), 422) == ["Capture could not be verified"]

    @pytest.mark.parametrize("capture", ["../orders/PAYPAL-123", "..", "CAP-123?x=1", "CAP-123#", "%2e%2e", "a b/é"])
    def test_an_id_made_to_lead_elsewhere_leads_nowhere(self, table, paypal, capture):
        captured_at(paypal, OF_THE_DUE)
        assert message(table.pay(DUE, capture), 422) == ["Capture could not be verified"]

    def test_the_problems_of_the_body_come_first_and_ask_nobody(self, table, paypal):
        captured_at(paypal, OF_THE_DUE)
        table.pay(DUE)
        paypal.log.clear()
        message(table.pay(0), 422)
        message(table.pay(DUE), 422)
        assert paypal.log == []


class TestInDoubt:
    @pytest.fixture(params=["pending at PayPal", "PayPal unreachable"])
    def recorded(self, request, table, cart, paypal) -> Payment:
        is_pending = request.param == "pending at PayPal"
        captured_at(paypal, OF_THE_DUE, status="PENDING")
        if not is_pending:
            paypal.fail(Fault.BREAK_BEFORE, path=CAPTURES, times=3)
        assert word(table.pay(DUE)) == "created"
        return Payment.objects.get()

    def test_is_recorded_and_shown_but_does_not_count(self, recorded, table, cart):
        order = table.order_of(cart)
        assert (order["status"], order["total_paid"], order["remaining_balance"]) == ("created", 0, DUE)
        assert [one["capture_id"] for one in order["payments"]] == [CAPTURE]
        assert (recorded.status, recorded.ask_again_at is not None) == (PaymentStatus.PROCESSING, True)

    def test_is_taken_all_the_same(self, recorded, table):
        assert message(table.pay(DUE), 422) == ["Capture has already been taken"]

    def test_counts_when_the_reconciler_has_seen_it(self, recorded, table, cart, paypal):
        paypal.settle_pending(PAYPAL_ORDER, "COMPLETED")
        ask_again()
        assert table.order_of(cart)["status"] == "fully_paid"
        assert shelf() == (8, 0)

    def test_goes_on_waiting_as_long_as_paypal_does(self, recorded, table, cart):
        ask_again()
        assert table.order_of(cart)["status"] == "created"
        assert Payment.objects.get().times_asked == 2

    def test_comes_to_nothing_where_paypal_declines_it(self, recorded, table, cart, paypal):
        paypal.settle_pending(PAYPAL_ORDER, "DECLINED")
        ask_again()
        assert (Payment.objects.get().status, table.order_of(cart)["payments"]) == (PaymentStatus.DECLINED, [])

    def test_keeps_its_order_from_running_out(self, recorded):
        let_order_run_out(recorded.order_id)
        assert expiry.cancel_expired() == 0

    def test_counts_when_a_webhook_says_so(self, recorded, table, cart, paypal):
        paypal.settle_pending(PAYPAL_ORDER, "COMPLETED")
        hear(paypal)
        assert table.order_of(cart)["status"] == "fully_paid"

    def test_of_a_replaced_order_goes_back_when_it_counts(self, recorded, table, cart, paypal):
        table.order(cart, "PAYPAL-2")
        paypal.settle_pending(PAYPAL_ORDER, "COMPLETED")
        ask_again()
        deliver_events()
        assert paypal.moved(PAYPAL_ORDER) == 0
        assert not money_without_order().exists()


def hear(paypal) -> None:
    """PayPal tells of the capture, as its webhooks do; our worker is called."""
    event = {
        "id": "WH-1",
        "event_type": "PAYMENT.CAPTURE.COMPLETED",
        "create_time": "2026-01-01T00:00:00Z",
        "resource_type": "capture",
        "resource": {
            "id": CAPTURE,
            "status": "COMPLETED",
            "supplementary_data": {"related_ids": {"order_id": PAYPAL_ORDER}},
        },
    }
    now = timezone.now()
    events.receive(gateway="paypal", event_id="WH-1", kind=event["event_type"], created_at=now, raw=event)
    deliver_events()


class TestFoundOutLater:
    """PayPal could not be reached when it was reported; what it says afterwards is not what was reported."""

    @pytest.fixture
    def recorded(self, table, paypal) -> Payment:
        paypal.fail(Fault.ERROR_500, path=CAPTURES, times=3)
        assert word(table.pay(DUE)) == "created"
        return Payment.objects.get()

    def test_that_paypal_never_heard_of_it(self, recorded, table, cart):
        ask_again()
        recorded.refresh_from_db()
        assert (recorded.status, recorded.message) == (
            PaymentStatus.DECLINED,
            "PayPal does not know this capture.",
        )
        assert message(table.pay(DUE), 422) == ["Capture has already been taken"]

    DIFFERENT = {
        name: REFUSED[name] for name in ("of another amount", "of another currency", "of another paypal order")
    }

    @pytest.mark.parametrize("different", list(DIFFERENT.values()), ids=list(DIFFERENT))
    def test_that_it_is_another_one_is_for_a_person(self, recorded, table, cart, paypal, different):
        captured_at(paypal, **{"value": OF_THE_DUE} | different)
        ask_again()
        recorded.refresh_from_db()
        assert recorded.status == PaymentStatus.REVIEW
        assert PAYPAL_ORDER in recorded.message
        assert (table.order_of(cart)["status"], table.order_of(cart)["total_paid"]) == ("created", 0)
        assert Order.objects.get().status == OrderStatus.PENDING

    def test_that_it_went_back_meanwhile_is_for_a_person(self, recorded, table, cart, paypal):
        captured_at(paypal, OF_THE_DUE)
        paypal.refund_by_hand(PAYPAL_ORDER, OF_THE_DUE)
        ask_again()
        recorded.refresh_from_db()
        assert (recorded.status, table.order_of(cart)["status"]) == (PaymentStatus.REVIEW, "created")

    def test_money_under_review_does_not_help_to_pay_the_order(self, recorded, table, cart, paypal):
        captured_at(paypal, OF_THE_DUE, reference="PAYPAL-999")
        ask_again()
        captured_at(paypal, "1.00", "CAP-2")
        assert word(table.pay(100, "CAP-2")) == "partially_paid"
        assert (Order.objects.get().status, shelf()) == (OrderStatus.PENDING, (10, 0))


class TestMoneyThatGoesBack:
    def test_what_is_too_much_goes_back_by_itself(self, table, cart, paypal):
        captured_at(paypal, "60.00")
        assert word(table.pay(6000)) == "fully_paid"
        deliver_events()
        assert (str(paypal.moved(PAYPAL_ORDER)), money_without_order().count()) == (OF_THE_DUE, 0)
        assert Refund.objects.get().status == RefundStatus.DONE

    def test_what_came_for_a_replaced_order_goes_back_capture_by_capture(self, table, cart, paypal):
        for capture in ("CAP-1", "CAP-2"):
            captured_at(paypal, "10.00", capture)
            table.pay(1000, capture)
        table.order(cart, "PAYPAL-2")
        deliver_events()
        assert [capture.left for capture in paypal.orders[PAYPAL_ORDER].captures] == [0, 0]
        assert not money_without_order().exists()

    def test_what_comes_late_for_a_replaced_order_goes_back_too(self, table, cart, paypal):
        table.order(cart, "PAYPAL-2")
        captured_at(paypal, "10.00")
        assert message(table.pay(1000), 404) == "Order not found"
        deliver_events()
        assert paypal.moved(PAYPAL_ORDER) == 0

    def test_what_paypal_does_not_know_is_not_written_down_for_a_replaced_order(self, table, cart):
        table.order(cart, "PAYPAL-2")
        assert message(table.pay(1000), 404) == "Order not found"
        assert not Payment.objects.exists()

    def test_staff_pays_back_over_several_captures(self, table, cart, paypal):
        for capture, value in (("CAP-1", "20.00"), ("CAP-2", "29.98")):
            captured_at(paypal, value, capture)
            table.pay(int(value.replace(".", "")), capture)
        order = Order.objects.get()
        done = refunds.refund_order(order.pk, amount=4000, reason="Spoilt", request_key="r")
        assert sorted((row.payment.gateway_reference, row.amount, row.status) for row in done) == [
            ("CAP-1", 1002, RefundStatus.DONE),
            ("CAP-2", 2998, RefundStatus.DONE),
        ]
        assert str(paypal.moved(PAYPAL_ORDER)) == "9.98"
        assert table.order_of(cart)["status"] == "fully_paid"

    @pytest.mark.parametrize("fault", [Fault.BREAK_BEFORE, Fault.BREAK_AFTER, Fault.ERROR_500])
    def test_a_lost_answer_pays_nothing_back_twice(self, table, paypal, fault):
        captured_at(paypal, "60.00")
        table.pay(6000)
        paypal.fail(fault, method="POST", path=CAPTURES, times=3)
        deliver_events()
        paypal.mend()
        Refund.objects.update(ask_again_at=timezone.now() - timedelta(seconds=1))
        refunds.settle_refunds()
        assert (str(paypal.moved(PAYPAL_ORDER)), Refund.objects.get().status) == (OF_THE_DUE, RefundStatus.DONE)

    def test_a_refund_made_in_paypals_own_pages_is_found_on_asking(self, table, paypal):
        captured_at(paypal, OF_THE_DUE)
        table.pay(DUE)
        paypal.refund_by_hand(PAYPAL_ORDER, "10.00")
        payment = reconcile.refresh(Payment.objects.get().pk, heard_from="webhook")
        assert (payment.refunded_amount, payment.order.refunded_amount) == (1000, 1000)


class TestNamesThatMeanSomething:
    """With PayPal's keys a PayPal order pays one order of ours."""

    def test_another_carts_order_cannot_go_by_the_same(self, table, cart):
        taken = ["Paypal order has already been taken"]
        other = cart_of()
        assert message(table.order(other), 422) == taken
        table.order(cart, "PAYPAL-2")
        assert table.order(other).status_code == 201

    def test_nor_by_that_of_a_payment_of_our_own(self, table, paypal):
        Guest().ready().complete({"payment_provider": "paypal", "payment_data": {}})
        own = Payment.objects.get()
        paypal.approve(own.gateway_reference)
        reconcile.look_up(own.pk)
        assert message(table.order(cart_of(), own.gateway_reference), 422) == ["Paypal order has already been taken"]


def test_a_capture_reported_before_the_keys_were_set_stays_taken(cart, paypal, settings):
    settings.PAYPAL_CLIENT_ID = ""
    table = Table()
    table.order(cart)
    assert word(table.pay(100)) == "partially_paid"
    settings.PAYPAL_CLIENT_ID = "client-of-the-tests"
    captured_at(paypal, "1.00")
    assert message(table.pay(100), 422) == ["Capture has already been taken"]
