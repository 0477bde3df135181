"""Buyers who begin to pay at the same moment are promised exactly the pieces there are, and a repeat is one order."""

import pytest

from checkouts import intents
from checkouts.intents import Item
from common.errors import ErrorCode
from orders.models import Order
from payments.models import TestCharge
from tests.checkouts.shopping import shelf
from tests.factories import LARGE_BLUE_ID, MEDIUM_BLUE_ID
from tests.races.crowd import tally, together

pytestmark = pytest.mark.usefixtures("ten_shirts")


def begin(number: int, *items: Item, request_id: str = "") -> intents.Intent:
    return intents.begin(items, currency="EUR", buyer=f"supabase:{number}", email="", request_id=request_id)


def test_sixteen_buyers_of_two_lines_each_and_ten_pieces_hold_exactly_ten():
    lines = (Item(MEDIUM_BLUE_ID, 1), Item(MEDIUM_BLUE_ID, 1))
    assert tally(together(16, lambda number: begin(number, *lines))) == {"done": 5, ErrorCode.SOLD_OUT: 11}
    assert shelf() == (10, 10)
    assert Order.objects.count() == TestCharge.objects.count() == 5


def test_carts_in_opposite_order_never_wait_for_each_other():
    ways = [(MEDIUM_BLUE_ID, LARGE_BLUE_ID), (LARGE_BLUE_ID, MEDIUM_BLUE_ID)]
    answers = together(8, lambda number: begin(number, *(Item(variant_id, 1) for variant_id in ways[number % 2])))
    assert tally(answers) == {"done": 8}


def test_one_request_eight_times_at_once_is_one_order_and_one_secret():
    answers = together(8, lambda _: begin(1, Item(MEDIUM_BLUE_ID, 1), request_id="one"))
    assert len({answer.client_secret for answer in answers}) == 1
    assert (Order.objects.count(), TestCharge.objects.count(), shelf()) == (1, 1, (10, 1))
