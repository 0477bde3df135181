"""Refunds that a gateway tells of: made in its own pages, echoes of ours, pending ones that come to nothing. Each is
one row here, whoever tells of it first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from common.errors import ErrorCode
from orders.models import Order
from payments import reconcile, refunds
from payments import services as payments
from payments.gateways import registry
from payments.gateways.base import GatewayRefund, Outcome, RefundState
from payments.models import GatewayEvent, Payment, PaymentEntry, Refund
from payments.states import RefundStatus
from tests.checkouts.shopping import deliver_events, refused
from tests.payments.builders import CAPTURED, TOTAL, make_payment
from tests.payments.refund_shops import AtPayPal, Where, paid_at

NAMES = ["test", "stripe", "paypal"]


@pytest.fixture(params=NAMES)
def at(request, monkeypatch) -> Iterator[Where]:
    with paid_at(request.param, monkeypatch) as where:
        yield where


@pytest.fixture
def payment(order, at) -> Payment:
    paid = at.pay(order)
    deliver_events()
    return paid


def ask(payment: Payment, amount: int = 5000, key: str = "request-1") -> Refund:
    (row,) = refunds.refund_order(payment.order_id, amount=amount, reason="Too small", request_key=key)
    return row


def look_again(payment: Payment) -> Payment:
    return reconcile.refresh(payment.pk, heard_from="look-up")


def its_time_has_come() -> None:
    Refund.objects.update(ask_again_at=timezone.now() - timedelta(seconds=1))


def rows() -> list[tuple[str, int]]:
    """(status, amount) of each, oldest first."""
    return list(Refund.objects.order_by("id").values_list("status", "amount"))


def paid_back(payment: Payment) -> tuple[int, int]:
    """As the payment and as its order have it."""
    payment.refresh_from_db()
    order = Order.objects.get(pk=payment.order_id)
    return payment.refunded_amount, order.refunded_amount


class TestMadeInTheGatewaysOwnPages:
    def test_appears_here_by_its_event(self, payment, at):
        at.tell(at.by_hand(payment, 1000))
        row = Refund.objects.get()
        assert (row.status, row.amount, row.created_by) == (RefundStatus.DONE, 1000, "gateway")
        assert row.reason.startswith("Made at ")
        assert [row.gateway_reference] == at.refunds()
        assert paid_back(payment) == (1000, 1000)

    def test_appears_here_by_a_look_up_where_no_event_came(self, payment, at):
        at.by_hand(payment, 1000)
        look_again(payment)
        assert (rows(), paid_back(payment)) == ([("done", 1000)], (1000, 1000))

    def test_told_by_both_again_and_again_is_one_row(self, payment, at):
        reference = at.by_hand(payment, 1000)
        for _ in range(3):
            at.tell(reference)
            look_again(payment)
        assert (rows(), paid_back(payment)) == ([("done", 1000)], (1000, 1000))

    def test_two_are_two(self, payment, at):
        for amount in (1000, 2000):
            at.tell(at.by_hand(payment, amount))
        assert (rows(), paid_back(payment)) == ([("done", 1000), ("done", 2000)], (3000, 3000))

    def test_leaves_less_to_pay_back_here(self, payment, at):
        at.tell(at.by_hand(payment, TOTAL - 100))
        with refused(ErrorCode.REFUND_TOO_LARGE) as refusal:
            ask(payment, 101)
        assert refusal.value.values["refundable"] == 100

    def test_not_heard_of_yet_is_refused_by_the_gateway_and_no_more_is_paid_than_came(self, payment, at):
        at.by_hand(payment, TOTAL - 100)
        assert ask(payment, 101).status == RefundStatus.REFUSED
        assert at.paid_back() == TOTAL - 100

    def test_pays_back_what_was_not_the_orders_and_it_is_not_paid_twice(self, payment, at):
        Payment.objects.update(surplus_amount=TOTAL)
        at.tell(at.by_hand(payment, TOTAL))
        assert refunds.give_back(payment.pk) is None
        assert at.paid_back() == TOTAL

    def test_is_never_asked_for_by_us_while_it_pends(self, payment, at):
        at.pend()
        at.tell(at.by_hand(payment, 1000))
        assert (rows(), paid_back(payment)) == ([("asked", 1000)], (0, 0))
        at.break_off(after_the_work=False)  # whoever asked for it would be seen to fail
        at.settle(at.refunds()[0], RefundState.DONE)
        its_time_has_come()
        assert refunds.settle_refunds() == 1
        assert (rows(), paid_back(payment)) == ([("done", 1000)], (1000, 1000))


class TestTheEchoOfOurOwn:
    def test_after_our_answer_is_the_same_row(self, payment, at):
        ask(payment)
        at.tell(at.refunds()[0])
        look_again(payment)
        assert (rows(), paid_back(payment)) == ([("done", 5000)], (5000, 5000))

    def test_before_our_answer_is_the_same_row(self, payment, at):
        """The answer is lost; the event finds the refund by its key."""
        at.break_off(after_the_work=True)
        assert ask(payment).status == RefundStatus.ASKED
        at.tell(at.refunds()[0])
        look_again(payment)  # the gateway `test` tells nobody of a refund that was asked for
        assert (rows(), paid_back(payment)) == ([("done", 5000)], (5000, 5000))
        at.mend()
        assert ask(payment).status == RefundStatus.DONE
        assert (rows(), at.paid_back()) == ([("done", 5000)], 5000)

    def test_beside_one_made_by_hand_of_the_same_amount_is_told_from_it(self, payment, at):
        at.by_hand(payment, 1000)
        own = ask(payment, 1000)
        assert (own.status, own.gateway_reference) == (RefundStatus.DONE, at.refunds()[1])
        assert rows() == [("done", 1000), ("done", 1000)]
        assert set(Refund.objects.values_list("created_by", flat=True)) == {"", "gateway"}
        assert paid_back(payment) == (2000, 2000)

    def test_one_by_hand_is_not_taken_for_ours_that_never_arrived(self, payment, at):
        at.break_off(after_the_work=False)
        own = ask(payment, 1000)
        at.by_hand(payment, 1000)
        look_again(payment)
        own.refresh_from_db()
        assert own.status == RefundStatus.ASKED
        assert paid_back(payment) == (1000, 1000)


@pytest.mark.parametrize("before", [RefundState.PENDING, RefundState.DONE])
class TestAFailureAfterwards:
    @pytest.fixture
    def failing(self, payment, at, before) -> Refund:
        at.pend()
        row = ask(payment)
        if before == RefundState.DONE:
            at.settle(at.refunds()[0], RefundState.DONE)
            its_time_has_come()
            refunds.settle_refunds()
        row.refresh_from_db()
        return row

    def test_makes_the_money_ours_again(self, payment, at, before, failing):
        assert failing.status == (RefundStatus.ASKED if before == RefundState.PENDING else RefundStatus.DONE)
        at.settle(at.refunds()[0], RefundState.FAILED)
        at.tell(at.refunds()[0])
        failing.refresh_from_db()
        assert (failing.status, failing.ask_again_at) == (RefundStatus.REFUSED, None)
        assert failing.message
        assert (paid_back(payment), at.paid_back()) == ((0, 0), 0)

    def test_frees_the_amount_for_another_try(self, payment, at, before, failing):
        at.settle(at.refunds()[0], RefundState.FAILED)
        at.tell(at.refunds()[0])
        again = ask(payment, TOTAL, key="again")
        assert again.status == RefundStatus.ASKED  # it pends, too
        at.settle(at.refunds()[1], RefundState.DONE)
        at.tell(at.refunds()[1])
        assert (paid_back(payment), at.paid_back()) == ((TOTAL, TOTAL), TOTAL)

    def test_is_found_without_events_while_it_pends(self, payment, at, before, failing):
        at.settle(at.refunds()[0], RefundState.FAILED)
        its_time_has_come()
        if before == RefundState.PENDING:
            refunds.settle_refunds()
        else:  # nobody asks about a settled one by itself: a comparison or an event does
            look_again(payment)
        assert (rows(), paid_back(payment)) == ([("refused", 5000)], (0, 0))


def test_one_that_pends_is_asked_about_for_ever_and_never_asked_for_again(payment, at):
    at.pend()
    row = ask(payment)
    Refund.objects.update(created_at=timezone.now() - timedelta(days=3))
    at.break_off(after_the_work=True)
    for _ in range(3):
        its_time_has_come()
        assert refunds.settle_refunds() == 1
        assert ask(payment).pk == row.pk
    row.refresh_from_db()
    assert row.status == RefundStatus.ASKED
    assert row.ask_again_at > timezone.now()
    with refused(ErrorCode.REFUND_TOO_LARGE):
        ask(payment, TOTAL - 4999, key="another")


def test_paypal_may_not_name_the_key_and_its_answer_still_tells_which_is_ours(order, monkeypatch):
    """The echo is taken for a stranger's until our own answer comes."""
    with paid_at("paypal", monkeypatch) as at:
        assert isinstance(at, AtPayPal)
        payment = at.pay(order)
        at.server.names_custom_ids = False
        at.break_off(after_the_work=True)
        ask(payment)
        look_again(payment)
        assert sorted(rows()) == [("asked", 5000), ("done", 5000)]
        at.mend()
        at.server.names_custom_ids = True  # what a repeat finds its own by
        ask(payment)
        assert (rows(), paid_back(payment), at.paid_back()) == ([("done", 5000)], (5000, 5000), 5000)


# --- what is listed late --------------------------------------------------------------------------
def told(*listed: GatewayRefund):
    done = sum(one.amount for one in listed if one.state == RefundState.DONE)
    return replace(CAPTURED, refunds=listed, refunded_amount=done)


def one(state: RefundState, reference: str = "re_1", amount: int = 1000) -> GatewayRefund:
    return GatewayRefund(reference, amount, state, message="Sent back." if state == RefundState.FAILED else "")


STAGES = {
    "pending": told(one(RefundState.PENDING)),
    "done": told(one(RefundState.DONE)),
    "failed": told(one(RefundState.FAILED)),
    "failed, another done": told(one(RefundState.FAILED), one(RefundState.DONE, "re_2", 300)),
}


@pytest.mark.parametrize("names", list(permutations(STAGES)), ids=" > ".join)
def test_lists_read_in_any_order_end_in_one_state(order, names):
    payment = make_payment(order)
    for result in (*(STAGES[name] for name in names), CAPTURED):  # at last what was said before there was any
        payment = payments.apply_result(payment.pk, result, heard_from="webhook")
    assert sorted(rows()) == [("done", 300), ("refused", 1000)]
    assert paid_back(payment) == (300, 300)
    assert Refund.objects.get(status="refused").message == "Sent back."


def test_more_back_than_came_is_for_a_person_and_is_not_booked(order):
    payment = payments.apply_result(
        make_payment(order).pk, told(one(RefundState.DONE, amount=TOTAL + 1)), heard_from="webhook"
    )
    assert payment.status == "review"
    assert paid_back(payment) == (TOTAL, TOTAL)


def test_a_refund_that_was_refused_to_us_and_yet_made_counts(payment, at):
    at.refuse()
    row = ask(payment)
    at.mend()
    registry.gateway(payment.gateway).refund(payment.gateway_reference, amount=5000, key=row.idempotency_key)
    look_again(payment)
    assert (rows(), paid_back(payment)) == ([("done", 5000)], (5000, 5000))


def test_each_telling_leaves_a_line_in_the_trail(payment, at):
    before = PaymentEntry.objects.count()
    at.tell(at.by_hand(payment, 1000))
    entry = PaymentEntry.objects.last()
    assert PaymentEntry.objects.count() == before + 1
    assert (entry.heard_from, entry.outcome, entry.refunded_amount) == ("webhook", Outcome.CAPTURED, 1000)
    assert set(GatewayEvent.objects.values_list("payment", flat=True)) <= {payment.pk}
