"""Figures that are kept by day: whatever becomes of a record later is seen at once, and after the next count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from analytics import changes, checking, counting, daily, kept
from analytics.definitions import COMPARE_WINDOW, Period
from analytics.models import KeptDay, KeptFigure
from carts import services as carts
from carts import tracked
from carts.models import Cart, Door
from carts.states import CartStatus
from checkouts import again
from checkouts import services as checkouts
from checkouts.models import Checkout
from common.models import ChangedRecord
from orders.models import Order
from payments import refunds
from payments import services as payments
from payments.gateways.base import Outcome
from payments.models import Payment
from recovery import coming_back
from recovery.models import Message
from recovery.states import Outcome as Sent
from tests.analytics.builders import DAY, at, days_later
from tests.analytics.mails import HOUR, accept_order, ask_back, buy, enrol, make_cart, make_step, pay, press, send
from tests.analytics.test_checking import Shop
from tests.checkouts.shopping import checkout_of, ready_session
from tests.checkouts.shopping import pay as pay_checkout
from tests.factories import demo_shop
from tests.payments.builders import make_order, said

pytestmark = pytest.mark.django_db
NEXT_DAY = at(days_later(1))
PERIOD = Period(DAY, DAY)


@pytest.fixture(autouse=True)
def _two_months_later(time_machine):
    """So that the night job looks at these days."""
    time_machine.move_to(at(days_later(60)), tick=False)


def of_day(kind: kept.Kind, day=DAY) -> dict[kept.Key, int]:
    return {key: value for key, value in kept.by_day(kind, day, day, changes.noted())[day].items() if value}


def seen_at_once_and_after_the_next_count(kind: kept.Kind, expected: dict[kept.Key, int]) -> None:
    assert of_day(kind) == expected
    counting.count_closed_days()
    assert not ChangedRecord.objects.exists()
    assert of_day(kind) == expected
    assert KeptDay.objects.filter(kind=kind.name, day=DAY).exists()
    assert checking.check_kept_figures() == 0
    assert counting.check_kept(kind) == 0


class TestSales:
    def test_are_counted_by_currency_net_of_what_goes_back(self):
        order = accept_order("ada@example.com", at(), amount=5000)
        ask_back(order.payments.get(), 1200)
        accept_order("ben@example.com", at(), amount=700, currency="EUR")
        seen_at_once_and_after_the_next_count(
            daily.SALES,
            {
                ("orders", "", "USD"): 1,
                ("orders", "", "EUR"): 1,
                ("revenue", "", "USD"): 3800,
                ("revenue", "", "EUR"): 700,
            },
        )

    def test_of_a_closed_day_are_answered_without_looking_at_its_orders(self):
        accept_order("ada@example.com", at())
        counting.count_closed_days()
        Order.objects.update(accepted_at=at(days_later(5)))  # past every verb: nobody noted it
        assert of_day(daily.SALES)["orders", "", "USD"] == 1
        assert counting.check_counted_days() == 2  # where it is no longer, and where it is now
        assert of_day(daily.SALES) == {}

    def test_a_day_is_the_shops_own_also_where_the_clocks_change(self, settings):
        settings.TIME_ZONE = "America/New_York"
        accept_order("ada@example.com", datetime(2024, 3, 11, 3, 59, tzinfo=UTC))  # 23:59 of a day of 23 hours
        accept_order("ada@example.com", datetime(2024, 3, 11, 4, 0, tzinfo=UTC))
        counting.count_closed_days()
        days = [datetime(2024, 3, day, tzinfo=UTC).date() for day in (10, 11)]
        assert [of_day(daily.SALES, day)["orders", "", "USD"] for day in days] == [1, 1]

    def test_the_open_day_and_the_hour_after_it_are_never_kept(self, time_machine):
        time_machine.move_to(at(days_later(1), 0) + timedelta(minutes=59), tick=False)
        accept_order("ada@example.com", at())
        counting.count_closed_days()
        assert not KeptDay.objects.exists()
        time_machine.move_to(at(days_later(1), 1), tick=False)
        counting.count_closed_days()
        assert KeptDay.objects.filter(kind="sales", day=DAY).exists()


class TestWhatBecomesOfAnOrderLater:
    @pytest.fixture
    def order(self, time_machine) -> Order:
        time_machine.move_to(at(), tick=False)
        demo_shop()
        order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
        time_machine.move_to(NEXT_DAY, tick=False)
        counting.count_closed_days()
        assert of_day(daily.SALES) == {("orders", "", "USD"): 1, ("revenue", "", "USD"): order.total_amount}
        return order

    def test_a_refund_in_part_counts_on_the_day_of_the_order(self, order):
        refunds.refund_order(order.pk, amount=1000, reason="A scratch", request_key="1")
        left = order.total_amount - 1000
        seen_at_once_and_after_the_next_count(daily.SALES, {("orders", "", "USD"): 1, ("revenue", "", "USD"): left})

    def test_a_refund_that_is_only_written_counts_already(self, order):
        refunds.write(order.pk, amount=1000, reason="A scratch", request_key="1", created_by="")
        left = order.total_amount - 1000
        seen_at_once_and_after_the_next_count(daily.SALES, {("orders", "", "USD"): 1, ("revenue", "", "USD"): left})

    def test_a_second_payment_that_comes_late_is_no_revenue(self, order):
        second = Payment.objects.create(
            order=order,
            provider="stripe",
            gateway="test",
            idempotency_key="2",
            currency="USD",
            amount=order.total_amount,
        )
        payments.apply_result(second.pk, said(Outcome.CAPTURED, captured=order.total_amount), heard_from="webhook")
        seen_at_once_and_after_the_next_count(
            daily.SALES, {("orders", "", "USD"): 1, ("revenue", "", "USD"): order.total_amount}
        )

    def test_nothing_is_noted_where_nothing_changes(self, order):
        payment = order.payments.get()
        result = said(Outcome.CAPTURED, captured=order.total_amount)
        payments.apply_result(payment.pk, result, heard_from="webhook")
        assert not ChangedRecord.objects.exists()


def test_a_fresh_purchase_notes_nothing(shop_of_shirts):
    pay_checkout(ready_session())
    assert not ChangedRecord.objects.exists()


@pytest.fixture
def shop_of_shirts(db):
    return demo_shop()


class TestCheckouts:
    @pytest.fixture
    def begun(self, time_machine, shop_of_shirts):
        """One was begun and left, its time is over, its day is counted."""
        time_machine.move_to(at(), tick=False)
        session = ready_session()
        time_machine.move_to(NEXT_DAY, tick=False)
        checkouts.expire_due()
        counting.count_closed_days()
        assert of_day(daily.CHECKOUTS) == {("begun", "", ""): 1, ("address", "", ""): 1, ("shipping", "", ""): 1}
        return session

    def test_a_reopened_one_that_is_bought_counts_on_its_day(self, begun):
        again.reopen(checkout_of(begun).pk)
        pay_checkout(begun)
        seen_at_once_and_after_the_next_count(daily.CHECKOUTS, {(name, "", ""): 1 for name in daily.STEPS})

    def test_the_day_of_one_under_way_is_not_kept(self, begun):
        again.reopen(checkout_of(begun).pk)
        counting.count_closed_days()
        assert not KeptDay.objects.filter(kind="checkouts", day=DAY).exists()
        pay_checkout(begun)
        seen_at_once_and_after_the_next_count(daily.CHECKOUTS, {(name, "", ""): 1 for name in daily.STEPS})

    def test_a_deleted_one_is_gone_from_its_day(self, begun):
        checkouts.delete(checkout_of(begun).pk)
        seen_at_once_and_after_the_next_count(daily.CHECKOUTS, {})

    def test_an_order_that_is_paid_late_counts_for_its_checkout(self, begun, time_machine):
        again.reopen(checkout_of(begun).pk)
        pay_checkout(begun, "tok_threeDSecureRequired")
        assert of_day(daily.CHECKOUTS)["placed", "", ""] == 1
        counting.count_closed_days()
        assert not KeptDay.objects.filter(kind="checkouts", day=DAY).exists()  # unpaid: nobody knows yet
        payment = Payment.objects.get()
        result = said(Outcome.CAPTURED, amount=payment.amount, captured=payment.amount)
        payments.apply_result(payment.pk, result, heard_from="webhook")
        seen_at_once_and_after_the_next_count(daily.CHECKOUTS, {(name, "", ""): 1 for name in daily.STEPS})


class TestMails:
    @pytest.fixture
    def mail(self, time_machine) -> Message:
        """Sent on a day that is counted."""
        time_machine.move_to(at(), tick=False)
        message = send(make_cart(door=Door.TRACKER), make_step(), at())
        time_machine.move_to(NEXT_DAY, tick=False)
        counting.count_closed_days()
        assert of_day(daily.MAILS) == self.of(message)
        return message

    def of(self, message: Message, **more: int) -> dict[kept.Key, int]:
        step = str(message.step_id)
        counts = {"considered": 1, "sent": 1, **more}
        return {(name, step, "USD" if "amounts" in name else ""): count for name, count in counts.items()}

    def test_a_purchase_within_its_time(self, mail):
        cart = mail.enrolment.cart
        accept_order(cart.email, timezone.now(), cart=cart, amount=2500)
        carts.mark_bought(cart.pk, now=timezone.now())
        seen_at_once_and_after_the_next_count(daily.MAILS, self.of(mail, assisted=1, assisted_amounts=2500))

    def test_a_purchase_its_store_tells_of(self, mail):
        tracked.mark(mail.enrolment.cart_id, CartStatus.RECOVERED, now=timezone.now())
        seen_at_once_and_after_the_next_count(daily.MAILS, self.of(mail, assisted=1))

    def test_a_press_of_its_button(self, mail):
        coming_back._press(mail.link)
        seen_at_once_and_after_the_next_count(daily.MAILS, self.of(mail, clicked=1))

    def test_money_that_goes_back_from_what_it_brought(self, mail):
        order = buy(mail.enrolment.cart, timezone.now(), amount=2500)
        counting.count_again(daily.MAILS, DAY, DAY)
        counting.count_closed_days()
        refunds.write(order.pk, amount=500, reason="", request_key="1", created_by="")
        seen_at_once_and_after_the_next_count(daily.MAILS, self.of(mail, assisted=1, assisted_amounts=2000))

    def test_its_cart_is_deleted_by_its_store(self, mail):
        cart = mail.enrolment.cart
        tracked.mark(cart.pk, CartStatus.RECOVERED, now=timezone.now())
        counting.count_closed_days()
        tracked.remove(cart.pk)
        seen_at_once_and_after_the_next_count(daily.MAILS, self.of(mail))

    def test_one_that_has_no_end_yet_keeps_its_day_open(self, mail):
        other = send(make_cart(), mail.step, at(), outcome=Sent.WAITING)
        counting.count_again(daily.MAILS, DAY, DAY)
        counting.count_closed_days()
        assert not KeptDay.objects.filter(kind="mails", day=DAY).exists()
        Message.objects.filter(pk=other.pk).update(outcome=Sent.SENT)
        step = str(mail.step_id)
        seen_at_once_and_after_the_next_count(daily.MAILS, {("considered", step, ""): 2, ("sent", step, ""): 2})


class TestPeople:
    def test_are_kept_when_their_time_is_over(self, time_machine):
        cart = make_cart()
        enrol(cart, make_step(), compared_at=at(), drawn_percent=10, is_held_out=True)
        time_machine.move_to(at() + COMPARE_WINDOW - HOUR, tick=False)
        counting.count_closed_days()
        assert of_day(daily.PEOPLE) == {}
        assert not KeptDay.objects.filter(kind="people").exists()
        buy(cart, timezone.now())
        time_machine.move_to(at() + COMPARE_WINDOW + 30 * HOUR, tick=False)
        seen_at_once_and_after_the_next_count(daily.PEOPLE, {("people", "10:1", ""): 1, ("buyers", "10:1", ""): 1})

    def test_who_bought_a_cart_that_is_deleted_since(self):
        cart = make_cart(door=Door.TRACKER)
        enrol(cart, make_step(), compared_at=at(), drawn_percent=10)
        Cart.objects.filter(pk=cart.pk).update(bought_at=at() + HOUR)
        counting.count_closed_days()
        assert of_day(daily.PEOPLE) == {("people", "10:0", ""): 1, ("buyers", "10:0", ""): 1}
        tracked.remove(cart.pk)
        seen_at_once_and_after_the_next_count(daily.PEOPLE, {("people", "10:0", ""): 1})


# --- against plain SQL ----------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happened_every_kept_figure_is_what_a_plain_count_says(seed, shop_of_shirts):
    shop = Shop(seed)
    shop.happen(carts=15)
    for token in ("tok_visa", "tok_threeDSecureRequired"):
        pay_checkout(ready_session(), token)
    ready_session()
    Checkout.objects.update(created_at=at())
    whole = Period(DAY, days_later(60))
    for _ in range(2):  # counted at the question, then kept
        assert [line for kind in daily.KINDS for line in checking.kept_differences(kind, whole)] == []
        counting.count_closed_days()
    assert {"sales", "mails", "people"} <= set(KeptDay.objects.values_list("kind", flat=True))


PLANTED = {
    "refunds are forgotten": ("analytics.daily.with_net", lambda orders: _gross(orders)),
    "orders count when they were made": ("analytics.daily._day_of", lambda moment: _another_day(moment)),
}


def _gross(orders):
    from django.db.models import F

    return Payment.objects.filter(order__in=orders, status="captured").annotate(net=F("captured_amount"))


def _another_day(moment: str):
    from django.db.models.functions import TruncMonth

    return TruncMonth(moment)


@pytest.mark.parametrize(("name", "instead"), PLANTED.values(), ids=PLANTED)
def test_a_fault_planted_in_the_figures_is_noticed(name, instead, monkeypatch):
    order = accept_order("ada@example.com", at(days_later(3)))
    pay(order, 500, surplus_amount=500)
    monkeypatch.setattr(name, instead)
    assert checking.kept_differences(daily.SALES, Period(days_later(2), days_later(5)))


def test_the_night_job_says_a_wrong_kept_figure_aloud_and_has_it_counted_anew(caplog, time_machine):
    time_machine.move_to(NEXT_DAY, tick=False)
    accept_order("ada@example.com", at())
    counting.count_closed_days()
    KeptFigure.objects.filter(name="revenue").update(value=7)
    assert checking.check_kept_figures() == 1
    assert "7 kept, 1000 counted" in caplog.text
    counting.count_closed_days()
    assert checking.check_kept_figures() == 0
    assert of_day(daily.SALES)["revenue", "", "USD"] == 1000


def test_days_whose_rows_are_removed_stay_as_they_were_kept(settings, time_machine):
    time_machine.move_to(NEXT_DAY, tick=False)
    message = send(make_cart(), make_step(), at())
    press(message, at())
    counting.count_closed_days()
    before = of_day(daily.MAILS)
    settings.PERSONAL_DATA_RETENTION_DAYS = 30
    time_machine.move_to(at(days_later(40)), tick=False)
    Cart.objects.all().delete()
    counting.count_closed_days()
    assert of_day(daily.MAILS) == before
    assert checking.check_kept_figures() == 0


@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize("kind", daily.KINDS, ids=lambda kind: kind.name)
def test_a_window_costs_as_many_queries_for_many_rows_and_days_as_for_few(count, kind, django_assert_max_num_queries):
    Shop(count).happen(carts=count)
    with django_assert_max_num_queries(14):
        kept.by_day(kind, DAY, days_later(60), changes.noted())
