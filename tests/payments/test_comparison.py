"""The nightly comparison: each difference has its name, is told once, and goes when it is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from orders.states import OrderStatus
from payments import comparison, nights, refunds, review
from payments import services as payments
from payments.gateways.base import GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import Difference, Payment, TestCharge
from payments.states import PaymentStatus
from tests.checkouts.shopping import deliver_events, shelf
from tests.factories import demo_shop
from tests.payments.builders import TOTAL, make_order
from tests.payments.test_review import in_review

WHO = "merchant"


@pytest.fixture(autouse=True)
def shop(db):
    demo_shop()


def paid(token: str = "tok_visa") -> Payment:
    return payments.pay_order(make_order().pk, provider="stripe", instrument=token)


def night() -> int:
    """It is night: all that is due tonight is compared. How many."""
    Payment.objects.filter(compare_at__isnull=False).update(compare_at=timezone.now() - timedelta(seconds=1))
    return comparison.compare_due(pause=0)


def at_the_gateway(payment: Payment, **books: object) -> None:
    assert TestCharge.objects.filter(reference=payment.gateway_reference).update(**books) == 1


def paid_back_by_hand(payment: Payment, amount: int) -> None:
    """In the gateway's own pages, and its webhook never came."""
    from outbox.models import OutboxEvent

    TestGateway().refund_by_hand(payment.gateway_reference, amount=amount)
    OutboxEvent.objects.all().delete()


def told() -> list[tuple[str, str, str]]:
    return list(Difference.objects.filter(settled_at=None).order_by("id").values_list("kind", "ours", "theirs"))


class TestADifferenceIsNamed:
    def test_none_where_there_is_none(self):
        for token in ("tok_visa", "tok_chargeDeclined"):
            paid(token)
        assert night() == 2
        assert told() == []

    def test_paid_back_there(self):
        paid_back_by_hand(paid(), 1000)
        night()
        assert told() == [("refunded", "$0.00", "$10.00")]

    def test_captured_less_there(self):
        at_the_gateway(paid(), captured_amount=TOTAL - 100)
        night()
        assert told() == [("captured", "$55.97", "$54.97")]

    def test_asked_for_another_amount_there(self):
        at_the_gateway(paid(), amount=TOTAL + 100)
        night()
        assert told() == [("amount", "$55.97", "$56.97")]

    def test_another_currency_there(self):
        at_the_gateway(paid(), currency="EUR")
        night()
        assert told() == [("currency", "USD", "EUR")]

    @pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.VOIDED, Outcome.PROCESSING])
    def test_no_money_there(self, outcome):
        at_the_gateway(paid(), outcome=outcome)
        night()
        assert told() == [("status", "captured", outcome.value)]

    def test_money_there_and_none_here(self):
        at_the_gateway(paid("tok_chargeDeclined"), outcome=Outcome.CAPTURED, captured_amount=TOTAL)
        night()
        assert told() == [("status", "declined", "captured")]

    def test_not_known_there(self):
        payment = paid()
        TestCharge.objects.all().delete()
        night()
        assert told() == [("unknown", payment.status, "not known there")]

    def test_our_own_sums_that_do_not_add_up(self):
        paid()
        Order.objects.update(refunded_amount=7)
        night()
        assert told() == [
            (
                "order",
                "order: $55.97, back $0.07, surplus $0.00",
                "payments: $55.97, back $0.00, surplus $0.00",
            )
        ]

    def test_of_several_payments_of_one_order_once(self):
        order = make_order()
        for token in ("tok_chargeDeclined", "tok_visa"):
            payments.pay_order(order.pk, provider="stripe", instrument=token)
        Order.objects.update(refunded_amount=7)
        night()
        assert [kind for kind, *_ in told()] == ["order"]

    def test_a_no_that_the_gateway_has_forgotten_is_none(self):
        paid("tok_chargeDeclined")
        TestCharge.objects.all().delete()
        night()
        assert told() == []


class TestTheNextNight:
    def test_what_is_found_again_is_one_difference(self):
        paid_back_by_hand(paid(), 1000)
        night()
        first = Difference.objects.get()
        night()
        again = Difference.objects.get()
        assert (again.pk, again.found_at) == (first.pk, first.found_at)
        assert again.seen_at > first.seen_at

    def test_what_grew_says_so(self):
        payment = paid()
        for amount in (1000, 500):
            paid_back_by_hand(payment, amount)
            night()
        assert told() == [("refunded", "$0.00", "$15.00")]

    def test_what_is_gone_has_settled_itself(self):
        payment = paid()
        at_the_gateway(payment, captured_amount=TOTAL - 100)
        night()
        at_the_gateway(payment, captured_amount=TOTAL)
        night()
        difference = Difference.objects.get()
        assert (difference.settled_at is not None, difference.settled_by) == (True, "")

    def test_what_comes_back_is_a_new_one(self):
        payment = paid()
        for captured in (TOTAL - 100, TOTAL, TOTAL - 100):
            at_the_gateway(payment, captured_amount=captured)
            night()
        assert (Difference.objects.count(), len(told())) == (2, 1)

    def test_what_staff_left_as_it_is_is_not_told_again(self):
        payment = paid()
        at_the_gateway(payment, captured_amount=TOTAL - 100)
        night()
        comparison.leave(Difference.objects.get().pk, by=WHO)
        night()
        assert (told(), Difference.objects.get().settled_by) == ([], WHO)

    def test_until_it_is_another_one(self):
        payment = paid()
        at_the_gateway(payment, captured_amount=TOTAL - 100)
        night()
        comparison.leave(Difference.objects.get().pk, by=WHO)
        at_the_gateway(payment, captured_amount=TOTAL - 200)
        night()
        assert told() == [("captured", "$55.97", "$53.97")]


class TestTheGatewaysWordIsTaken:
    def test_what_was_paid_back_there_is_known_here(self):
        payment = paid()
        paid_back_by_hand(payment, 1000)
        night()
        comparison.take_their_word(Difference.objects.get().pk, by=WHO)
        payment.refresh_from_db()
        assert (payment.refunded_amount, payment.order.refunded_amount) == (1000, 1000)
        assert payment.refunds.get().created_by == "gateway"
        assert (told(), Difference.objects.get().settled_by) == ([], WHO)

    def test_money_that_came_after_all_buys_the_order(self):
        payment = paid("tok_chargeDeclined")
        at_the_gateway(payment, outcome=Outcome.CAPTURED, captured_amount=TOTAL)
        night()
        comparison.take_their_word(Difference.objects.get().pk, by=WHO)
        deliver_events()
        assert Order.objects.get().status == OrderStatus.ACCEPTED
        assert (told(), shelf()[1]) == ([], 0)

    def test_another_amount_comes_to_review_and_is_told_there(self):
        payment = paid()
        at_the_gateway(payment, amount=TOTAL + 100, captured_amount=TOTAL + 100)
        night()
        assert len(told()) == 2
        comparison.take_their_word(Difference.objects.first().pk, by=WHO)
        payment.refresh_from_db()
        assert (payment.status, told()) == (PaymentStatus.REVIEW, [])

    def test_our_own_sums_are_added_up_again(self):
        paid()
        Order.objects.update(captured_amount=TOTAL + 7, refunded_amount=7)
        night()
        comparison.take_their_word(Difference.objects.get().pk, by=WHO)
        order = Order.objects.get()
        assert (order.captured_amount, order.refunded_amount, told()) == (TOTAL, 0, [])

    def test_money_that_is_gone_there_is_for_a_person_to_look_at(self):
        at_the_gateway(paid(), outcome=Outcome.VOIDED)
        night()
        with pytest.raises(comparison.NotPossible, match="Look at the payment there"):
            comparison.take_their_word(Difference.objects.get().pk, by=WHO)
        assert len(told()) == 1

    def test_a_gateway_that_is_silent_changes_nothing(self, monkeypatch):
        paid_back_by_hand(paid(), 1000)
        night()
        _silence(monkeypatch)
        with pytest.raises(comparison.NotPossible, match="could not be asked"):
            comparison.take_their_word(Difference.objects.get().pk, by=WHO)
        assert len(told()) == 1


def _silence(monkeypatch) -> list[str]:
    asked: list[str] = []

    def silent(self, *, reference, key, since=None):
        asked.append(reference)
        raise GatewayUnavailable

    monkeypatch.setattr(TestGateway, "look_up", silent)
    return asked


class TestARun:
    def test_that_is_cut_off_goes_on_where_it_was(self, monkeypatch):
        found = [paid() for _ in range(3)]
        Payment.objects.update(compare_at=timezone.now() - timedelta(seconds=1))
        look_up = TestGateway.look_up
        asked: list[str] = []

        def dies_at_the_third(self, *, reference, key, since=None):
            asked.append(reference)
            if len(asked) == 3:
                raise KeyboardInterrupt
            return look_up(self, reference=reference, key=key, since=since)

        monkeypatch.setattr(TestGateway, "look_up", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            comparison.compare_due(pause=0)
        assert comparison.compare_due(pause=0) == 1
        assert asked == [payment.gateway_reference for payment in (*found, found[2])]

    def test_asks_a_silent_gateway_once_and_again_in_an_hour(self, monkeypatch):
        for _ in range(3):
            paid()
        asked = _silence(monkeypatch)
        assert (night(), len(asked)) == (0, 1)
        assert Payment.objects.filter(compare_at__gt=timezone.now() + timedelta(minutes=59)).count() == 1

    def test_is_not_kept_by_one_payments_trouble(self, monkeypatch):
        bad, good = paid(), paid()
        look_up = TestGateway.look_up

        def breaks(self, *, reference, key, since=None):
            if reference == bad.gateway_reference:
                raise ValueError("a gateway nobody foresaw")
            return look_up(self, reference=reference, key=key, since=since)

        monkeypatch.setattr(TestGateway, "look_up", breaks)
        assert (night(), comparison.compare_due(pause=0)) == (1, 0)
        good.refresh_from_db()
        assert good.compare_at > timezone.now()

    def test_believes_no_word_that_is_older_than_what_we_heard_meanwhile(self, monkeypatch):
        payment = paid()
        look_up = TestGateway.look_up

        def overtaken(self, *, reference, key, since=None):
            said = look_up(self, reference=reference, key=key, since=since)
            monkeypatch.undo()
            refunds.refund_order(payment.order_id, amount=1000, reason="Late", request_key="staff")
            return said

        monkeypatch.setattr(TestGateway, "look_up", overtaken)
        night()
        assert told() == []

    def test_ends_when_its_time_is_over(self):
        paid()
        Payment.objects.update(compare_at=timezone.now() - timedelta(seconds=1))
        assert comparison.compare_due(seconds=0, pause=0) == 0


class TestWhatIsNotCompared:
    def test_what_waits_for_an_answer(self, monkeypatch):
        paid("tok_threeDSecureRequired")
        asked = _silence(monkeypatch)
        night()
        assert asked == []

    def test_what_a_person_has_in_review(self, monkeypatch):
        in_review(make_order(), TOTAL + 100)
        asked = _silence(monkeypatch)
        night()
        assert (asked, told()) == ([], [])

    def test_what_staff_settled_as_not_ours(self):
        review.settle_as_not_ours(in_review(make_order(), TOTAL + 100).pk, by=WHO)
        night()
        assert told() == []


NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_the_night_is_the_shops_own(settings):
    settings.TIME_ZONE = "America/New_York"
    with timezone.override("America/New_York"):
        assert nights.next_night(NOW) == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "status", "wait"),
    [
        (1, PaymentStatus.CAPTURED, 1),
        (6, PaymentStatus.DECLINED, 1),
        (8, PaymentStatus.CAPTURED, 7),
        (8, PaymentStatus.DECLINED, None),
        (100, PaymentStatus.REVIEW, 1),
        (181, PaymentStatus.CAPTURED, None),
    ],
)
def test_a_payment_is_compared_every_night_then_every_week_then_no_more(days, status, wait):
    payment = Payment(status=status, created_at=NOW - timedelta(days=days), captured_amount=100)
    at = nights.next_comparison(payment, NOW)
    assert at == (datetime(2026, 11, 24, 3, 0, tzinfo=UTC) + timedelta(days=wait) if wait else None)


def test_a_payment_that_is_all_paid_back_is_closed():
    payment = Payment(status="captured", captured_amount=5, refunded_amount=5, created_at=NOW - timedelta(days=8))
    assert nights.next_comparison(payment, NOW) is None


def test_any_word_about_a_payment_makes_it_due_the_next_night():
    payment = paid()
    Payment.objects.update(compare_at=None)
    payments.apply_result(
        payment.pk, TestGateway().look_up(reference=payment.gateway_reference, key=""), heard_from="webhook"
    )
    payment.refresh_from_db()
    assert payment.compare_at is not None
