"""At most N in any stretch of time: exact at the limit, for threads and for processes."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection

from common import rates
from common.models import RateHit
from tests.races.crowd import is_postgres, together

TEN = (10, 60)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def admitted(count: int, who: str = "ada", rate: rates.Rate = TEN) -> int:
    return sum(rates.admit("test", who, rate) == 0 for _ in range(count))


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_the_limit_is_let_in_and_the_next_is_told_how_long_to_wait(self):
        with time_machine.travel(START, tick=False) as clock:
            assert admitted(10) == 10
            clock.shift(20)
            assert rates.admit("test", "ada", TEN) == 40.0

    def test_refused_ones_do_not_count(self):
        with time_machine.travel(START, tick=False) as clock:
            assert admitted(50) == 10
            clock.shift(60)
            assert admitted(50) == 10

    def test_there_is_no_full_minute_at_which_a_second_crowd_gets_in(self):
        """In any sixty seconds there are ten, wherever they begin."""
        with time_machine.travel(START, tick=False) as clock:
            assert admitted(1) == 1
            clock.shift(59)
            assert admitted(20) == 9
            clock.shift(1)
            assert admitted(20) == 1
            clock.shift(58.999)
            assert admitted(20) == 0
            clock.shift(0.001)
            assert admitted(20) == 9

    def test_each_is_counted_for_themselves_and_for_each_limit(self):
        assert admitted(20, "ada") == admitted(20, "ben") == 10
        assert rates.admit("another", "ada", TEN) == 0

    def test_a_lower_limit_holds_at_once(self):
        assert admitted(5) == 5
        assert admitted(5, rate=(5, 60)) == 0

    def test_whose_it_was_is_not_kept(self):
        rates.admit("test", "203.0.113.7", TEN)
        assert "203.0.113.7" not in str(RateHit.objects.values().get())

    def test_a_flood_is_refused_by_one_look_that_writes_nothing(self, django_assert_num_queries):
        admitted(10)
        with django_assert_num_queries(1):
            rates.admit("test", "ada", TEN)

    def test_what_no_longer_counts_is_removed(self):
        with time_machine.travel(START, tick=False) as clock:
            admitted(5)
            clock.shift(30)
            admitted(2)
            clock.shift(30)
            assert rates.purge(batch=2) == 5
            assert RateHit.objects.count() == 2
            assert admitted(20) == 8


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_of_forty_threads_ten_are_let_in(self):
        waits = together(40, lambda _: rates.admit("test", "ada", TEN))
        assert waits.count(0) == RateHit.objects.count() == 10

    @pytest.mark.postgres
    @pytest.mark.skipif(not is_postgres(), reason="SQLite's transactions take turns by themselves")
    def test_without_taking_turns_more_than_ten_would_be(self, monkeypatch):
        """The race is there: SQLite's transactions take turns anyway, PostgreSQL's only because they are asked to."""
        look = rates._wait

        def slow_look(*given):
            wait = look(*given)
            time.sleep(0.1)
            return wait

        monkeypatch.setattr(rates, "_wait", slow_look)
        monkeypatch.setattr(rates, "_one_at_a_time", lambda subject: None)
        waits = together(20, lambda _: rates.admit("test", "ada", TEN))
        assert waits.count(0) > 10

    def test_two_processes_count_together(self):
        processes = [another_process() for _ in range(2)]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        counts = [int(process.communicate()[0]) for process in processes]
        assert sum(counts) == 10


COUNT = """
import sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()
from common import rates
rates.admit("warm", "up", (10, 60))
print("ready", flush=True)
sys.stdin.readline()
print(sum(rates.admit("test", "ada", (10, 60)) == 0 for _ in range(20)))
"""


def another_process() -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COUNT, str(connection.settings_dict["NAME"])]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
