"""What is sent as good data is good, as far as a schema cannot say it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.openapi.calls import Call
from tests.openapi.fuzz import Shopper

WORKS = {"name": "Ada"}


def sent(body: Any) -> Any:
    """The body that goes out for a good example with this one."""
    good = SimpleNamespace(generation=SimpleNamespace(mode=SimpleNamespace(is_positive=True)))
    operation = SimpleNamespace(path="/api/carts")
    case: Any = SimpleNamespace(meta=good, operation=operation, path_parameters={}, body=body, cookies={})
    Shopper(Call("post", "/api/carts", WORKS))._make_plausible(case)
    return case.body


@pytest.mark.parametrize(
    "body", [{"x": {"cvvnumber": 417546}}, {"x": ["4111 1111 1111 1111"]}, {"4111111111111111": 1}]
)
def test_card_data_under_any_name_is_not_sent_as_good(body):
    assert sent(body) == WORKS


def test_a_number_of_more_than_64_bits_is_not_sent_as_good():
    assert sent({"x": 2**64}) == {"x": 0}


def test_anything_else_is_sent_as_it_was_made():
    assert sent({"x": 17, "y": [None, "z"]}) == {"x": 17, "y": [None, "z"]}
