"""Paying back: in full, in part, over several payments; never more than came, never twice, whatever breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from common.errors import ErrorCode
from orders.models import Order
from orders.states import OrderStatus
from payments import refunds
from payments import services as payments
from payments.gateways.base import GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, PaymentEntry, Refund, TestCharge
from payments.states import RefundStatus
from tests.checkouts.shopping import refused
from tests.payments.builders import TOTAL


@pytest.fixture
def paid(order) -> Order:
    return payments.pay_order(order.pk, provider="stripe", instrument="tok_visa").order


def refund(order: Order, amount: int | None = None, *, key: str = "request-1") -> list[Refund]:
    return refunds.refund_order(order.pk, amount=amount, reason="Too small", request_key=key, created_by="merchant")


def sums(order: Order) -> tuple[int, int]:
    order.refresh_from_db()
    return order.captured_amount, order.refunded_amount


def two_payments(order: Order) -> list[Payment]:
    """5,000 of the total in one payment, the rest in a newer one."""
    first = payments.pay_order(order.pk, provider="stripe", instrument="tok_visa")
    rest = TOTAL - 5000
    Payment.objects.update(amount=5000, captured_amount=5000)
    TestCharge.objects.update(amount=5000, captured_amount=5000)
    order.refresh_from_db()
    order.captured_amount = 5000
    second = payments.open_payment(order, provider="stripe", instrument="tok_visa")
    assert second.amount == rest
    return [first, payments.apply_result(second.pk, payments.charge(second), heard_from="answer")]


def test_in_full_without_saying_how_much(paid):
    (row,) = refund(paid)
    assert (row.status, row.amount, row.reason, row.created_by) == (RefundStatus.DONE, TOTAL, "Too small", "merchant")
    assert sums(paid) == (TOTAL, TOTAL)
    assert TestCharge.objects.get().refunded_amount == TOTAL
    assert paid.status == OrderStatus.ACCEPTED


def test_in_parts_until_nothing_is_left(paid):
    for number, amount in enumerate((1000, 2000, TOTAL - 3000)):
        assert refund(paid, amount, key=str(number))[0].status == RefundStatus.DONE
    assert sums(paid) == (TOTAL, TOTAL)
    with refused(ErrorCode.REFUND_TOO_LARGE) as refusal:
        refund(paid, 1, key="one more")
    assert refusal.value.values == {"refundable": 0, "currency": "USD"}


def test_what_was_paid_back_is_no_debt_again(paid):
    refund(paid, 1000)
    paid.refresh_from_db()
    assert (paid.due_amount, paid.is_paid) == (0, True)


def test_more_than_was_paid_is_refused_and_asks_nobody(paid):
    with refused(ErrorCode.REFUND_TOO_LARGE):
        refund(paid, TOTAL + 1)
    assert not Refund.objects.exists()
    assert sums(paid) == (TOTAL, 0)


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_are_refused(paid, amount):
    with refused(ErrorCode.INVALID_VALUE):
        refund(paid, amount)


def test_of_an_unpaid_order_there_is_nothing_to_pay_back(order):
    with refused(ErrorCode.REFUND_TOO_LARGE):
        refund(order)


def test_of_an_order_that_is_not_there(db):
    with refused(ErrorCode.ORDER_NOT_FOUND):
        refunds.refund_order(1, reason="", request_key="k")


class TestSeveralPayments:
    def test_the_newest_gives_first(self, order):
        first, second = two_payments(order)
        (row,) = refund(order, 100)
        assert row.payment_id == second.pk

    def test_one_request_takes_from_both(self, order):
        two_payments(order)
        assert [row.amount for row in refund(order, TOTAL - 1000)] == [TOTAL - 5000, 4000]
        assert sums(order) == (TOTAL, TOTAL - 1000)

    def test_all_of_it_repeated_is_the_same_rows(self, order):
        two_payments(order)
        assert [row.pk for row in refund(order)] == [row.pk for row in refund(order)]
        assert sums(order) == (TOTAL, TOTAL)


class TestRepeated:
    def test_the_same_request_pays_back_once(self, paid):
        first, second = refund(paid, 1000), refund(paid, 1000)
        assert first == second
        assert sums(paid) == (TOTAL, 1000)

    def test_the_same_request_for_another_amount_is_refused_and_not_answered_with_the_first(self, paid):
        refund(paid, 1000)
        with refused(ErrorCode.IDEMPOTENCY_KEY_REUSED):
            refund(paid, 2000)
        assert sums(paid) == (TOTAL, 1000)

    def test_another_request_is_another_refund(self, paid):
        refund(paid, 1000, key="a")
        refund(paid, 1000, key="b")
        assert sums(paid) == (TOTAL, 2000)

    def test_the_database_refuses_one_request_twice(self, paid):
        (row,) = refund(paid, 1000)
        with pytest.raises(IntegrityError, match="request_key"):
            Refund.objects.create(payment=row.payment, request_key="request-1", idempotency_key="x", amount=1)


def breaks(monkeypatch, *, after_the_work: bool) -> None:
    real = TestGateway.refund

    def break_off(self, reference, *, amount, key):
        if after_the_work:
            real(self, reference, amount=amount, key=key)
        raise GatewayUnavailable("no route")

    monkeypatch.setattr(TestGateway, "refund", break_off)


def its_time_has_come(*, created_ago: timedelta = timedelta(0)) -> None:
    now = timezone.now()
    Refund.objects.update(ask_again_at=now - timedelta(seconds=1), created_at=now - created_ago)


@pytest.mark.parametrize("after_the_work", [False, True])
class TestABrokenConnection:
    def test_it_stays_asked_and_counts_as_paid_back(self, paid, monkeypatch, after_the_work):
        breaks(monkeypatch, after_the_work=after_the_work)
        (row,) = refund(paid, 5000)
        assert row.status == RefundStatus.ASKED
        with refused(ErrorCode.REFUND_TOO_LARGE) as refusal:
            refund(paid, 598, key="another")
        assert refusal.value.values["refundable"] == TOTAL - 5000

    def test_the_reconciler_repeats_it_under_its_key_and_pays_once(self, paid, monkeypatch, after_the_work):
        with monkeypatch.context() as patch:
            breaks(patch, after_the_work=after_the_work)
            refund(paid, 5000)
        assert refunds.settle_refunds() == 0  # not yet
        its_time_has_come()
        assert refunds.settle_refunds() == 1
        assert Refund.objects.get().status == RefundStatus.DONE
        assert sums(paid) == (TOTAL, TestCharge.objects.get().refunded_amount) == (TOTAL, 5000)
        assert refunds.settle_refunds() == 0

    def test_the_caller_may_repeat_it_too(self, paid, monkeypatch, after_the_work):
        with monkeypatch.context() as patch:
            breaks(patch, after_the_work=after_the_work)
            refund(paid, 5000)
        assert refund(paid, 5000)[0].status == RefundStatus.DONE
        assert TestCharge.objects.get().refunded_amount == 5000

    def test_while_the_line_is_dead_it_is_asked_about_again_and_again(self, paid, monkeypatch, after_the_work):
        breaks(monkeypatch, after_the_work=after_the_work)
        refund(paid, 5000)
        for times in (2, 3):
            its_time_has_come()
            refunds.settle_refunds()
            row = Refund.objects.get()
            assert (row.status, row.times_asked) == (RefundStatus.ASKED, times)
            assert row.ask_again_at > timezone.now()

    def test_when_gateways_may_have_forgotten_the_key_it_is_never_repeated(self, paid, monkeypatch, after_the_work):
        """The total tells whether it went through; else a person decides, and it goes on counting."""
        breaks(monkeypatch, after_the_work=after_the_work)
        refund(paid, 5000)
        monkeypatch.setattr(TestGateway, "refund", lambda *_, **__: pytest.fail("paid back twice"))
        its_time_has_come(created_ago=timedelta(days=1))
        refunds.settle_refunds()
        row = Refund.objects.get()
        assert row.status == (RefundStatus.DONE if after_the_work else RefundStatus.UNKNOWN)
        assert row.ask_again_at is None
        with refused(ErrorCode.REFUND_TOO_LARGE):
            refund(paid, 598, key="another")


def test_a_gateway_that_will_not_is_no_error_and_frees_the_amount(paid, monkeypatch):
    def never(*args, **kwargs):
        raise GatewayRefused("The charge is too old.")

    with monkeypatch.context() as patch:
        patch.setattr(TestGateway, "refund", never)
        (row,) = refund(paid, 5000)
    assert (row.status, row.message, row.ask_again_at) == (RefundStatus.REFUSED, "The charge is too old.", None)
    assert refund(paid, TOTAL, key="again")[0].status == RefundStatus.DONE


def test_a_gateway_that_says_it_is_at_work_is_asked_again(paid, monkeypatch):
    result = GatewayResult(Outcome.PROCESSING, Payment.objects.get().gateway_reference, TOTAL, "USD", TOTAL)
    with monkeypatch.context() as patch:
        patch.setattr(TestGateway, "refund", lambda *_, **__: result)
        assert refund(paid, 5000)[0].status == RefundStatus.ASKED
    its_time_has_come()
    refunds.settle_refunds()
    assert Refund.objects.get().status == RefundStatus.DONE


def test_two_answers_in_the_other_order_are_both_done(paid, monkeypatch):
    """The later total is heard first."""
    with monkeypatch.context() as patch:
        breaks(patch, after_the_work=True)
        refund(paid, 1000, key="first")
    early = TestGateway().look_up(reference=Payment.objects.get().gateway_reference, key="")
    assert refund(paid, 2000, key="second")[0].status == RefundStatus.DONE
    first = Refund.objects.get(request_key="first")
    assert refunds._settle(first.pk, early, heard_from="answer").status == RefundStatus.DONE
    assert sums(paid) == (TOTAL, 3000)


def test_one_refunds_trouble_does_not_keep_the_others_waiting(paid, monkeypatch):
    with monkeypatch.context() as patch:
        breaks(patch, after_the_work=False)
        refund(paid, 1000, key="a")
        refund(paid, 1000, key="b")
    its_time_has_come()
    real, troubled = TestGateway.refund, Refund.objects.get(request_key="a").idempotency_key

    def sometimes(self, reference, *, amount, key):
        if key == troubled:
            raise RuntimeError("on purpose")
        return real(self, reference, amount=amount, key=key)

    monkeypatch.setattr(TestGateway, "refund", sometimes)
    assert refunds.settle_refunds() == 2
    assert list(Refund.objects.order_by("request_key").values_list("status", flat=True)) == ["asked", "done"]


def test_a_refund_leaves_its_line_in_the_payments_trail(paid):
    refund(paid, 1000)
    assert PaymentEntry.objects.last().refunded_amount == 1000


@pytest.mark.django_db(transaction=True)
def test_a_gateway_is_never_asked_inside_a_transaction(order):
    from django.db import transaction

    paid = payments.pay_order(order.pk, provider="stripe", instrument="tok_visa").order
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        refund(paid)
