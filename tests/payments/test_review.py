"""The gateway said another amount or currency than asked, and a person settles it."""

from __future__ import annotations

import logging

import pytest

from catalog import stock
from common.errors import DomainError, ErrorCode
from orders.models import Order
from orders.states import OrderStatus
from outbox.models import OutboxEvent
from payments import expiry, refunds, review
from payments import services as payments
from payments.gateways.base import GatewayRefused, GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, Refund, TestCharge
from payments.queries import money_without_order
from payments.states import PaymentStatus, RefundStatus
from tests.checkouts.shopping import deliver_events, let_order_run_out, refused, shelf
from tests.factories import MEDIUM_BLUE_ID, demo_shop
from tests.payments.builders import TOTAL, make_order

pytestmark = pytest.mark.django_db
WHO = "merchant"


@pytest.fixture
def order(db) -> Order:
    """The only two pieces there are."""
    demo_shop(on_hand=2)
    return make_order()


def a_try(order: Order, token: str = "tok_chargeDeclined") -> Payment:
    return payments.pay_order(order.pk, provider="stripe", instrument=token)


def hear(payment: Payment) -> Payment:
    said = TestGateway().look_up(reference=payment.gateway_reference, key="")
    return payments.apply_result(payment.pk, said, heard_from="webhook")


def says(payment: Payment, amount: int, *, currency: str = "USD", captured: int | None = None, **more: int) -> Payment:
    """What the gateway has in its books, and tells us."""
    captured = amount if captured is None else captured
    charges = TestCharge.objects.filter(reference=payment.gateway_reference)
    charges.update(outcome=Outcome.CAPTURED, amount=amount, captured_amount=captured, currency=currency, **more)
    return hear(payment)


def in_review(order: Order, amount: int, **more: object) -> Payment:
    payment = says(a_try(order), amount, **more)
    assert payment.status == PaymentStatus.REVIEW
    return payment


def standing(order: Order) -> tuple[str, int, int, int]:
    order.refresh_from_db()
    return order.status, order.captured_amount, order.refunded_amount, order.kept_amount


def net() -> int:
    return sum(charge.captured_amount - charge.refunded_amount for charge in TestCharge.objects.all())


def all_is_told(order: Order) -> bool:
    """Whatever was decided, our books and the gateway's say the same, and nothing waits."""
    deliver_events()
    order.refresh_from_db()
    return order.captured_amount - order.refunded_amount == net() and not money_without_order().exists()


class TestTakenAsOurs:
    def test_money_that_covers_the_order_pays_it_and_the_rest_goes_back(self, order):
        review.take_as_ours(in_review(order, TOTAL + 100).pk, by=WHO)
        assert all_is_told(order)
        assert standing(order) == (OrderStatus.ACCEPTED, TOTAL + 100, 100, TOTAL)
        assert (net(), shelf()) == (TOTAL, (0, 0))

    def test_too_little_goes_back_and_the_order_can_be_paid_again(self, order):
        review.take_as_ours(in_review(order, TOTAL - 1).pk, by=WHO)
        assert all_is_told(order)
        assert standing(order) == (OrderStatus.PENDING, TOTAL - 1, TOTAL - 1, 0)
        assert a_try(order, "tok_visa").order.status == OrderStatus.ACCEPTED
        assert net() == TOTAL

    def test_too_little_for_an_order_that_takes_parts_is_a_part(self, order):
        Order.objects.filter(pk=order.pk).update(takes_parts=True)
        review.take_as_ours(in_review(order, 1000).pk, by=WHO)
        assert all_is_told(order)
        assert standing(order) == (OrderStatus.PENDING, 1000, 0, 1000)
        assert order.due_amount == TOTAL - 1000

    def test_an_order_that_ran_out_is_taken_up_again(self, order):
        payment = a_try(order)
        let_order_run_out(order.pk)
        expiry.cancel_expired()
        says(payment, TOTAL + 1)
        review.take_as_ours(payment.pk, by=WHO)
        assert all_is_told(order)
        assert standing(order)[0] == OrderStatus.ACCEPTED

    def test_or_all_goes_back_where_its_goods_are_gone(self, order):
        payment = a_try(order)
        let_order_run_out(order.pk)
        expiry.cancel_expired()
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=-2)
        says(payment, TOTAL + 1)
        review.take_as_ours(payment.pk, by=WHO)
        assert all_is_told(order)
        assert (standing(order)[0], net()) == (OrderStatus.CANCELED, 0)

    def test_more_for_an_order_that_is_accepted_already_goes_back(self, order):
        payment = a_try(order, "tok_visa")
        assert says(payment, TOTAL + 500).status == PaymentStatus.REVIEW
        review.take_as_ours(payment.pk, by=WHO)
        assert all_is_told(order)
        assert standing(order) == (OrderStatus.ACCEPTED, TOTAL + 500, 500, TOTAL)

    def test_the_same_word_of_the_gateway_brings_no_second_review(self, order):
        payment = review.take_as_ours(in_review(order, TOTAL + 100).pk, by=WHO)
        deliver_events()
        assert hear(payment).status == PaymentStatus.CAPTURED
        assert OutboxEvent.objects.filter(name="order.accepted").count() == 1

    def test_where_a_part_went_back_already_is_refused(self, order):
        payment = in_review(order, TOTAL + 100)
        TestGateway().refund_by_hand(payment.gateway_reference, amount=100)
        with pytest.raises(review.NotPossible, match="paid back already"):
            review.take_as_ours(payment.pk, by=WHO)


class TestSettledAsNotOurs:
    def test_nothing_of_it_counts_and_the_order_can_be_paid(self, order):
        review.settle_as_not_ours(in_review(order, TOTAL + 100).pk, by=WHO)
        deliver_events()
        assert standing(order) == (OrderStatus.PENDING, 0, 0, 0)
        assert not Refund.objects.exists()
        assert a_try(order, "tok_visa").order.status == OrderStatus.ACCEPTED

    def test_the_same_word_again_changes_nothing(self, order):
        payment = review.settle_as_not_ours(in_review(order, TOTAL + 100).pk, by=WHO)
        assert hear(payment).status == PaymentStatus.DECLINED
        assert standing(order)[1] == 0

    def test_another_word_brings_it_to_review_again(self, order):
        payment = review.settle_as_not_ours(in_review(order, TOTAL + 100).pk, by=WHO)
        assert says(payment, TOTAL + 200).status == PaymentStatus.REVIEW

    def test_the_order_then_runs_out_as_any_other(self, order):
        payment = in_review(order, TOTAL + 100)
        let_order_run_out(order.pk)
        assert expiry.cancel_expired() == 0
        review.settle_as_not_ours(payment.pk, by=WHO)
        assert expiry.cancel_expired() == 1

    def test_the_shopper_is_not_told_who_decided(self, order):
        payment = review.settle_as_not_ours(in_review(order, TOTAL + 100).pk, by=WHO)
        assert WHO not in payment.message

    def test_after_money_went_back_from_here_it_is_refused(self, order):
        payment = a_try(order, "tok_visa")
        refunds.refund_order(order.pk, amount=100, reason="Late", request_key="staff")
        says(payment, TOTAL + 500)
        with pytest.raises(review.NotPossible, match="on its way back"):
            review.settle_as_not_ours(payment.pk, by=WHO)


class TestPaidBack:
    @pytest.mark.parametrize("amount", [TOTAL - 1, TOTAL + 100])
    def test_all_of_it_goes_back_and_the_order_is_not_bought(self, order, amount):
        refund = review.pay_back(in_review(order, amount).pk, by=WHO)
        assert (refund.status, refund.amount, refund.created_by) == (RefundStatus.DONE, amount, WHO)
        assert all_is_told(order)
        assert standing(order) == (OrderStatus.PENDING, amount, amount, 0)
        assert (net(), Refund.objects.count()) == (0, 1)

    def test_of_an_order_that_takes_parts_too(self, order):
        Order.objects.filter(pk=order.pk).update(takes_parts=True)
        review.pay_back(in_review(order, 1000).pk, by=WHO)
        assert all_is_told(order)
        assert (standing(order), order.due_amount) == ((OrderStatus.PENDING, 1000, 1000, 0), TOTAL)

    def test_of_an_accepted_order_it_is_a_refund_as_any_other(self, order):
        payment = a_try(order, "tok_visa")
        says(payment, TOTAL + 500)
        review.pay_back(payment.pk, by=WHO)
        assert all_is_told(order)
        assert standing(order)[:3] == (OrderStatus.ACCEPTED, TOTAL + 500, TOTAL + 500)
        assert net() == 0

    def test_a_part_that_went_back_already_is_not_paid_twice(self, order):
        payment = in_review(order, TOTAL + 100)
        TestGateway().refund_by_hand(payment.gateway_reference, amount=100)
        assert review.pay_back(payment.pk, by=WHO).amount == TOTAL
        assert all_is_told(order)
        assert net() == 0

    def test_the_worker_that_dies_before_asking_leaves_a_refund_that_is_asked_for(self, order, monkeypatch):
        monkeypatch.setattr(refunds, "pursue", lambda refund: refund)
        review.pay_back(in_review(order, TOTAL + 100).pk, by=WHO)
        monkeypatch.undo()
        assert net() == TOTAL + 100
        Refund.objects.update(ask_again_at="2020-01-01T00:00Z")
        refunds.settle_refunds()
        assert all_is_told(order)
        assert (net(), Refund.objects.count()) == (0, 1)

    def test_refused_by_the_gateway_it_stays_listed(self, order, monkeypatch):
        def never(*args, **kwargs):
            raise GatewayRefused("Too old.")

        monkeypatch.setattr(TestGateway, "refund", never)
        payment = in_review(order, TOTAL + 100)
        assert review.pay_back(payment.pk, by=WHO).status == RefundStatus.REFUSED
        assert list(money_without_order()) == [payment]
        assert standing(order)[0] == OrderStatus.PENDING


EACH = pytest.mark.parametrize("act", [review.take_as_ours, review.settle_as_not_ours, review.pay_back])


class TestEachOfThem:
    @EACH
    def test_stands_in_the_trail_with_who_decided(self, order, act):
        payment = in_review(order, TOTAL + 100)
        act(payment.pk, by=WHO)
        entry = payment.entries.filter(heard_from="staff").get()
        assert entry.status_before == "review"
        assert WHO in entry.note
        assert "$56.97" in entry.note

    @EACH
    def test_is_refused_where_nothing_is_in_review(self, order, act):
        payment = a_try(order, "tok_visa")
        with refused(ErrorCode.ILLEGAL_MOVE):
            act(payment.pk, by=WHO)
        assert standing(order)[0] == OrderStatus.ACCEPTED

    @EACH
    def test_a_second_time_changes_nothing(self, order, act):
        payment = in_review(order, TOTAL + 100)
        act(payment.pk, by=WHO)
        deliver_events()
        before = standing(order), net(), Refund.objects.count()
        with refused(ErrorCode.ILLEGAL_MOVE):
            act(payment.pk, by=WHO)
        deliver_events()
        assert (standing(order), net(), Refund.objects.count()) == before

    @EACH
    def test_overtaken_by_somebody_else_while_the_gateway_was_asked_changes_nothing(self, order, act, monkeypatch):
        payment = in_review(order, TOTAL + 100)
        look_up = TestGateway.look_up

        def overtaken(self, *, reference, key, since):
            monkeypatch.undo()
            review.pay_back(payment.pk, by="grace")
            return look_up(self, reference=reference, key=key, since=since)

        monkeypatch.setattr(TestGateway, "look_up", overtaken)
        with pytest.raises((DomainError, review.NotPossible)):
            act(payment.pk, by=WHO)
        assert all_is_told(order)
        assert (net(), Refund.objects.count()) == (0, 1)

    @EACH
    def test_without_an_answer_of_the_gateway_changes_nothing(self, order, act, monkeypatch):
        payment = in_review(order, TOTAL + 100)

        def silent(self, **_):
            raise GatewayUnavailable

        monkeypatch.setattr(TestGateway, "look_up", silent)
        with pytest.raises(review.NotPossible, match="could not be asked"):
            act(payment.pk, by=WHO)
        payment.refresh_from_db()
        assert payment.status == PaymentStatus.REVIEW


class TestAnotherCurrency:
    @pytest.fixture
    def payment(self, order) -> Payment:
        return in_review(order, TOTAL, currency="EUR")

    @pytest.mark.parametrize("act", [review.take_as_ours, review.pay_back])
    def test_is_never_counted_with_ours(self, payment, act):
        with pytest.raises(review.NotPossible, match="It came in EUR"):
            act(payment.pk, by=WHO)

    def test_is_settled_as_not_ours(self, payment, order):
        review.settle_as_not_ours(payment.pk, by=WHO)
        assert standing(order) == (OrderStatus.PENDING, 0, 0, 0)
        assert hear(payment).status == PaymentStatus.DECLINED


def test_a_payment_that_comes_to_review_is_an_error_in_the_log(order, caplog):
    with caplog.at_level(logging.ERROR):
        payment = in_review(order, TOTAL + 100)
        hear(payment)
    told = [record.getMessage() for record in caplog.records if "needs a person" in record.getMessage()]
    assert told == [
        f"Payment {payment.pk} needs a person, see it in the admin. "
        "Asked for $55.97; the gateway says $56.97, captured $56.97, refunded $0.00."
    ]
