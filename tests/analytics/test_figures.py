"""Figures are what the carts say, at every moment, whether a day is kept or counted live."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import counting, figures
from analytics.figures import Figures
from analytics.models import CountedDay, DayFigures
from carts import abandonment, tracked
from carts.models import Cart, CartItem, ChangedCohort, RemovedCohort
from carts.services import mark_bought
from carts.states import CartStatus
from checkouts import retention
from common.retention import cut_off
from tests.analytics.builders import DAY, at, days_later, left

pytestmark = pytest.mark.django_db


def of_day(day: date = DAY) -> Figures:
    return figures.by_day(day, day)[day].get("USD", Figures())


def test_every_day_of_the_window_is_there_in_order_zeros_too():
    left(at())
    found = figures.by_day(days_later(-2), days_later(2))
    assert list(found) == [days_later(n) for n in range(-2, 3)]
    assert [bool(by_currency) for by_currency in found.values()] == [False, False, True, False, False]


def test_the_abandoned_include_the_recovered_and_both_count_on_the_day_of_abandonment():
    left(at())
    mark_bought(left(at(), amount=2500).pk, now=at(days_later(3)))
    assert of_day() == Figures(2, 1, 3500, 2500)
    assert of_day(days_later(3)) == Figures()


def test_expired_carts_were_abandoned_too_and_carts_never_left_are_not_counted():
    left(at(), status=CartStatus.EXPIRED)
    Cart.objects.create(currency="USD", status=CartStatus.CONVERTED)
    assert of_day() == Figures(1, 0, 1000, 0)


def test_a_day_is_the_shops_own_also_where_the_clocks_change(settings):
    settings.TIME_ZONE = "America/New_York"
    left(datetime(2024, 1, 16, 4, 59, tzinfo=UTC))  # 23:59 of the 15th there
    left(datetime(2024, 1, 16, 5, 0, tzinfo=UTC))
    assert [of_day(day).abandoned for day in (DAY, days_later(1))] == [1, 1]
    spring = date(2024, 3, 10)  # 23 hours long
    left(datetime(2024, 3, 11, 3, 59, tzinfo=UTC))
    assert of_day(spring).abandoned == 1
    assert figures.start_of(spring + timedelta(days=1)) - figures.start_of(spring) == timedelta(hours=23)


def test_kept_days_answer_without_looking_at_their_carts(django_assert_num_queries):
    left(at())
    counting.count_closed_days()
    Cart.objects.update(abandoned_amount=7)  # past every verb: nobody noted it
    with django_assert_num_queries(3):
        assert of_day() == Figures(1, 0, 1000, 0)


@pytest.mark.parametrize("carts", [1, 30])
def test_a_window_costs_as_many_queries_for_many_carts_and_days_as_for_few(carts, django_assert_num_queries):
    for number in range(carts):
        left(at(days_later(number)))
    with django_assert_num_queries(3):
        figures.by_day(DAY, days_later(60))


class TestWhatHappensAfterADayWasCounted:
    @pytest.fixture
    def cart(self) -> Cart:
        cart = left(at())
        counting.count_closed_days()
        assert of_day() == Figures(1, 0, 1000, 0)
        return cart

    def seen_at_once_and_after_the_next_count(self, expected: Figures) -> None:
        assert of_day() == expected
        counting.count_closed_days()
        assert not ChangedCohort.objects.exists()
        assert of_day() == expected
        assert counting.check_counted_days() == 0

    def test_a_purchase(self, cart):
        mark_bought(cart.pk, now=timezone.now())
        mark_bought(cart.pk, now=timezone.now())
        self.seen_at_once_and_after_the_next_count(Figures(1, 1, 1000, 1000))

    def test_marked_by_its_store(self, cart):
        tracked.mark(cart.pk, CartStatus.RECOVERED, now=timezone.now())
        self.seen_at_once_and_after_the_next_count(Figures(1, 1, 1000, 1000))

    def test_deleted(self, cart):
        tracked.remove(cart.pk)
        self.seen_at_once_and_after_the_next_count(Figures())

    def test_found_abandoned_on_that_day_only_now_by_a_sweep_that_stood_still(self, cart, settings):
        late = Cart.objects.create(
            currency="USD", email="other@example.com", last_activity_at=at() - timedelta(minutes=30)
        )
        CartItem.objects.create(cart=late, name="Mug", unit_amount=500, quantity=1)
        settings.ABANDON_AFTER_SECONDS = 1800
        assert abandonment.mark_idle(now=timezone.now()) == 1
        self.seen_at_once_and_after_the_next_count(Figures(2, 0, 1500, 0))


def test_the_open_day_and_the_hour_after_it_are_never_kept(time_machine):
    time_machine.move_to(at(days_later(1), 0) + timedelta(minutes=59), tick=False)
    left(at())
    counting.count_closed_days()
    assert not CountedDay.objects.exists()
    time_machine.move_to(at(days_later(1), 1), tick=False)
    counting.count_closed_days()
    assert list(CountedDay.objects.values_list("day", flat=True)) == [DAY]


def test_counting_again_changes_nothing():
    left(at())
    left(at(), currency="EUR")
    counting.count_closed_days()
    before = list(DayFigures.objects.order_by("currency").values("day", "currency", "abandoned", "abandoned_amount"))
    assert counting.count_closed_days() == 0
    after = list(DayFigures.objects.order_by("currency").values("day", "currency", "abandoned", "abandoned_amount"))
    assert before == after
    assert len(after) == 2


def test_the_nightly_check_finds_says_and_mends_a_kept_day_that_is_wrong(caplog):
    left(at())
    counting.count_closed_days()
    DayFigures.objects.update(recovered=1)
    assert counting.check_counted_days() == 1
    assert "2024-01-15" in caplog.text
    assert of_day() == Figures(1, 0, 1000, 0)
    assert counting.check_counted_days() == 0


def test_a_day_that_has_lost_its_last_cart_is_mended_too():
    cart = left(at())
    counting.count_closed_days()
    Cart.objects.filter(pk=cart.pk).delete()
    assert counting.check_counted_days() == 1
    assert of_day() == Figures()


def forget() -> None:
    """Everything that is over, which is old here."""
    Cart.objects.exclude(status=CartStatus.ABANDONED).update(updated_at=at())
    while retention.anonymise(cut_off()) or retention.remove(cut_off()):
        pass


class TestCartsThatAreForgotten:
    @pytest.fixture
    def figures_of_the_day(self) -> Figures:
        """Of one bought, one given up and one still abandoned."""
        mark_bought(left(at(), amount=2500).pk, now=at())
        left(at(hour=13), status=CartStatus.EXPIRED)
        left(at(hour=23))
        left(at(), currency="EUR", status=CartStatus.EXPIRED)
        counting.count_closed_days()
        forget()
        assert Cart.objects.count() == 1
        return Figures(3, 1, 4500, 2500)

    def test_stay_in_the_figures_and_the_nightly_check_finds_no_fault(self, figures_of_the_day):
        assert of_day() == figures_of_the_day
        assert counting.check_counted_days() == 0
        assert figures.by_day(DAY, DAY)[DAY]["EUR"] == Figures(1, 0, 1000, 0)

    def test_also_where_the_kept_figures_were_lost(self, figures_of_the_day):
        CountedDay.objects.all().delete()
        assert of_day() == figures_of_the_day
        Cart.objects.all().delete()
        RemovedCohort.objects.exclude(currency="EUR").delete()
        counting.count_closed_days()
        assert figures.by_day(DAY, DAY)[DAY] == {"EUR": Figures(1, 0, 1000, 0)}
        assert CountedDay.objects.filter(day=DAY).exists()

    def test_also_where_another_of_that_day_is_bought_a_year_later(self, figures_of_the_day):
        mark_bought(Cart.objects.get().pk, now=timezone.now())
        for _ in range(2):
            assert of_day() == figures_of_the_day + Figures(0, 1, 0, 1000)
            counting.count_closed_days()
        assert counting.check_counted_days() == 0

    def test_and_a_kept_day_that_is_wrong_is_still_found(self, figures_of_the_day):
        DayFigures.objects.update(recovered=7)
        assert counting.check_counted_days() == 1
        assert of_day() == figures_of_the_day

    def test_in_the_shops_own_time_zone_whichever_that_becomes(self, settings):
        left(datetime(2024, 1, 16, 4, 59, tzinfo=UTC), status=CartStatus.EXPIRED)
        left(datetime(2024, 1, 16, 5, 0, tzinfo=UTC), status=CartStatus.EXPIRED)
        forget()
        settings.TIME_ZONE = "America/New_York"
        assert [of_day(day).abandoned for day in (DAY, days_later(1))] == [1, 1]


STEPS = st.lists(
    st.tuples(st.sampled_from(["leave", "buy", "delete", "count", "forget"]), st.integers(0, 3), st.integers(0, 10**6)),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_in_whatever_order_figures_are_a_plain_count_of_the_carts(steps):
    for model in (Cart, ChangedCohort, CountedDay, RemovedCohort):
        model.objects.all().delete()
    for verb, number, amount in steps:
        day = days_later(number)
        cart = Cart.objects.filter(first_abandoned_at=at(day)).exclude(status=CartStatus.RECOVERED).first()
        if verb == "leave":
            already = CountedDay.objects.filter(day=day).exists()
            if not already:  # later ones are noted by the sweep, tested above
                left(at(day), amount=amount)
        elif verb == "buy" and cart:
            mark_bought(cart.pk, now=timezone.now())
        elif verb == "delete" and cart:
            tracked.remove(cart.pk)
        elif verb == "count":
            counting.count_closed_days()
        days = figures.days_from(DAY, days_later(3))
        if verb == "forget":
            before = figures.by_day(days[0], days[-1])
            forget()
            assert figures.by_day(days[0], days[-1]) == before
        assert figures.by_day(days[0], days[-1]) == {day: figures.count(days).get(day, {}) for day in days}
