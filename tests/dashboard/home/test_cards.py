"""How a figure of the home page is held against the one before it."""

from __future__ import annotations

import pytest

from dashboard.home import cards


@pytest.mark.parametrize(
    ("now", "was", "said"),
    [
        (0.43351, 0.44749, "\N{MINUS SIGN}1.3 points (before: 44.7 %)"),
        (0.44749, 0.43351, "+1.3 points (before: 43.4 %)"),
        (0.4340, 0.4344, "+0.0 points (before: 43.4 %)"),
        (None, 0.5, "(before: 50.0 %)"),
        (0.5, None, "none before"),
    ],
)
def test_points_are_the_difference_of_what_is_shown(now, was, said):
    assert cards._points(now, was) == said


def test_what_fell_has_the_minus_that_amounts_have():
    assert cards._than(1, 2, "2") == "\N{MINUS SIGN}50% (before: 2)"
