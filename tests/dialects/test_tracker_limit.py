"""So many requests a minute from one address, on the tracker API's paths and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from common.models import RateHit

pytestmark = pytest.mark.django_db
KEY = "your-secret-api-key"


@pytest.fixture(autouse=True)
def key(settings: Any) -> None:
    settings.API_KEY = KEY


def statuses(count: int, path: str = "/api/carts", *, api_key: str = KEY, **extra: Any) -> list[int]:
    client = Client(headers={"x-api-key": api_key})
    return [client.get(path, **extra).status_code for _ in range(count)]


def test_without_a_setting_the_hundred_and_first_within_a_minute_is_refused(settings):
    assert settings.API_RATE_LIMIT == (100, 60)
    assert statuses(101) == [200] * 100 + [429]


@pytest.fixture
def three_a_minute(settings: Any) -> None:
    settings.API_RATE_LIMIT = (3, 60)


@pytest.mark.usefixtures("three_a_minute")
class TestThreeAMinute:
    def test_the_refusal_is_the_apis_own_and_says_how_long_to_wait(self):
        with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
            statuses(3)
            clock.shift(18.5)
            answer = Client(headers={"x-api-key": KEY}).get("/api/carts")
            assert answer.status_code == 429
            assert answer["Retry-After"] == "42"
            assert answer.json()["success"] is False
            assert answer.json()["error"]["code"] == "RATE_LIMITED"
            clock.shift(int(answer["Retry-After"]))
            assert statuses(1) == [200]

    def test_a_key_that_is_no_good_counts(self):
        assert statuses(4, api_key="guessed") == [401, 401, 401, 429]
        assert statuses(1) == [429]

    def test_addresses_that_one_household_can_choose_from_are_one(self):
        assert [statuses(1, REMOTE_ADDR=f"2001:db8:1:2::{n}")[0] for n in range(4)] == [200, 200, 200, 429]
        assert statuses(1, REMOTE_ADDR="2001:db8:1:3::1") == [200]

    @pytest.mark.parametrize(
        "path", ["/api/carts/cart_1", "/api/carts/nothing/here", "/api/carts/", "/api/analytics/x"]
    )
    def test_every_path_of_the_api_counts_also_those_that_are_not_there(self, path):
        assert statuses(4, path)[-1] == 429
        assert statuses(1) == [429]

    def test_every_method_counts(self):
        client = Client(headers={"x-api-key": KEY})
        answers = [client.generic(method, "/api/carts").status_code for method in ("PUT", "OPTIONS", "HEAD", "TRACE")]
        assert answers == [405, 204, 200, 429]

    def test_each_address_has_its_own(self):
        assert statuses(3, REMOTE_ADDR="192.0.2.1") == [200] * 3
        assert statuses(4, REMOTE_ADDR="192.0.2.2") == [200] * 3 + [429]

    def test_an_address_that_is_only_claimed_does_not_help(self):
        answers = [statuses(1, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")[0] for number in range(4)]
        assert answers == [200, 200, 200, 429]

    def test_behind_a_trusted_proxy_each_of_its_clients_has_its_own(self, settings):
        settings.TRUSTED_PROXIES = ["127.0.0.1"]
        answers = [statuses(1, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")[0] for number in range(4)]
        assert answers == [200] * 4

    def test_another_key_from_the_same_address_counts_with_it(self):
        from accounts import keys
        from accounts.models import Scope

        _, secret = keys.create(name="Another shop", scope=Scope.TRACKER)
        statuses(3)
        assert statuses(1, api_key=secret) == [429]

    @pytest.mark.parametrize("path", ["/api/checkout", "/api/orders/1", "/api/cart", "/api/nothing", "/", "/healthz"])
    def test_other_paths_neither_count_nor_are_refused(self, path):
        client = Client()
        for _ in range(4):
            assert client.get(path).status_code != 429
        assert not RateHit.objects.exists()
        statuses(4)
        assert client.get(path).status_code != 429
