"""What mails bring: which purchase is put down to which mail, and how much of its money stayed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from analytics import comparison, credits, cuts, plain
from analytics.credits import Results
from analytics.cuts import Cut
from analytics.definitions import ASSIST_WINDOW, Period
from carts.models import Cart, Door
from carts.states import CartStatus
from payments.models import Payment
from payments.states import PaymentStatus, RefundStatus
from recovery.models import Step
from recovery.states import Outcome
from tests.analytics.builders import DAY as THAT_DAY
from tests.analytics.builders import days_later
from tests.analytics.mails import DAY, HOUR, SENT_AT, ask_back, buy, make_cart, make_step, pay, press, send
from tests.factories import make_discount

pytestmark = pytest.mark.django_db
PERIOD = Period(THAT_DAY, days_later(30))


@pytest.fixture
def step() -> Step:
    return make_step()


@pytest.fixture
def cart() -> Cart:
    return make_cart()


def total(period: Period = PERIOD) -> Results:
    return cuts.whole(credits.count(period))


def bought(period: Period = PERIOD) -> tuple[int, int]:
    found = total(period)
    return found.direct, found.assisted


class TestDirectly:
    def test_bought_after_a_press_of_the_button(self, step, cart):
        press(send(cart, step), SENT_AT + HOUR)
        buy(cart, SENT_AT + 2 * HOUR, amount=2500)
        assert total() == Results(1, 1, 1, 1, 0, {"USD": 2500}, {})

    def test_a_press_without_a_purchase_is_only_a_press(self, step, cart):
        press(send(cart, step), SENT_AT + HOUR)
        assert total() == Results(1, 1, 1)

    def test_the_mail_pressed_last_before_the_purchase_counts_and_no_other(self, step, cart):
        second = make_step(sequence=step.sequence, delay=7200)
        press(send(cart, step), SENT_AT + 3 * HOUR)
        press(send(cart, second, SENT_AT + HOUR), SENT_AT + 2 * HOUR)
        buy(cart, SENT_AT + 4 * HOUR)
        found = {kind.step: results.direct for kind, results in credits.count(PERIOD).items()}
        assert found == {step.pk: 1, second.pk: 0}

    def test_many_presses_are_one_purchase(self, step, cart):
        message = send(cart, step)
        for hours in (1, 2, 3):
            press(message, SENT_AT + hours * HOUR)
        buy(cart, SENT_AT + 4 * HOUR)
        assert (total().clicked, bought()) == (1, (1, 0))

    def test_it_goes_before_assisted_by_a_later_mail(self, step, cart):
        second = make_step(sequence=step.sequence, delay=7200)
        press(send(cart, step), SENT_AT + HOUR)
        send(cart, second, SENT_AT + 2 * HOUR)
        buy(cart, SENT_AT + 3 * HOUR)
        assert bought() == (1, 0)

    def test_a_mail_nobody_knew_the_fate_of_had_arrived_when_its_button_was_pressed(self, step, cart):
        press(send(cart, step, outcome=Outcome.UNKNOWN), SENT_AT + HOUR)
        buy(cart, SENT_AT + 2 * HOUR)
        assert bought() == (1, 0)


class TestAssisted:
    def test_bought_soon_after_the_mail_without_the_link(self, step, cart):
        send(cart, step)
        buy(cart, SENT_AT + HOUR, amount=700)
        assert total() == Results(1, 1, 0, 0, 1, {}, {"USD": 700})

    @pytest.mark.parametrize(("after", "count"), [(ASSIST_WINDOW - timedelta(microseconds=1), 1), (ASSIST_WINDOW, 0)])
    def test_soon_is_within_the_window(self, step, cart, after, count):
        send(cart, step)
        buy(cart, SENT_AT + after)
        assert bought() == (0, count)

    def test_a_press_after_the_purchase_changes_nothing(self, step, cart):
        message = send(cart, step)
        buy(cart, SENT_AT + HOUR)
        press(message, SENT_AT + 2 * HOUR)
        assert bought() == (0, 1)

    def test_the_last_mail_before_the_purchase_counts_and_no_other(self, step, cart):
        second, third = (make_step(sequence=step.sequence, delay=delay) for delay in (7200, 9000))
        send(cart, step)
        send(cart, second, SENT_AT + HOUR)
        buy(cart, SENT_AT + 2 * HOUR)
        send(cart, third, SENT_AT + 3 * HOUR, outcome=Outcome.UNKNOWN)
        found = {kind.step: results.assisted for kind, results in credits.count(PERIOD).items()}
        assert found == {step.pk: 0, second.pk: 1, third.pk: 0}

    @pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.FAILED, Outcome.UNKNOWN])
    def test_only_mails_that_were_sent_help(self, step, cart, outcome):
        send(cart, step, outcome=outcome)
        buy(cart, SENT_AT + HOUR)
        assert bought() == (0, 0)

    def test_another_cart_of_the_same_person_is_none(self, step, cart):
        send(cart, step)
        buy(make_cart(email=cart.email), SENT_AT + HOUR)
        assert bought() == (0, 0)


class TestMoney:
    """Amounts are what was paid and stays."""

    @pytest.fixture
    def payment(self, step, cart) -> Payment:
        send(cart, step)
        return buy(cart, SENT_AT + HOUR, amount=1000).payments.get()

    def paid(self) -> dict[str, int]:
        return dict(total().assisted_amounts)

    def test_what_was_paid_back_is_gone(self, payment):
        Payment.objects.update(refunded_amount=300)
        assert self.paid() == {"USD": 700}

    @pytest.mark.parametrize(
        ("status", "left"), [(RefundStatus.ASKED, 600), (RefundStatus.UNKNOWN, 600), (RefundStatus.REFUSED, 1000)]
    )
    def test_so_is_what_is_on_its_way_back(self, payment, status, left):
        ask_back(payment, 400, status)
        assert self.paid() == {"USD": left}

    def test_all_paid_back_is_nothing_and_the_cart_still_bought(self, payment):
        Payment.objects.update(refunded_amount=1000)
        assert (bought(), self.paid()) == ((0, 1), {})

    def test_a_second_success_that_goes_back_is_none_and_a_refund_of_the_first_is_not_hidden_by_it(self, payment):
        pay(payment.order, 1000, surplus_amount=1000)
        Payment.objects.filter(pk=payment.pk).update(refunded_amount=300)
        assert self.paid() == {"USD": 700}

    def test_surplus_that_went_back_is_not_taken_off_twice(self, payment):
        Payment.objects.update(amount=1500, captured_amount=1500, surplus_amount=500, refunded_amount=500)
        assert self.paid() == {"USD": 1000}

    def test_surplus_that_is_yet_to_go_goes_beside_what_staff_pays_back(self, payment):
        Payment.objects.update(amount=1500, captured_amount=1500, surplus_amount=500)
        ask_back(payment, 300)
        assert self.paid() == {"USD": 700}
        ask_back(payment, 500, of="surplus")
        assert self.paid() == {"USD": 700}

    @pytest.mark.parametrize("status", [PaymentStatus.REVIEW, PaymentStatus.DECLINED, PaymentStatus.PROCESSING])
    def test_money_that_is_not_surely_ours_is_none(self, payment, status):
        Payment.objects.update(status=status)
        assert self.paid() == {}

    def test_currencies_are_never_added(self, step, payment):
        euros = make_cart(currency="EUR")
        send(euros, step)
        buy(euros, SENT_AT + HOUR, amount=50)
        assert self.paid() == {"USD": 1000, "EUR": 50}

    def test_a_purchase_another_store_told_of_counts_without_an_amount(self, step):
        told = make_cart(door=Door.TRACKER, abandoned_amount=9900)
        send(told, step)
        Cart.objects.filter(pk=told.pk).update(status=CartStatus.RECOVERED, bought_at=SENT_AT + HOUR)
        assert total() == Results(1, 1, 0, 0, 1)


class TestToldApart:
    def lines(self, by: Cut) -> dict[object, tuple[int, int]]:
        named = {"week": "week", "code": "code", "template": "language"}.get(by, by.value)
        found = cuts.cut(credits.count(PERIOD), by)
        return {getattr(kind, named): (results.considered, results.direct) for kind, results in found}

    @pytest.fixture(autouse=True)
    def mails(self, step) -> None:
        ten = make_discount("TEN", percent=10)
        self.step, self.other = step, make_step()
        for of_step, moment, language, discount in (
            (step, SENT_AT, "en", None),
            (step, SENT_AT, "de", ten),
            (self.other, SENT_AT + 7 * DAY, "en", make_discount("FIVE", off_amount=500)),
        ):
            cart = make_cart(moment)
            press(send(cart, of_step, moment, language=language, discount=discount), moment)
            buy(cart, moment + HOUR)
        send(make_cart(), step, outcome=Outcome.SKIPPED)

    def test_by_step(self):
        assert self.lines(Cut.STEP) == {self.step.pk: (3, 2), self.other.pk: (1, 1)}

    def test_by_template(self):
        found = cuts.cut(credits.count(PERIOD), Cut.TEMPLATE)
        counted = {(kind.step, kind.language): results.considered for kind, results in found}
        assert counted == {(self.step.pk, language): 1 for language in ("en", "de", "")} | {(self.other.pk, "en"): 1}

    def test_by_code(self):
        assert self.lines(Cut.CODE) == {"none": (2, 1), "1000": (1, 1), "fixed": (1, 1)}
        assert [credits.named(code) for code in ("1000", "1250", "fixed", "none")] == [
            *("10 % off", "12.5 % off", "An amount off", "No code")
        ]

    def test_by_week_of_the_shops_own_time(self, settings):
        assert self.lines(Cut.WEEK) == {date(2024, 1, 15): (3, 2), date(2024, 1, 22): (1, 1)}
        settings.TIME_ZONE = "Pacific/Honolulu"
        send(make_cart(), self.step, SENT_AT - 4 * HOUR)  # still Sunday there
        assert date(2024, 1, 8) in {kind.week for kind in credits.count(Period(days_later(-2), days_later(9)))}

    def test_by_sequence(self):
        assert self.lines(Cut.SEQUENCE) == {self.step.sequence_id: (3, 2), self.other.sequence_id: (1, 1)}

    def test_whatever_they_are_told_apart_by_they_add_up_to_the_same(self):
        found = credits.count(PERIOD)
        for by in Cut:
            assert sum((results for _, results in cuts.cut(found, by)), start=Results()) == cuts.whole(found)


def test_a_mail_counts_on_the_day_it_was_decided_on_and_so_does_what_came_of_it(step, cart):
    press(send(cart, step), SENT_AT + HOUR)
    buy(cart, SENT_AT + 3 * DAY)
    assert bought(Period(THAT_DAY, THAT_DAY)) == (1, 0)
    assert total(Period(days_later(1), days_later(9))) == Results()


@pytest.mark.parametrize("mails", [1, 20])
def test_figures_cost_five_queries_for_many_mails_as_for_few(mails, step, django_assert_num_queries):
    for _ in range(mails):
        cart = make_cart()
        press(send(cart, step), SENT_AT + HOUR)
        buy(cart, SENT_AT + 2 * HOUR)
    with django_assert_num_queries(5):
        assert total().direct == mails


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by what is in the tables: here, nothing")
@pytest.mark.parametrize(
    ("rows", "by"),
    [
        (credits.direct(credits.decided_in(PERIOD)), {"message_by_time"}),
        (credits.assisted(credits.decided_in(PERIOD)), {"message_by_time"}),
        (comparison.who_bought(comparison.compared_in(PERIOD)), {"enrolment_compared_by_time", "order_by_person"}),
    ],
    ids=["direct", "assisted", "who bought"],
)
def test_rows_are_found_by_time_and_cart_and_no_table_is_read_through(rows, by):
    plan = rows.order_by().explain()
    assert {name for name in by if name in plan} == by
    assert "SCAN" not in plan
    assert "message_by_outcome" not in plan


def test_the_plain_count_knows_nothing_of_the_code_it_checks():
    assert not {name for name in vars(plain) if name in {"credits", "comparison", "net_amounts"}}
