"""What shoppers hear of their money: each fact once, and nothing beside a confirmation that tells it already."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from carts.models import Cart
from common.transactions import in_transaction
from orders.models import Order
from outbox.models import OutboxEvent
from payments import cancellation, mails, paid_back, refunds, review
from payments import services as payments
from payments.gateways.base import GatewayRefund, GatewayRefused, GatewayResult, GatewayUnavailable, RefundState
from payments.gateways.test import TestGateway
from payments.models import Payment, Refund
from tests.checkouts.shopping import deliver_events
from tests.factories import demo_shop
from tests.payments.builders import CAPTURED, DECLINED, PROCESSING, TOTAL, make_order, make_payment
from tests.payments.table import DUE, Table, cart_of
from tests.payments.test_late_money import a_try, run_out, say_yes_after_all, sell_the_rest
from tests.payments.test_review import hear, in_review, says


def subjects() -> list[str]:
    deliver_events()
    return [message.subject for message in mail.outbox]


def ids() -> list[str]:
    return [message.extra_headers["Message-ID"] for message in mail.outbox]


@pytest.fixture
def paid(db) -> Order:
    demo_shop()
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    deliver_events()
    mail.outbox.clear()
    return order


def refund(order: Order, amount: int | None = None, key: str = "1") -> list[Refund]:
    return refunds.refund_order(order.pk, amount=amount, reason="Too small", request_key=key)


def test_a_purchase_paid_at_once_is_one_mail(db):
    demo_shop()
    payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa")
    assert [subject.split(" ")[:2] for subject in subjects()] == [["Your", "order"]]


class TestMoneyBack:
    def test_is_told_once_with_its_amount(self, paid):
        refund(paid, 1000)
        refund(paid, 1000)
        assert subjects() == ["Demo Shop has paid back $10.00"]
        assert "$10.00 went back to where it came from." in mail.outbox[0].body
        assert "Too small" not in mail.outbox[0].body

    def test_each_press_is_told(self, paid):
        refund(paid, 1000)
        refund(paid, 500, key="2")
        assert subjects() == ["Demo Shop has paid back $10.00", "Demo Shop has paid back $5.00"]
        assert len(set(ids())) == 2

    def test_a_repeat_is_the_same_mail(self, paid):
        refund(paid, 1000)
        for _ in range(2):
            mails.send_refunded(Refund.objects.get().pk, amount=1000)
        assert len(set(ids())) == 1

    def test_of_two_payments_is_one_mail_when_both_are_settled(self, paid, monkeypatch):
        first = Payment.objects.get()
        Payment.objects.update(amount=5000, captured_amount=5000)
        second = Payment.objects.create(
            order=paid,
            provider="stripe",
            gateway="test",
            gateway_reference="other",
            idempotency_key="other",
            currency="USD",
            amount=597,
            captured_amount=597,
            status="captured",
        )
        Order.objects.update(captured_amount=TOTAL)
        rows, _ = refunds.write(paid.pk, amount=None, reason="All", request_key="1", created_by="")
        assert [row.payment for row in rows] == [second, first]
        refused(rows[0])
        assert subjects() == []
        refunds.pursue(rows[1])
        assert subjects() == ["Demo Shop has paid back $50.00"]

    def test_what_was_refused_is_not_told(self, paid, monkeypatch):
        monkeypatch.setattr(TestGateway, "refund", _never)
        refund(paid)
        assert subjects() == []

    def test_what_is_in_doubt_is_told_when_it_is_known(self, paid, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(TestGateway, "refund", _silent)
            (row,) = refund(paid)
            assert subjects() == []
        refunds.pursue(row)
        assert subjects() == ["Demo Shop has paid back $55.97"]

    def test_one_made_in_the_gateways_own_pages_is_told_once_also_when_it_proves_to_be_ours(self, paid):
        payment = Payment.objects.get()
        with transaction.atomic():
            row = refunds._new(payment, 1000, "1", "Too small")
        listed = GatewayRefund(reference="re_1", key="", amount=1000, state=RefundState.DONE)
        _take_in(payment, listed)
        _take_in(payment, GatewayRefund("re_1", 1000, RefundState.DONE, row.idempotency_key))
        assert Refund.objects.get().pk == row.pk
        deliver_events()
        assert OutboxEvent.objects.filter(name="order.refunded").count() == 1

    def test_money_of_somebody_else_is_not_this_shoppers_news(self, paid):
        refunds.refund_order(paid.pk, reason="Not theirs", request_key="review:1")
        assert subjects() == []

    def test_who_left_no_address_gets_none(self, paid):
        Order.objects.update(email="")
        refund(paid)
        assert subjects() == []

    def test_what_was_paid_twice_goes_back_and_says_so(self, db):
        demo_shop(on_hand=2)
        order = make_order()
        first = a_try(order)
        a_try(order, "tok_visa")
        say_yes_after_all(first)
        assert subjects()[1:] == ["Demo Shop has paid back $55.97"]
        assert "more than your order needs" in mail.outbox[1].body

    def test_what_came_too_late_goes_back_and_says_so(self, db):
        demo_shop(on_hand=2)
        order = make_order()
        payment = a_try(order)
        run_out(order)
        sell_the_rest()
        say_yes_after_all(payment)
        assert subjects() == ["Demo Shop has paid back $55.97"]
        assert "could not be completed any more" in mail.outbox[0].body


class TestAPaymentInDoubt:
    @pytest.fixture
    def payment(self, db) -> Payment:
        demo_shop()
        payment = make_payment(make_order())
        return payments.apply_result(payment.pk, PROCESSING, heard_from="answer")

    def settle(self, payment: Payment, answer: GatewayResult, *, after: timedelta = timedelta(minutes=5)) -> None:
        payment.entries.update(at=timezone.now() - after)
        payments.apply_result(payment.pk, answer, heard_from="look-up")

    def test_that_came_to_nothing_is_told_as_the_page_has_promised(self, payment):
        self.settle(payment, DECLINED)
        assert subjects() == ["Your payment of $55.97 to Demo Shop did not go through"]
        assert "Nothing was charged." in mail.outbox[0].body

    def test_that_went_through_is_told_by_the_confirmation_alone(self, payment):
        self.settle(payment, CAPTURED)
        assert [subject.split(" ")[1] for subject in subjects()] == ["order"]

    def test_whose_shopper_was_still_there_is_not_told(self, payment):
        self.settle(payment, DECLINED, after=timedelta(seconds=5))
        assert subjects() == []

    def test_that_was_paid_otherwise_meanwhile_is_not_told(self, payment):
        self.settle(payment, DECLINED)
        payments.pay_order(payment.order_id, provider="stripe", instrument="tok_visa")
        assert ["did not go through" in subject for subject in subjects()] == [False]

    def test_a_no_that_was_answered_at_once_is_not_told(self, db):
        demo_shop()
        a_try(make_order())
        assert subjects() == []


class TestAPaymentInReview:
    """Something else came than was asked for, and its shopper was asked to wait."""

    LOOKING = "We are looking at your payment of $55.97 to Demo Shop"
    FAILED = "Your payment of $55.97 to Demo Shop did not go through"
    NOT_PAID = "Your order at Demo Shop is not paid yet"

    @pytest.fixture
    def payment(self, db) -> Payment:
        demo_shop()
        return in_review(make_order(), TOTAL + 100)

    def test_is_told_once_whatever_is_heard_meanwhile(self, payment):
        hear(payment)
        hear(payment)
        assert subjects() == [self.LOOKING]
        assert "Please do not pay again: we write as soon as it is settled." in mail.outbox[0].body

    def test_that_was_settled_before_the_mail_went_out_is_told_by_what_came_of_it(self, payment):
        review.take_as_ours(payment.pk, by="merchant")
        assert sorted(subject.split(" ")[1] for subject in subjects()) == ["Shop", "order"]  # $1.00 back, confirmed
        assert OutboxEvent.objects.get(name="payment.in_review").outcome.startswith("left out: ")

    def test_that_was_not_ours_is_told_and_nobody_denies_what_was_charged(self, payment):
        subjects()
        review.settle_as_not_ours(payment.pk, by="merchant")
        assert subjects() == [self.LOOKING, self.NOT_PAID]
        assert "was not the payment for this order" in mail.outbox[1].body
        assert "If money was taken for it, please answer this mail." in mail.outbox[1].body
        for denial in ("Nothing was charged", "did not go through"):
            assert denial not in mail.outbox[1].body

    def test_that_goes_back_is_told_and_why(self, payment):
        subjects()
        review.pay_back(payment.pk, by="merchant")
        assert subjects() == [self.LOOKING, "Demo Shop has paid back $56.97"]
        assert "It was not what we asked for, so it does not pay your order." in mail.outbox[1].body

    def test_that_goes_back_when_the_order_was_bought_otherwise_is_told_all_the_same(self, payment, monkeypatch):
        subjects()
        with monkeypatch.context() as patch:
            patch.setattr(TestGateway, "refund", _silent)
            row = review.pay_back(payment.pk, by="merchant")
        payments.pay_order(payment.order_id, provider="stripe", instrument="tok_visa")
        refunds.pursue(row)
        assert "Demo Shop has paid back $56.97" in subjects()

    def test_that_is_too_little_goes_back_and_nobody_reads_that_the_order_is_over(self, db):
        demo_shop()
        payment = in_review(make_order(), TOTAL - 100)
        review.take_as_ours(payment.pk, by="merchant")
        assert subjects() == ["Demo Shop has paid back $54.97"]
        assert "It was not what we asked for, so it does not pay your order." in mail.outbox[0].body

    def test_that_comes_back_to_review_is_news_again_and_so_is_its_end(self, payment):
        subjects()
        for amount in (TOTAL + 200, TOTAL + 300):
            review.settle_as_not_ours(payment.pk, by="merchant")
            subjects()
            says(payment, amount)
            subjects()
        assert subjects() == [self.LOOKING, self.NOT_PAID, self.LOOKING, self.NOT_PAID, self.LOOKING]
        assert len(set(ids())) == 5

    def test_that_failed_while_in_doubt_is_told_of_both(self, db):
        demo_shop()
        payment = a_try(make_order())
        Payment.objects.update(status="processing")
        payment.entries.update(status_after="processing", at=timezone.now() - timedelta(minutes=5))
        payments.apply_result(payment.pk, DECLINED, heard_from="look-up")
        assert subjects() == [self.FAILED]
        says(payment, TOTAL + 100)
        review.settle_as_not_ours(payment.pk, by="merchant")
        assert subjects() == [self.FAILED, self.NOT_PAID]

    def test_beside_an_order_that_is_bought_is_not_this_shoppers_news(self, paid):
        payment = Payment.objects.get()
        assert says(payment, TOTAL + 500).status == "review"
        review.pay_back(payment.pk, by="merchant")
        assert subjects() == []


class TestAnOrderTakenBack:
    def take_back(self, order: Order) -> None:
        rows, _ = cancellation.write(order.pk, pays_back=True, reason="Ordered twice", request_key="c", created_by="")
        for row in rows:
            refunds.pursue(row)

    def test_is_one_mail_that_tells_of_the_money_too(self, paid):
        self.take_back(paid)
        assert subjects() == [f"Your order {paid.number} at Demo Shop was canceled"]
        assert "What you paid goes back to where it came from: $55.97." in mail.outbox[0].body
        assert "Ordered twice" not in mail.outbox[0].body

    def test_tells_of_what_had_not_gone_back_before(self, paid):
        refund(paid, 1000)
        self.take_back(paid)
        assert len(subjects()) == 2
        assert "goes back to where it came from: $45.97." in mail.outbox[1].body

    def test_a_second_press_is_not_told(self, paid):
        for _ in range(2):
            self.take_back(paid)
        assert len(subjects()) == 1

    def test_one_that_nobody_confirmed_is_not_told(self, db):
        demo_shop()
        cancellation.write(make_order().pk, pays_back=False, reason="", request_key="c", created_by="")
        assert subjects() == []


class TestParts:
    @pytest.fixture
    def table(self, db) -> Table:
        demo_shop()
        table = Table()
        cart = cart_of()
        Cart.objects.update(email="ada@example.com")
        cart.refresh_from_db()
        table.order(cart)
        return table

    def test_one_that_came_is_told_while_the_rest_is_missing(self, table):
        table.pay(1000, "C1")
        assert subjects() == ["A part of your order at Demo Shop is paid"]
        assert "$10.00 have arrived, $39.98 are still to be paid." in mail.outbox[0].body

    def test_the_last_one_is_told_by_the_confirmation_alone(self, table):
        table.pay(1000, "C1")
        table.pay(DUE - 1000, "C2")
        assert [subject.split(" ")[0] for subject in subjects()] == ["Your"]
        left_out = OutboxEvent.objects.filter(name="order.part_paid").latest("pk")
        assert left_out.outcome.startswith("left out: ")

    def test_two_at_once_are_one_mail_with_the_sum_of_both(self, table):
        table.pay(1000, "C1")
        table.pay(500, "C2")
        assert len(subjects()) == 1
        assert "$15.00 have arrived" in mail.outbox[0].body

    def test_one_that_was_looked_at_and_is_not_ours_is_told_whatever_came_since(self, table, monkeypatch):
        table.pay(1000, "C1")
        payment = Payment.objects.get()
        other = replace(CAPTURED, reference="C1", amount=1200, captured_amount=1200, paid_under="PAYPAL-123")
        payments.apply_result(payment.pk, other, heard_from="webhook")
        subjects()
        table.pay(500, "C2")
        monkeypatch.setattr(review, "_asked", lambda *_: (payment, other))
        review.settle_as_not_ours(payment.pk, by="merchant")
        assert subjects()[1:] == [
            "We are looking at your payment of $10.00 to Demo Shop",
            "A part of your order at Demo Shop is paid",
            "Your order at Demo Shop is not paid yet",
        ]


# --- helpers --------------------------------------------------------------------------------------
def _never(*_: object, **__: object) -> None:
    raise GatewayRefused("Not this one.")


def _silent(*_: object, **__: object) -> None:
    raise GatewayUnavailable("Nobody answers.")


def refused(row: Refund) -> None:
    refunds._refuse(row.pk, "Not this one.")


@in_transaction
def _take_in(payment: Payment, listed: GatewayRefund) -> None:
    payment.refresh_from_db()
    paid_back.take_in(payment, (listed,))
