"""The same refusal at the same moment, of one cart: each is told, each is counted, and there are never too many."""

import pytest

from carts import refusals
from carts.models import Refusal
from checkouts import services
from common.errors import ErrorCode
from tests.checkouts.shopping import ready_session
from tests.races.crowd import tally, together

CLICKS = 8

pytestmark = pytest.mark.usefixtures("ten_shirts")


def test_the_same_code_many_times_at_once_is_one_row_that_counts_them():
    session = ready_session(pieces=1)
    answers = together(CLICKS, lambda _: services.apply_discount(session, "NOBODYS"))
    told = tally(answers)
    assert set(told) <= {ErrorCode.DISCOUNT_INVALID, ErrorCode.BUSY}
    assert Refusal.objects.get().times == told[ErrorCode.DISCOUNT_INVALID]


def test_many_codes_at_once_are_no_more_than_are_kept(monkeypatch):
    monkeypatch.setattr(refusals, "MOST", 3)
    session = ready_session(pieces=1)
    together(CLICKS, lambda number: services.apply_discount(session, f"GUESS{number}"))
    assert Refusal.objects.count() == refusals.MOST
