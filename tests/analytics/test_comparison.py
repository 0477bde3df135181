"""Mailed people against the control group, from the rows: both groups by one rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from analytics import comparison
from analytics.comparison import Comparison
from analytics.definitions import COMPARE_WINDOW, Period
from analytics.lift import Group, Verdict
from carts.models import Cart, Door
from carts.states import CartStatus
from payments.models import Payment
from recovery.models import Enrolment, Step
from tests.analytics.builders import DAY as THAT_DAY
from tests.analytics.builders import days_later
from tests.analytics.mails import DAY, HOUR, SENT_AT, accept_order, buy, enrol, make_cart, make_step, send

pytestmark = pytest.mark.django_db
PERIOD = Period(THAT_DAY, days_later(30))
LONG_AFTER = SENT_AT + 100 * DAY
BOTH = pytest.mark.parametrize("is_held_out", [False, True], ids=["mailed", "held out"])


@pytest.fixture
def step() -> Step:
    return make_step()


def compare(
    step: Step, moment: datetime = SENT_AT, *, is_held_out: bool = False, share: int = 10, email: str = ""
) -> Enrolment:
    """Somebody who entered at `moment`."""
    cart = make_cart(moment, email=email)
    return enrol(cart, step, is_held_out=is_held_out, drawn_percent=share, compared_at=moment)


def counted(now: datetime = LONG_AFTER, period: Period = PERIOD) -> Comparison:
    return comparison.count(period, now=now)


def group(is_held_out: bool, now: datetime = LONG_AFTER) -> Group:
    found = counted(now)
    return found.held_out if is_held_out else found.mailed


@BOTH
class TestWhoBought:
    def test_the_cart_they_were_written_about(self, step, is_held_out):
        one = compare(step, is_held_out=is_held_out)
        compare(step, is_held_out=is_held_out)
        buy(one.cart, SENT_AT + DAY)
        assert group(is_held_out) == Group(2, 1)
        assert group(not is_held_out) == Group(0, 0)

    def test_another_cart_under_the_same_address(self, step, is_held_out):
        one = compare(step, is_held_out=is_held_out, email="Ada@example.com")
        accept_order("ada@EXAMPLE.com", SENT_AT + DAY, cart=make_cart(email="ada@example.com"))
        assert group(is_held_out) == Group(1, 1)
        assert Enrolment.objects.get() == one

    def test_their_cart_under_another_address(self, step, is_held_out):
        one = compare(step, is_held_out=is_held_out)
        accept_order("somebody@example.com", SENT_AT + DAY, cart=one.cart)
        assert group(is_held_out) == Group(1, 1)

    def test_a_cart_whose_store_said_so(self, step, is_held_out):
        one = compare(step, is_held_out=is_held_out)
        Cart.objects.update(door=Door.TRACKER, status=CartStatus.RECOVERED, bought_at=SENT_AT + DAY)
        assert list(comparison.who_bought(Enrolment.objects.all())) == [one]
        assert group(is_held_out) == Group(1, 1)

    def test_one_who_bought_twice_is_one_buyer(self, step, is_held_out):
        one = compare(step, is_held_out=is_held_out)
        buy(one.cart, SENT_AT + DAY)
        accept_order(one.cart.email, SENT_AT + 2 * DAY)
        assert group(is_held_out) == Group(1, 1)

    @pytest.mark.parametrize(
        ("after", "buyers"),
        [
            (-timedelta(microseconds=1), 0),
            (timedelta(0), 1),
            (COMPARE_WINDOW - timedelta(microseconds=1), 1),
            (COMPARE_WINDOW, 0),
        ],
    )
    def test_within_their_time_and_no_other(self, step, is_held_out, after, buyers):
        one = compare(step, is_held_out=is_held_out)
        buy(one.cart, SENT_AT + after)
        assert group(is_held_out) == Group(1, buyers)

    def test_only_people_whose_time_is_over_count(self, step, is_held_out):
        buy(compare(step, is_held_out=is_held_out).cart, SENT_AT + HOUR)
        before = SENT_AT + COMPARE_WINDOW - timedelta(microseconds=1)
        assert (group(is_held_out, before), counted(before).waiting) == (Group(0, 0), 1)
        after = SENT_AT + COMPARE_WINDOW
        assert (group(is_held_out, after), counted(after).waiting) == (Group(1, 1), 0)

    def test_whatever_they_got(self, step, is_held_out):
        """Intention to treat: a held out person who was mailed by mistake is held out, a mailed one without a mail is
        mailed."""
        one = compare(step, is_held_out=is_held_out)
        if is_held_out:
            send(one.cart, step)
        buy(one.cart, SENT_AT + DAY)
        assert group(is_held_out) == Group(1, 1)


def test_people_count_on_the_day_they_entered(step):
    compare(step)
    assert counted(period=Period(days_later(1), days_later(9))).mailed == Group(0, 0)


def test_who_never_entered_is_not_compared(step):
    enrol(make_cart(), step, drawn_percent=10)
    assert counted().mailed == Group(0, 0)


class TestMoney:
    def paid(self) -> dict[str, tuple[int, int]]:
        return {each.currency: (each.mailed, each.held_out) for each in counted().money}

    def test_of_each_group_and_currency_net_of_what_went_back(self, step):
        mailed, held = compare(step), compare(step, is_held_out=True)
        buy(mailed.cart, SENT_AT + DAY, amount=1000)
        accept_order(mailed.cart.email, SENT_AT + DAY, amount=300, currency="EUR")
        order = buy(held.cart, SENT_AT + DAY, amount=900)
        Payment.objects.filter(order=order).update(refunded_amount=200)
        accept_order(held.cart.email, SENT_AT + COMPARE_WINDOW, amount=5)  # too late
        assert self.paid() == {"USD": (1000, 700), "EUR": (300, 0)}

    def test_an_order_under_their_address_and_of_their_cart_counts_once(self, step):
        buy(compare(step).cart, SENT_AT + DAY, amount=1000)
        assert self.paid() == {"USD": (1000, 0)}

    def test_who_paid_twice_is_one_person_with_the_sum(self, step):
        one = compare(step)
        for days in (1, 2):
            accept_order(one.cart.email, SENT_AT + days * DAY, amount=400)
        compare(step, is_held_out=True)
        (found,) = counted().money
        assert found.difference is not None
        assert found.difference.value == 800


def fill(step: Step, *, people: int, buyers: Iterable[int], is_held_out: bool, share: int = 10) -> None:
    bought = set(buyers)
    for number in range(people):
        one = compare(step, is_held_out=is_held_out, share=share)
        if number in bought:
            buy(one.cart, SENT_AT + DAY)


def test_the_difference_and_what_may_be_said_of_it(step, monkeypatch):
    monkeypatch.setattr("analytics.lift.LEAST_PEOPLE", 20)
    assert (counted().verdict, counted().difference) == (Verdict.NO_CONTROL, None)
    fill(step, people=40, buyers=range(30), is_held_out=False)
    assert counted().verdict == Verdict.NO_CONTROL
    fill(step, people=19, buyers=range(2), is_held_out=True)
    assert counted().verdict == Verdict.TOO_FEW
    fill(step, people=1, buyers=range(0), is_held_out=True)
    found = counted()
    assert found.verdict == Verdict.MORE
    assert found.difference is not None
    assert found.difference.value == pytest.approx(30 / 40 - 2 / 20)
    assert found.extra is not None
    assert found.extra.value == pytest.approx(26)


def test_people_drawn_at_another_share_are_compared_among_themselves(step):
    fill(step, people=30, buyers=range(3), is_held_out=False, share=10)
    fill(step, people=10, buyers=range(1), is_held_out=True, share=10)
    fill(step, people=10, buyers=range(8), is_held_out=False, share=50)
    fill(step, people=10, buyers=range(8), is_held_out=True, share=50)
    found = counted()
    assert (found.mailed, found.held_out) == (Group(40, 11), Group(20, 9))
    assert found.difference is not None
    assert found.difference.value == pytest.approx(0)


@pytest.mark.parametrize("people", [2, 20])
def test_it_costs_as_many_queries_for_many_people_as_for_few(people, step, django_assert_num_queries):
    fill(step, people=people, buyers=range(people), is_held_out=False)
    fill(step, people=people, buyers=range(1), is_held_out=True)
    with django_assert_num_queries(7):
        counted()
