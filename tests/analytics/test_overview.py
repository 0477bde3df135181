"""A period beside the one before it: days that are not over stand beside the same part of earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from analytics import changes, counting, daily, overview
from analytics.definitions import Period
from checkouts.models import Checkout
from tests.analytics.mails import DAY, accept_order, enrol, make_cart, make_step, send

pytestmark = pytest.mark.django_db
NOON = "2026-03-18T12:00:00+00:00"
TODAY = date(2026, 3, 18)
MINUTE = timedelta(minutes=1)


def sell(moment: datetime) -> None:
    accept_order("ada@example.com", moment, amount=1000)


def begin_checkout(moment: datetime) -> None:
    Checkout.objects.create(cart=make_cart(moment), status="expired", created_at=moment, expires_at=moment)


def mail(moment: datetime) -> None:
    send(make_cart(moment), make_step(), moment)


def leave(moment: datetime) -> None:
    make_cart(moment, first_abandoned_at=moment, abandoned_at=moment, abandoned_amount=1000)


def sales_before(period: Period) -> int:
    return overview.of(daily.SALES, period, changes.noted()).count("orders", was=True)


def checkouts_before(period: Period) -> int:
    return overview.of(daily.CHECKOUTS, period, changes.noted()).count("begun", was=True)


def mails_before(period: Period) -> int:
    return overview.of(daily.MAILS, period, changes.noted()).count("sent", was=True)


def carts_before(period: Period) -> int:
    return overview.abandonment(period).all_currencies(was=True).abandoned


@pytest.fixture(autouse=True)
def noon(time_machine) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.mark.parametrize("days", [1, 7, 30, 90])
@pytest.mark.parametrize("is_kept", [False, True], ids=["counted", "kept"])
@pytest.mark.parametrize(
    ("happen", "before"),
    [(sell, sales_before), (begin_checkout, checkouts_before), (mail, mails_before), (leave, carts_before)],
    ids=["sales", "checkouts", "mails", "carts"],
)
def test_the_last_days_are_compared_with_as_many_up_to_the_same_time_of_day(
    happen: Callable[[datetime], None], before: Callable[[Period], int], days: int, is_kept: bool
):
    same_time = timezone.now() - days * DAY
    for moment in (same_time - MINUTE, same_time, same_time + 8 * 60 * MINUTE):
        happen(moment)
    happen(same_time - (days - 1) * DAY - MINUTE)
    if is_kept:
        counting.count_closed_days()
    assert before(Period(TODAY - timedelta(days=days - 1), TODAY)) == 2


def test_days_that_are_over_are_compared_with_whole_ones():
    yesterday = TODAY - timedelta(days=1)
    sell(timezone.now() - 2 * DAY + 11 * 60 * MINUTE)
    assert sales_before(Period(yesterday, yesterday)) == 1


def test_days_that_have_hardly_begun_are_compared_with_the_beginning_of_those_before():
    sell(timezone.now() - 10 * DAY - MINUTE)
    sell(timezone.now() - 10 * DAY)
    sell(timezone.now() - 2 * DAY)
    assert sales_before(Period(TODAY, TODAY + timedelta(days=9))) == 1


def test_the_time_of_day_is_the_shops_also_where_clocks_have_changed(settings):
    settings.TIME_ZONE = "America/New_York"  # 8:00 there, on the 8th in summer time and on the 7th in winter time
    sell(timezone.now() - 11 * DAY + 59 * MINUTE)
    sell(timezone.now() - 11 * DAY + 60 * MINUTE)
    assert sales_before(Period(date(2026, 3, 8), TODAY)) == 1


def test_a_part_of_a_day_whose_rows_are_removed_stays_the_whole_one(settings):
    begin_checkout(timezone.now() - 7 * DAY + MINUTE)
    counting.count_closed_days()
    settings.PERSONAL_DATA_RETENTION_DAYS = 5
    Checkout.objects.all().delete()
    assert checkouts_before(Period(TODAY - timedelta(days=6), TODAY)) == 1


def test_people_are_compared_in_the_same_part_too():
    same_time = timezone.now() - 30 * DAY
    for moment in (same_time - MINUTE, same_time):
        enrol(make_cart(moment), make_step(), drawn_percent=25, compared_at=moment)
    found = overview.of(daily.PEOPLE, Period(TODAY - timedelta(days=29), TODAY), changes.noted())
    assert found.count("people", was=True) == 1
