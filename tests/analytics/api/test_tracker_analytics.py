"""GET /api/analytics: the document's example and every rung of the ladder."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from analytics import counting, figures
from analytics.api.tracker import rate
from analytics.figures import Figures
from carts.states import CartStatus
from tests.analytics.builders import DAY, at, days_later, left

pytestmark = pytest.mark.django_db
KEY = "your-secret-api-key"
WINDOW = {"startDate": "2024-01-15", "endDate": "2024-01-15"}


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    settings.API_KEY = KEY


def ask(query: dict[str, str] | None = None, *, key: str | None = KEY, method: str = "get") -> Any:
    headers = {} if key is None else {"x-api-key": key}
    return getattr(APIClient(raise_request_exception=False), method)("/api/analytics", query or {}, headers=headers)


def data(query: dict[str, str] | None = None) -> Any:
    answer = ask(query)
    assert answer.status_code == 200, answer.content
    assert answer.json()["success"] is True
    return answer.json()["data"]


def refused(answer: Any, status: int, code: str) -> str:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body["success"] is False
    assert body["error"]["code"] == code
    return body["error"]["message"]


@pytest.mark.parametrize("counted_first", [True, False])
def test_the_documents_own_figures(counted_first):
    """150 abandoned, 45 of them recovered, 100.00 each."""
    for number in range(150):
        status = CartStatus.RECOVERED if number < 45 else CartStatus.ABANDONED
        left(at(days_later(number % 15)), amount=10000, status=status)
    if counted_first:
        counting.count_closed_days()
    found = data({"startDate": "2024-01-15", "endDate": "2024-01-29"})
    summary = found["summary"]
    assert {name: summary[name] for name in list(summary)[:5]} == {
        "totalAbandoned": 150,
        "totalRecovered": 45,
        "recoveryRate": 30.0,
        "totalAbandonedValue": 15000.00,
        "totalRecoveredValue": 4500.00,
    }
    assert found["dailyStats"][0] == {
        "date": "2024-01-15",
        "abandoned": 10,
        "recovered": 3,
        "abandonedValue": 1000.00,
        "recoveredValue": 300.00,
    }
    assert len(found["dailyStats"]) == 15


def test_a_shop_without_carts_has_zeros():
    found = data({"period": "7d"})
    assert found["summary"] == {
        "totalAbandoned": 0,
        "totalRecovered": 0,
        "recoveryRate": 0.0,
        "totalAbandonedValue": 0,
        "totalRecoveredValue": 0,
        "currency": "USD",
        "otherCurrencies": [],
    }
    assert [day["abandoned"] for day in found["dailyStats"]] == [0] * 7


@pytest.mark.parametrize(("period", "days"), [("7d", 7), ("30d", 30), ("90d", 90), (None, 30)])
def test_a_period_ends_today_and_holds_as_many_days_as_it_says(period, days):
    found = data({"period": period} if period else None)["dailyStats"]
    assert len(found) == days
    assert found[-1]["date"] == figures.today().isoformat()


def test_a_cart_of_this_moment_is_counted():
    left(at(figures.today()))
    assert data()["dailyStats"][-1]["abandoned"] == 1


def test_dates_win_over_a_period_and_one_alone_is_a_window_of_thirty_days():
    assert len(data({**WINDOW, "period": "90d"})["dailyStats"]) == 1
    alone = data({"endDate": "2024-01-15"})["dailyStats"]
    assert (len(alone), alone[-1]["date"]) == (30, "2024-01-15")
    start = (figures.today() - timedelta(days=4)).isoformat()
    assert len(data({"startDate": start})["dailyStats"]) == 5


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2024-01-15T10:30:00Z", "2024-01-15"),
        ("2024-01-15T23:30:00-05:00", "2024-01-16"),
        ("2024-01-15T23:30:00", None),
    ],
)
def test_a_moment_is_the_day_it_is_in_the_shops_time_zone(moment, day):
    found = data({"startDate": moment, "endDate": moment})["dailyStats"]
    assert [one["date"] for one in found] == [day or "2024-01-15"]


def test_amounts_of_other_currencies_stand_beside_the_shops_and_are_never_added_to_them():
    left(at(), amount=1000)
    left(at(), amount=500, currency="EUR", status=CartStatus.RECOVERED)
    left(at(), amount=700, currency="JPY")
    found = data(WINDOW)
    assert (found["summary"]["totalAbandoned"], found["summary"]["totalAbandonedValue"]) == (3, 10)
    assert found["summary"]["otherCurrencies"] == [
        {"currency": "EUR", "totalAbandonedValue": 5, "totalRecoveredValue": 5},
        {"currency": "JPY", "totalAbandonedValue": 700, "totalRecoveredValue": 0},
    ]
    assert found["dailyStats"][0]["abandonedValue"] == 10


@pytest.mark.parametrize(
    ("recovered", "abandoned", "expected"), [(45, 150, 30.0), (1, 3, 33.3), (2, 3, 66.7), (1, 8, 12.5), (0, 0, 0.0)]
)
def test_the_rate_is_per_cent_to_one_decimal(recovered, abandoned, expected):
    assert rate(Figures(abandoned=abandoned, recovered=recovered)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"period": "1y"},
        {"period": ""},
        {"startDate": "yesterday"},
        {"startDate": ""},
        {"endDate": "2024-02-30"},
        {"endDate": "2024-13-01"},
        {"startDate": "2024-01-16", "endDate": "2024-01-15"},
        {"startDate": "1990-01-01", "endDate": "2024-01-15"},
        {"startDate": "0001-01-01"},
        {"endDate": "9999-12-31"},
        {"startDate": "9" * 5000},
        {"startDate": "2024-01-15T99:00:00Z"},
        {"startDate": "0001-01-01T00:00:00+14:00"},
        {"startDate": "2024-01-15\x00"},
    ],
)
def test_a_window_that_makes_no_sense_is_a_bad_request(query):
    assert refused(ask(query), 400, "BAD_REQUEST")


def test_without_a_good_key_nothing_is_told(settings):
    assert refused(ask(key=None), 401, "UNAUTHORIZED")
    assert refused(ask(key="wrong"), 401, "UNAUTHORIZED")
    settings.API_KEY = ""
    assert refused(ask(), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_figures_are_read_only(method):
    answer = ask(method=method)
    assert refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert "GET" in answer["Allow"]


def test_its_calls_count_against_the_tracker_apis_limit(settings):
    settings.API_RATE_LIMIT = (2, 60)
    assert [ask().status_code for _ in range(3)] == [200, 200, 429]
    assert int(ask()["Retry-After"]) > 0


@pytest.mark.parametrize("days", [1, 90])
def test_a_long_window_costs_as_many_queries_as_a_short_one(days, django_assert_num_queries):
    for number in range(days):
        left(at(days_later(number)))
    counting.count_closed_days()
    query = {"startDate": DAY.isoformat(), "endDate": days_later(days - 1).isoformat()}
    ask(query)
    with django_assert_num_queries(9 if connection.vendor == "postgresql" else 8):  # it takes a lock to count calls
        data(query)
