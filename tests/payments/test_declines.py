"""DECLINE_LIMIT: what counts, for whom, for how long, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import ErrorCode
from orders.models import Order
from payments import declines, expiry
from payments import services as payments
from payments.gateways.base import DeclineCode, GatewayResult, Outcome
from payments.models import DeclineMark, Payment, TestCharge
from payments.states import PaymentStatus
from tests.checkouts.shopping import refused
from tests.factories import demo_shop
from tests.payments.builders import make_order

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
NO, OTHER_NO = "tok_chargeDeclined", "tok_chargeDeclinedExpiredCard"


@pytest.fixture(autouse=True)
def shop(db, settings):
    settings.DECLINE_LIMIT = (3, 3600)
    demo_shop()


def somebodys_order(email: str = "") -> Order:
    order = make_order()
    order.email = email or f"shopper{order.pk}@example.com"
    order.save()
    return order


def a_try(order: Order | None = None, *, token: str = NO, address: str = HERE, email: str = "") -> Payment:
    order = order or somebodys_order(email)
    return payments.pay_order(order.pk, provider="stripe", instrument=token, client_address=address)


def wait(seconds: float) -> None:
    """That much time passes for all marks."""
    for mark in DeclineMark.objects.all():
        DeclineMark.objects.filter(pk=mark.pk).update(at=mark.at - timedelta(seconds=seconds))


class TestTheNextTryIsRefused:
    def test_for_the_address(self):
        for token in (NO, OTHER_NO, "tok_chargeDeclinedIncorrectCvc"):
            a_try(token=token)
        with refused(ErrorCode.TOO_MANY_DECLINES) as refusal:
            a_try(token="tok_visa")
        assert 3590 <= refusal.value.values["retry_after"] <= 3600

    def test_for_the_e_mail_however_it_is_written(self):
        for number, email in enumerate(("mallory@example.com", "Mallory@Example.com", " mallory@example.com")):
            a_try(
                token=(NO, OTHER_NO, "tok_chargeDeclinedIncorrectCvc")[number], address=f"192.0.2.{number}", email=email
            )
        with refused(ErrorCode.TOO_MANY_DECLINES):
            a_try(token="tok_visa", address=ELSEWHERE, email="MALLORY@example.com")

    def test_for_the_card_where_its_token_tells_it(self):
        for number in range(3):
            a_try(address=f"192.0.2.{number}")
        with refused(ErrorCode.TOO_MANY_DECLINES):
            a_try(address=ELSEWHERE)
        assert a_try(token="tok_visa", address=ELSEWHERE).status == PaymentStatus.CAPTURED

    def test_for_the_checkout(self):
        order = somebodys_order()
        for number, token in enumerate((NO, OTHER_NO, "tok_chargeDeclinedIncorrectCvc")):
            a_try(order, token=token, address=f"192.0.2.{number}")
            order.email = f"another{number}@example.com"
            order.save()
        with refused(ErrorCode.TOO_MANY_DECLINES):
            a_try(order, token="tok_visa", address=ELSEWHERE)

    def test_for_the_card_of_an_earlier_try_where_only_the_gateway_tells_it(self, monkeypatch):
        monkeypatch.setattr("payments.gateways.test.TestGateway.card_of", lambda self, instrument: "")
        _say(monkeypatch, card_fingerprint="fingerprint")
        orders = [somebodys_order() for _ in range(4)]
        for number, order in enumerate(orders):  # nobody knows it is the same card before the answer
            assert a_try(order, address=f"192.0.2.{number}").status == PaymentStatus.DECLINED
        with refused(ErrorCode.TOO_MANY_DECLINES):
            a_try(orders[3], address=ELSEWHERE)

    def test_and_leaves_nothing_behind(self):
        for _ in range(3):
            a_try()
        before = Payment.objects.count(), TestCharge.objects.count(), DeclineMark.objects.count()
        with refused(ErrorCode.TOO_MANY_DECLINES):
            a_try()
        assert (Payment.objects.count(), TestCharge.objects.count(), DeclineMark.objects.count()) == before

    def test_while_others_are_not_hindered(self):
        for _ in range(3):
            a_try()
        assert a_try(token="tok_visa", address=ELSEWHERE).status == PaymentStatus.CAPTURED

    def test_whoever_of_a_network_of_one_household_asks(self):
        for number, token in enumerate((NO, OTHER_NO, "tok_chargeDeclinedIncorrectCvc")):
            a_try(token=token, address=f"2001:db8:1:2::{number}")
        with refused(ErrorCode.TOO_MANY_DECLINES):
            a_try(token="tok_visa", address="2001:db8:1:2:ffff::1")
        assert a_try(token="tok_visa", address="2001:db8:1:3::1").status == PaymentStatus.CAPTURED


def _say(monkeypatch, **said: object) -> None:
    """The test gateway's answers say this as well."""
    from payments.gateways.test import TestGateway

    result = TestGateway._result
    monkeypatch.setattr(TestGateway, "_result", lambda self, charge: replace(result(self, charge), **said))


class TestTheWindowSlides:
    def test_there_is_room_again_when_the_first_of_them_is_old_enough(self):
        a_try()
        wait(3000)
        a_try(token=OTHER_NO)
        a_try(token=OTHER_NO)
        with refused(ErrorCode.TOO_MANY_DECLINES) as refusal:
            a_try(token="tok_visa")
        assert 590 <= refusal.value.values["retry_after"] <= 600
        wait(601)
        assert a_try(token="tok_visa").status == PaymentStatus.CAPTURED

    def test_what_left_it_is_removed_and_the_rest_is_not(self):
        a_try()
        wait(3601)
        a_try(token=OTHER_NO)
        kept = set(DeclineMark.objects.order_by("-id")[:4].values_list("pk", flat=True))
        assert declines.purge() == 4
        assert set(DeclineMark.objects.values_list("pk", flat=True)) == kept


class TestNeverCounted:
    @pytest.mark.parametrize(
        "token", ["tok_visa", "tok_late", "tok_lost", "tok_currencyRefused", "tok_threeDSecureRequired"]
    )
    def test_successes_faults_and_what_a_gateway_would_not_even_try(self, token):
        a_try(token=token)
        assert not DeclineMark.objects.exists()

    def test_an_approval_that_nobody_gave(self):
        payment = a_try(token="tok_threeDSecureRequired")
        expiry.give_up(payment)
        payment.refresh_from_db()
        assert (payment.status, DeclineMark.objects.count()) == (PaymentStatus.VOIDED, 0)

    def test_a_shopper_who_turned_back(self):
        payment = a_try(token="tok_threeDSecureRequired")
        hear(payment, Outcome.DECLINED, DeclineCode.CANCELED_BY_SHOPPER)
        assert not DeclineMark.objects.exists()


def hear(payment: Payment, outcome: Outcome, code: str = DeclineCode.GENERIC, **more: str) -> Payment:
    said = GatewayResult(
        outcome, payment.gateway_reference, payment.amount, payment.currency, decline_code=code, **more
    )
    return payments.apply_result(payment.pk, said, heard_from="webhook")


class TestHeardLater:
    def test_a_decline_whose_answer_was_lost_counts_once_when_it_is_heard(self):
        payment = a_try(token="tok_lateDeclined")
        assert not DeclineMark.objects.exists()
        for _ in range(3):
            hear(payment, Outcome.DECLINED)
        assert DeclineMark.objects.count() == 4

    def test_each_card_tried_in_the_browser_counts_once(self):
        payment = a_try(token="tok_threeDSecureRequired")
        for attempt in ("ch_1", "ch_1", "ch_2"):
            hear(payment, Outcome.REQUIRES_ACTION, attempt=attempt, card_fingerprint=f"card of {attempt}")
        client = declines.client_subject(HERE)
        assert DeclineMark.objects.filter(subject=client).count() == 2
        assert DeclineMark.objects.filter(subject=declines.card_subject("card of ch_2")).count() == 1

    def test_a_payment_that_waits_for_its_shopper_is_no_decline(self):
        hear(a_try(token="tok_threeDSecureRequired"), Outcome.REQUIRES_ACTION, "", attempt="")
        assert not DeclineMark.objects.exists()


class TestKept:
    def test_are_digests_under_the_shops_key_and_nothing_else(self, settings):
        a_try(email="mallory@example.com")
        marks = list(DeclineMark.objects.values_list("subject", flat=True))
        assert len(marks) == 4
        assert all(len(subject) == 64 and int(subject, 16) >= 0 for subject in marks)
        settings.SECRET_KEY = "another key of at least thirty-two characters"
        assert declines.client_subject(HERE) not in marks

    @pytest.mark.parametrize("token", [NO, "tok_visa"])
    def test_nothing_of_the_address_stays_on_a_payment_that_is_settled(self, token):
        assert a_try(token=token).client_subject == ""

    def test_as_long_as_it_may_still_be_declined_the_digest_does(self):
        assert a_try(token="tok_threeDSecureRequired").client_subject == declines.client_subject(HERE)


class TestUnderWay:
    """A gateway is being asked at this moment, and nobody knows yet what it will say."""

    def under_way(self, count: int, address: str = HERE) -> None:
        for _ in range(count):
            payments.open_payment(somebodys_order(), provider="paypal", instrument="", client_address=address)

    def test_any_number_of_them_may_begin_where_nobody_was_declined(self):
        self.under_way(10)

    def test_they_count_where_somebody_was_and_the_answer_is_to_try_again_soon(self):
        a_try()
        self.under_way(2)
        with refused(ErrorCode.BUSY):
            a_try(token="tok_visa")

    def test_those_of_others_do_not(self):
        a_try()
        self.under_way(5, address=ELSEWHERE)
        assert a_try(token="tok_visa").status == PaymentStatus.CAPTURED

    def test_those_of_the_same_e_mail_do(self):
        a_try(email="mallory@example.com", address="192.0.2.1")
        for number in range(2, 4):
            order = somebodys_order("mallory@example.com")
            payments.open_payment(order, provider="paypal", instrument="", client_address=f"192.0.2.{number}")
        with refused(ErrorCode.BUSY):
            a_try(email="mallory@example.com", token="tok_visa", address=ELSEWHERE)


def test_where_nobody_was_declined_it_takes_one_statement():
    order = somebodys_order()
    with CaptureQueriesContext(connection) as captured:
        declines.admit(order, client_address=HERE, card_fingerprint="card")
    assert len(captured.captured_queries) == 1


def test_without_an_address_the_others_count():
    order = somebodys_order()
    for token in (NO, OTHER_NO, "tok_chargeDeclinedIncorrectCvc"):
        a_try(order, token=token, address="")
    assert a_try(token="tok_visa", address="").status == PaymentStatus.CAPTURED
    with refused(ErrorCode.TOO_MANY_DECLINES):
        a_try(order, token="tok_visa", address="")


def test_a_mark_is_made_now_and_not_when_the_payment_began():
    payment = a_try(token="tok_lateDeclined")
    Payment.objects.filter(pk=payment.pk).update(created_at=timezone.now() - timedelta(days=2))
    hear(payment, Outcome.DECLINED)
    assert DeclineMark.objects.filter(at__gt=timezone.now() - timedelta(minutes=1)).count() == 4
