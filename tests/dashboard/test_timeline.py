"""Timelines as such: newest first, a page at a time, nothing twice and nothing left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.timeline import Entry, Kind, assemble, read, written

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
KEYS = st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(1, 6))


def entry(minute: int, source: int, row: int) -> Entry:
    return Entry(NOON + timedelta(minutes=minute), source, row, Kind.SHOPPER, "It happened")


@given(st.sets(KEYS, max_size=40), st.integers(1, 7))
def test_leafing_through_shows_everything_once_and_in_order(keys, size):
    everything = [entry(*key) for key in keys]
    seen: list[Entry] = []
    before, older = None, "first"
    while older:
        page = assemble(everything, before=before, size=size)
        assert len(page.entries) <= size
        seen += page.entries
        older = page.older
        before = read(older)
    assert seen == sorted(everything, key=lambda one: one.key, reverse=True)


def test_a_page_that_holds_the_rest_leads_nowhere():
    assert assemble([entry(1, 1, 1)], before=None, size=1).older == ""


def test_where_a_page_begins_is_written_and_read():
    key = entry(3, 2, 1).key
    assert read(written(key)) == key


@pytest.mark.parametrize(
    "odd",
    ["", "~", "~~", "x~1~1", "2026-11-27T12:00:00~1~1", "2026-11-27T12:00:00+00:00~1", "2026-99-99T12:00:00+00:00~1~1"]
    + [
        "2026-11-27T12:00:00+00:00~x~1",
        "2026-11-27T12:00:00+00:00~1~²",
        f"2026-11-27T12:00:00+00:00~1~{'9' * 30}",
        "\x00",
    ],
)
def test_what_is_no_place_to_begin_is_the_newest_page(odd):
    assert read(odd) is None
