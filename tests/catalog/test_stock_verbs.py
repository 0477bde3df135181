"""Reserve, commit, release, receive: each does what its word says, and a second time changes nothing."""

import pytest

from catalog import stock
from catalog.models import Reservation
from catalog.states import RESERVATION, ReservationStatus
from common.errors import ErrorCode
from tests.checkouts.shopping import refused, shelf
from tests.factories import LARGE_BLUE_ID, MEDIUM_BLUE_ID, demo_shirt

M, L = MEDIUM_BLUE_ID, LARGE_BLUE_ID


@pytest.fixture(autouse=True)
def ten_of_each(db):
    demo_shirt(on_hand=10)


def status(holder: str = "a", variant_id: int = M) -> str:
    return Reservation.objects.get(holder=holder, stock_id=variant_id).status


def test_a_hold_is_exactly_the_latest_demand():
    for demand in ({M: 4}, {M: 6, L: 2}, {L: 1}, {M: 10, L: 10}):
        stock.reserve(holder="a", demand=demand)
        assert (shelf(M), shelf(L)) == ((10, demand.get(M, 0)), (10, demand.get(L, 0)))
        assert stock.held_by("a") == demand


def test_when_one_thing_is_short_nothing_is_held():
    stock.reserve(holder="a", demand={M: 1})
    with refused(ErrorCode.SOLD_OUT) as refusal:
        stock.reserve(holder="b", demand={L: 10, M: 10})
    assert (refusal.value.values["variant_id"], refusal.value.values["available"]) == (M, 9)
    assert (shelf(M), shelf(L)) == ((10, 1), (10, 0))


def test_a_thing_nobody_keeps_in_stock_is_sold_out():
    with refused(ErrorCode.SOLD_OUT) as refusal:
        stock.reserve(holder="a", demand={999: 1})
    assert refusal.value.values["available"] == 0


def test_the_own_hold_counts_as_available():
    stock.reserve(holder="a", demand={M: 10})
    stock.reserve(holder="a", demand={M: 10})
    assert shelf(M) == (10, 10)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_committing_takes_from_the_shelf_once(times):
    stock.reserve(holder="a", demand={M: 3, L: 1})
    for _ in range(times):
        stock.commit("a")
    assert (shelf(M), shelf(L), status()) == ((7, 0), (9, 0), ReservationStatus.COMMITTED)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_releasing_gives_back_once(times):
    stock.reserve(holder="a", demand={M: 3})
    for _ in range(times):
        stock.release("a")
    assert (shelf(M), status()) == ((10, 0), ReservationStatus.RELEASED)


def test_what_is_bought_cannot_be_released_and_what_is_released_not_bought():
    stock.reserve(holder="a", demand={M: 3})
    stock.commit("a")
    stock.release("a")
    assert (shelf(M), status()) == ((7, 0), ReservationStatus.COMMITTED)
    stock.reserve(holder="b", demand={M: 3})
    stock.release("b")
    stock.commit("b")
    assert (shelf(M), status("b")) == ((7, 0), ReservationStatus.RELEASED)


def test_what_was_released_can_be_held_again():
    for _ in range(2):
        stock.reserve(holder="a", demand={M: 3})
        assert (shelf(M), status()) == ((10, 3), ReservationStatus.HELD)
        stock.release("a")
    assert shelf(M) == (10, 0)


def test_holders_do_not_touch_each_others_pieces():
    stock.reserve(holder="a", demand={M: 3})
    stock.reserve(holder="b", demand={M: 4})
    stock.release("a")
    stock.commit("b")
    assert shelf(M) == (6, 0)


def test_new_pieces_come_onto_the_shelf():
    stock.receive(variant_id=M, pieces=5)
    stock.receive(variant_id=M, pieces=-2)
    assert shelf(M) == (13, 0)


def test_what_was_bought_has_one_way_back_the_shelf():
    ways = [target for current, target in RESERVATION.moves if current == ReservationStatus.COMMITTED]
    assert ways == [ReservationStatus.RELEASED]
