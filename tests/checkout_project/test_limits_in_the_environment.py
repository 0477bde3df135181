"""A limit as it is written in the environment: so many in so long."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from checkout_project import env


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("100/min", (100, 60)),
        ("5/s", (5, 1)),
        ("5/sec", (5, 1)),
        ("20/hour", (20, 3600)),
        ("1000/day", (1000, 86_400)),
        (" 7 / min ", (7, 60)),
        ("", (100, 60)),
    ],
)
def test_it_is_read(monkeypatch, written, read):
    monkeypatch.setenv("SOME_LIMIT", written)
    assert env.rate("SOME_LIMIT", "100/min") == read


@pytest.mark.parametrize("wrong", ["100", "/min", "100/", "100/week", "0/min", "-1/min", "1.5/min", "²/min", "many"])
def test_what_is_none_stops_the_start_with_its_name(monkeypatch, wrong):
    monkeypatch.setenv("SOME_LIMIT", wrong)
    with pytest.raises(ImproperlyConfigured, match="SOME_LIMIT must look like 100/min"):
        env.rate("SOME_LIMIT", "100/min")
