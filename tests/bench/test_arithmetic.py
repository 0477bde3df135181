"""The bench's own sums: a wrong one would make every published figure wrong."""

from __future__ import annotations

import pytest

from bench.cpu import spent_between, ticks_of
from bench.figures import Phase, Round, median_of, percentile
from bench.placement import place, read_rate


def a_round(placements: float | None = 300.0) -> Round:
    journeys = Phase(passes=50, seconds=5.0, web_cpu=2.0, worker_cpu=0.5)
    empties = Phase(passes=300, seconds=3.0, web_cpu=1.5)
    return Round(journeys, empties, placements)


def test_ratios_compare_what_one_pass_takes():
    assert a_round().time_ratio == pytest.approx(100 / 10)
    assert a_round().cpu_ratio == pytest.approx(0.040 / 0.005)
    assert a_round().sql_ratio == pytest.approx(300 / 10)


def test_the_workers_cpu_is_counted_apart():
    assert a_round().journeys.worker_cpu_each == pytest.approx(0.010)


def test_without_pgbench_its_ratio_is_unknown_and_not_zero():
    assert a_round(None).sql_ratio is None
    assert median_of([None, None]) is None
    assert median_of([None, 3.0, 1.0, 2.0]) == 2.0


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (95, 10), (100, 10), (1, 1)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, expected: float):
    assert percentile([7, 3, 1, 10, 5, 2, 9, 4, 8, 6], percent) == expected


def test_no_values_have_no_percentile():
    with pytest.raises(ValueError, match="No values"):
        percentile([], 50)


def test_cpu_is_read_behind_a_name_with_blanks_and_brackets():
    # As in proc(5): field 3 is the state, utime to cstime are fields 14 to 17.
    from_the_fourth = " ".join(str(field) for field in range(4, 53))
    assert ticks_of(f"12 (gran) ian 1 2) S {from_the_fourth}") == 14 + 15 + 16 + 17


def test_a_database_session_that_ended_never_makes_the_sum_smaller():
    assert spent_between({1: 9.0, 2: 1.0}, {2: 1.5, 3: 0.25}) == 0.75
    assert spent_between({1: 9.0}, {}) is None


def test_pgbenchs_rate_is_found_and_a_failure_is_told():
    assert read_rate("latency average = 3 ms\ntps = 1081.25 (without initial connection time)\n") == 1081.25
    with pytest.raises(RuntimeError, match="no such table"):
        read_rate("", "no such table")


def test_a_databases_place_never_shows_its_password():
    assert place("postgres://shop:secret@127.0.0.1:5432/bench") == "127.0.0.1:5432"
