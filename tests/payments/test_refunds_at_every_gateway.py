"""Paying back at each gateway: what the shop says is what the gateway's own books say, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import ErrorCode
from orders.models import Order
from payments import refunds
from payments.models import Payment, Refund
from payments.states import RefundStatus
from tests.checkouts.shopping import refused
from tests.payments.builders import TOTAL
from tests.payments.refund_shops import AtPayPal, AtStripe, Where, paid_at


@pytest.fixture(params=["test", "stripe", "paypal"])
def at(request, monkeypatch) -> Iterator[Where]:
    with paid_at(request.param, monkeypatch) as where:
        yield where


@pytest.fixture
def paid(order, at) -> Order:
    return at.pay(order).order


def refund(order: Order, amount: int | None = None, *, key: str = "request-1") -> list[Refund]:
    return refunds.refund_order(order.pk, amount=amount, reason="Too small", request_key=key, created_by="merchant")


def books(order: Order) -> tuple[int, int]:
    """(what the order says, what its payments say): paid back"""
    order.refresh_from_db()
    return order.refunded_amount, sum(payment.refunded_amount for payment in order.payments.all())


def its_time_has_come(*, created_ago: timedelta = timedelta(0)) -> None:
    now = timezone.now()
    Refund.objects.update(ask_again_at=now - timedelta(seconds=1), created_at=now - created_ago)


def test_in_parts_until_nothing_is_left(paid, at):
    for number, amount in enumerate((1000, 2000, TOTAL - 3000)):
        assert refund(paid, amount, key=str(number))[0].status == RefundStatus.DONE
    assert books(paid) == (TOTAL, TOTAL)
    assert at.paid_back() == TOTAL
    with refused(ErrorCode.REFUND_TOO_LARGE):
        refund(paid, 1, key="one more")


def test_a_refund_bears_the_gateways_reference(paid, at):
    (row,) = refund(paid, 1000)
    assert [row.gateway_reference] == at.refunds()


def test_the_same_request_pays_back_once(paid, at):
    assert refund(paid, 1000) == refund(paid, 1000)
    assert (books(paid), at.paid_back()) == ((1000, 1000), 1000)


@pytest.mark.parametrize("after_the_work", [False, True])
class TestABrokenConnection:
    def test_leaves_it_asked_and_the_reconciler_pays_once(self, paid, at, after_the_work):
        at.break_off(after_the_work=after_the_work)
        assert refund(paid, 5000)[0].status == RefundStatus.ASKED
        at.mend()
        its_time_has_come()
        assert refunds.settle_refunds() == 1
        assert Refund.objects.get().status == RefundStatus.DONE
        assert (books(paid), at.paid_back()) == ((5000, 5000), 5000)

    def test_is_not_repeated_when_gateways_may_have_forgotten_the_key(self, paid, at, after_the_work):
        at.break_off(after_the_work=after_the_work)
        refund(paid, 5000)
        at.mend()
        its_time_has_come(created_ago=timedelta(days=1))
        refunds.settle_refunds()
        refund(paid, 5000)  # nor when its caller repeats it
        told = RefundStatus.DONE if after_the_work else RefundStatus.UNKNOWN
        assert Refund.objects.get().status == told
        assert at.paid_back() == (5000 if after_the_work else 0)


def test_a_gateway_that_will_not_frees_the_amount(paid, at):
    at.refuse()
    (row,) = refund(paid, 5000)
    assert (row.status, bool(row.message), row.ask_again_at) == (RefundStatus.REFUSED, True, None)
    at.mend()
    assert refund(paid, TOTAL, key="again")[0].status == RefundStatus.DONE
    assert (books(paid), at.paid_back()) == ((TOTAL, TOTAL), TOTAL)


def test_money_that_is_not_the_orders_goes_back(paid, at):
    Payment.objects.update(surplus_amount=597)
    (payment,) = paid.payments.all()
    assert refunds.give_back(payment.pk).status == RefundStatus.DONE
    assert refunds.give_back(payment.pk).amount == at.paid_back() == 597


@pytest.mark.parametrize(("name", "word"), [("stripe", "failed"), ("paypal", "FAILED")])
def test_one_that_fails_at_once_is_refused_with_the_gateways_reason(order, monkeypatch, name, word):
    with paid_at(name, monkeypatch) as at:
        payment = at.pay(order)
        assert isinstance(at, (AtStripe, AtPayPal))
        refunds_of = at.server.books if isinstance(at, AtStripe) else at.server
        refunds_of.refunds_become = word
        (row,) = refund(payment.order, 1000)
        assert (row.status, "could not pay it back" in row.message) == (RefundStatus.REFUSED, True)
        assert (books(payment.order), at.paid_back()) == ((0, 0), 0)
