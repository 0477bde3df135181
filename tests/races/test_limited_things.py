"""Pieces and codes there are too few of: exactly as many are given out as there are, and without the guards more."""

import pytest

from catalog import discounts, stock
from catalog.models import DiscountRedemption, Reservation
from common.errors import ErrorCode
from common.transactions import in_transaction
from orders.models import Order
from orders.states import OrderStatus
from payments.models import TestCharge
from tests.checkouts.shopping import pay, ready_sessions, shelf
from tests.factories import MEDIUM_BLUE_ID, make_discount
from tests.races.crowd import is_postgres, tally, together
from tests.races.without_locks import redeem_unguarded, take_stock_locks_away

SHOPPERS, PIECES, USERS_OF_A_CODE = 60, 10, 50


def sold() -> int:
    accepted = Order.objects.filter(status=OrderStatus.ACCEPTED)
    return sum(sum(line.quantity for line in order.lines.all()) for order in accepted.prefetch_related("lines"))


def race_for_shirts(shoppers: int, *, pieces: int = 1) -> dict:
    sessions = ready_sessions(shoppers, demand={MEDIUM_BLUE_ID: pieces})
    return tally(together(shoppers, lambda number: pay(sessions[number])))


@pytest.mark.usefixtures("ten_shirts")
class TestPieces:
    def test_sixty_shoppers_and_ten_pieces_sell_exactly_ten(self):
        answers = race_for_shirts(SHOPPERS)
        assert answers == {"done": PIECES, ErrorCode.SOLD_OUT: SHOPPERS - PIECES}
        assert (sold(), TestCharge.objects.count(), shelf()) == (PIECES, PIECES, (0, 0))
        assert sorted(Order.objects.values_list("number", flat=True))[-1].endswith("-0010")
        assert Order.objects.count() == PIECES

    def test_two_shoppers_and_the_last_piece(self):
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=1 - PIECES)
        assert race_for_shirts(2) == {"done": 1, ErrorCode.SOLD_OUT: 1}
        assert shelf() == (0, 0)

    def test_baskets_of_three_sell_nine_and_leave_one(self):
        assert race_for_shirts(12, pieces=3) == {"done": 3, ErrorCode.SOLD_OUT: 9}
        assert shelf() == (1, 0)

    def test_control_without_the_lock_the_same_race_oversells(self, monkeypatch):
        if not is_postgres():
            pytest.skip("the embedded database lets one writer in at a time: see the next control")
        take_stock_locks_away(monkeypatch)
        race_for_shirts(20)
        assert sold() > PIECES

    def test_control_without_lock_and_transaction_more_is_promised_than_there_is(self, monkeypatch):
        take_stock_locks_away(monkeypatch)
        together(20, lambda number: stock.reserve(holder=f"test:{number}", demand={MEDIUM_BLUE_ID: 1}))
        assert Reservation.objects.filter(status="held").count() > PIECES


@pytest.mark.usefixtures("ten_shirts")
class TestCodes:
    def test_fifty_shoppers_and_a_code_for_seven_use_it_seven_times(self):
        code = make_discount("SEVEN", off_amount=500, usage_limit=7)
        redeem = in_transaction(lambda number: discounts.redeem(code, holder=f"test:{number}"))
        answers = tally(together(USERS_OF_A_CODE, redeem))
        code.refresh_from_db()
        assert code.used_count == DiscountRedemption.objects.count() == 7
        assert answers[ErrorCode.DISCOUNT_GONE] == USERS_OF_A_CODE - 7

    def test_fifty_given_back_twice_leave_none_used(self):
        code = make_discount("FIFTY", off_amount=500, usage_limit=50)
        for number in range(USERS_OF_A_CODE):
            discounts.redeem(code, holder=f"test:{number}")
        give_back = in_transaction(lambda number: discounts.give_back(f"test:{number % 25}"))
        together(USERS_OF_A_CODE, give_back)
        code.refresh_from_db()
        assert code.used_count == DiscountRedemption.objects.count() == 25

    def test_completing_with_the_last_use_of_a_code_gives_it_to_one(self, ten_shirts):
        sessions = ready_sessions(8, demand={MEDIUM_BLUE_ID: 1}, discount=ten_shirts.once, off=500)
        answers = tally(together(8, lambda number: pay(sessions[number])))
        ten_shirts.once.refresh_from_db()
        assert answers["done"] == ten_shirts.once.used_count == DiscountRedemption.objects.count() == 1
        assert set(answers) <= {"done", ErrorCode.DISCOUNT_GONE, ErrorCode.TOTAL_CHANGED}
        assert Order.objects.filter(discount_code="ONCE").count() == 1

    def test_control_looking_before_counting_uses_it_more_often(self):
        code = make_discount("SEVEN", off_amount=500, usage_limit=7)
        together(20, lambda number: redeem_unguarded(code, holder=f"test:{number}"))
        assert DiscountRedemption.objects.count() > 7
