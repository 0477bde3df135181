"""Answers late, doubled and in any order: one final state, and money is never lost."""

from itertools import permutations

import pytest

from common.errors import ErrorCode
from common.money import written
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import expiry
from payments import services as payments
from payments.gateways.base import Outcome
from payments.models import Payment, PaymentEntry
from payments.states import PAYMENT, PaymentStatus
from tests.checkouts.shopping import let_order_run_out, refused
from tests.payments.builders import (
    AUTHORIZED,
    CAPTURED,
    DECLINED,
    PROCESSING,
    REFUNDED_IN_PART,
    REQUIRES_ACTION,
    TOTAL,
    VOIDED,
    make_payment,
    said,
)

EVENTS = {
    "requires_action": REQUIRES_ACTION,
    "processing": PROCESSING,
    "captured": CAPTURED,
    "declined": DECLINED,
    "refunded in part": REFUNDED_IN_PART,
}


def tell(payment: Payment, *results, heard_from: str = "webhook") -> Payment:
    for result in results:
        payment = payments.apply_result(payment.pk, result, heard_from=heard_from)
    return payment


@pytest.mark.parametrize("names", list(permutations(EVENTS)), ids=" > ".join)
def test_five_answers_in_any_order_end_in_one_state(order, names):
    payment = tell(make_payment(order), *(EVENTS[name] for name in names))
    order.refresh_from_db()
    assert (payment.status, payment.captured_amount, payment.refunded_amount) == (PaymentStatus.CAPTURED, TOTAL, 1000)
    assert (order.status, order.captured_amount, order.refunded_amount) == (OrderStatus.ACCEPTED, TOTAL, 1000)
    assert OutboxEvent.objects.filter(name="order.accepted").count() == 1
    assert payment.ask_again_at is None


@pytest.mark.parametrize("names", list(permutations(["requires_action", "processing", "declined"])), ids=" > ".join)
def test_without_money_a_no_is_final_in_any_order(order, names):
    payment = tell(make_payment(order), *(EVENTS[name] for name in names))
    order.refresh_from_db()
    assert (payment.status, order.status, order.captured_amount) == (PaymentStatus.DECLINED, OrderStatus.PENDING, 0)


@pytest.mark.parametrize("results", list(permutations([AUTHORIZED, CAPTURED, PROCESSING])))
def test_held_then_taken_is_taken_in_any_order(order, results):
    assert tell(make_payment(order), *results).status == PaymentStatus.CAPTURED


@pytest.mark.parametrize("result", list(EVENTS.values()), ids=EVENTS)
def test_the_same_answer_ten_times_is_one_change_and_ten_entries(order, result):
    payment = make_payment(order)
    once = tell(payment, result)
    ten = tell(payment, *[result] * 9)
    changes = ("status", "captured_amount", "refunded_amount", "action_url")
    assert [getattr(once, name) for name in changes] == [getattr(ten, name) for name in changes]
    assert PaymentEntry.objects.count() == 10
    assert OutboxEvent.objects.filter(name="payment.settled").count() == 1


def test_money_that_comes_after_a_void_is_noted(order):
    payment = tell(make_payment(order), REQUIRES_ACTION, VOIDED, CAPTURED)
    assert (payment.status, payment.captured_amount) == (PaymentStatus.CAPTURED, TOTAL)


WRONG = {
    "less": said(Outcome.CAPTURED, amount=TOTAL - 1, captured=TOTAL - 1),
    "more": said(Outcome.CAPTURED, amount=TOTAL + 1, captured=TOTAL + 1),
    "more taken than asked": said(Outcome.CAPTURED, captured=TOTAL + 1),
    "another currency": said(Outcome.CAPTURED, currency="JPY", captured=TOTAL),
    "held in another currency": said(Outcome.AUTHORIZED, currency="JPY"),
}


class TestAnAnswerThatDoesNotMatchWhatWasAsked:
    @pytest.mark.parametrize("before", [[], [PROCESSING], [REQUIRES_ACTION], [DECLINED], [REQUIRES_ACTION, VOIDED]])
    @pytest.mark.parametrize("wrong", list(WRONG.values()), ids=WRONG)
    def test_goes_to_review_and_buys_nothing(self, order, before, wrong):
        payment = tell(make_payment(order), *before, wrong)
        order.refresh_from_db()
        assert (payment.status, order.status, order.number) == (PaymentStatus.REVIEW, OrderStatus.PENDING, None)
        assert written(wrong.amount, wrong.currency) in payment.message
        assert PaymentEntry.objects.last().note == payment.message

    @pytest.mark.parametrize("name", ["less", "more", "more taken than asked"])
    def test_its_money_is_counted(self, order, name):
        tell(make_payment(order), WRONG[name])
        order.refresh_from_db()
        assert order.captured_amount == WRONG[name].captured_amount

    def test_money_of_another_currency_is_never_added_up(self, order):
        tell(make_payment(order), WRONG["another currency"])
        order.refresh_from_db()
        assert order.captured_amount == 0

    def test_after_the_right_answer_a_person_looks_and_the_order_stands(self, order):
        payment = tell(make_payment(order), CAPTURED, WRONG["more"])
        order.refresh_from_db()
        assert (payment.status, order.status) == (PaymentStatus.REVIEW, OrderStatus.ACCEPTED)

    def test_no_further_try_is_begun_and_the_order_is_not_canceled(self, order):
        tell(make_payment(order), WRONG["less"])
        with refused(ErrorCode.PAYMENT_IN_PROGRESS):
            payments.pay_order(order.pk, provider="stripe", instrument="tok_visa")
        let_order_run_out(order.pk)
        assert expiry.cancel_expired() == 0


FORCES = {
    PaymentStatus.CREATED: [],
    PaymentStatus.PROCESSING: [PROCESSING],
    PaymentStatus.REQUIRES_ACTION: [REQUIRES_ACTION],
    PaymentStatus.AUTHORIZED: [AUTHORIZED],
    PaymentStatus.CAPTURED: [CAPTURED],
    PaymentStatus.DECLINED: [DECLINED],
    PaymentStatus.VOIDED: [REQUIRES_ACTION, VOIDED],
    PaymentStatus.REVIEW: [WRONG["less"]],
}
SAYINGS = {
    PaymentStatus.PROCESSING: PROCESSING,
    PaymentStatus.REQUIRES_ACTION: REQUIRES_ACTION,
    PaymentStatus.AUTHORIZED: AUTHORIZED,
    PaymentStatus.CAPTURED: CAPTURED,
    PaymentStatus.DECLINED: DECLINED,
    PaymentStatus.VOIDED: VOIDED,
    PaymentStatus.REVIEW: WRONG["less"],
}


@pytest.mark.parametrize("said_target", list(SAYINGS), ids=lambda target: f"to {target}")
@pytest.mark.parametrize("current", list(FORCES), ids=lambda current: f"from {current}")
def test_a_payment_moves_exactly_as_its_table_says(order, current, said_target):
    payment = tell(make_payment(order), *FORCES[current])
    assert payment.status == current
    moved = tell(payment, SAYINGS[said_target])
    # What is in review is a person's to decide: no answer of a gateway takes it out of their hands.
    allowed = PAYMENT.allows(current, said_target) and current != PaymentStatus.REVIEW
    assert moved.status == (said_target if allowed else current)


def test_every_status_is_reached_by_the_table():
    reached = {target for _, target in PAYMENT.moves} | {PaymentStatus.CREATED}
    assert reached == set(PaymentStatus)


def test_a_third_part_of_the_refunds_said_before_the_first_is_the_larger_sum(order):
    payment = make_payment(order)
    parts = [said(Outcome.CAPTURED, captured=TOTAL, refunded=refunded) for refunded in (3000, 1000, 2000)]
    assert tell(payment, *parts).refunded_amount == 3000
