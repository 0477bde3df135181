"""What staff does to the stock: with a reason, under the row's lock, never below what is promised, each kept."""

from __future__ import annotations

import pytest

from catalog import stock
from catalog.models import Product, Stock, StockAdjustment
from catalog.states import AdjustedBecause
from common.errors import ErrorCode
from common.transactions import in_transaction
from tests.checkouts.shopping import refused
from tests.factories import demo_shirt, make_product

M, L = 7, 8
adjust = in_transaction(stock.adjust)
count_anew = in_transaction(stock.count_anew)


@pytest.fixture(autouse=True)
def shirt(db) -> Product:
    return demo_shirt(on_hand=10)


def kept() -> list[tuple[int, int, int, str, str]]:
    rows = StockAdjustment.objects.order_by("id")
    return list(rows.values_list("variant_id", "on_hand_before", "on_hand_after", "reason", "by"))


def test_each_change_is_kept_with_before_and_after():
    adjust(variant_id=M, pieces=5, reason=AdjustedBecause.RECEIVED, by="ada")
    adjust(variant_id=M, pieces=-2, reason=AdjustedBecause.DAMAGED, by="bea")
    assert kept() == [(M, 10, 15, "received", "ada"), (M, 15, 13, "damaged", "bea")]
    assert Stock.objects.get(pk=M).on_hand == 13


def test_the_same_wish_again_changes_nothing():
    rows = [adjust(variant_id=M, pieces=5, reason=AdjustedBecause.RECEIVED, wish="one press") for _ in range(2)]
    assert [is_new for _, is_new in rows] == [True, False]
    assert rows[0][0] == rows[1][0]
    assert Stock.objects.get(pk=M).on_hand == 15


def test_never_below_what_is_promised():
    in_transaction(stock.reserve)(holder="checkout:1", demand={M: 8})
    adjust(variant_id=M, pieces=-2, reason=AdjustedBecause.DAMAGED)
    with refused(ErrorCode.INVALID_VALUE) as refusal:
        adjust(variant_id=M, pieces=-1, reason=AdjustedBecause.DAMAGED)
    assert refusal.value.values["reason"] == "Nothing can be taken away: 8 on hand, 8 of them promised."
    assert (Stock.objects.get(pk=M).on_hand, len(kept())) == (8, 1)


@pytest.mark.parametrize(
    ("reason", "pieces"),
    [(AdjustedBecause.RECEIVED, -1), (AdjustedBecause.RETURNED, -1), (AdjustedBecause.DAMAGED, 1)],
)
def test_never_for_a_reason_that_speaks_of_the_other_direction(reason, pieces):
    with refused(ErrorCode.INVALID_VALUE):
        adjust(variant_id=M, pieces=pieces, reason=reason)
    assert kept() == []


def test_nor_more_than_can_be_counted():
    with refused(ErrorCode.INVALID_VALUE):
        adjust(variant_id=M, pieces=stock.MOST_ON_HAND, reason=AdjustedBecause.RECEIVED)


def test_a_variant_without_a_shelf_gets_one():
    variant = make_product().variants.create(name="New", sku="NEW")
    adjust(variant_id=variant.pk, pieces=3, reason=AdjustedBecause.RECEIVED)
    assert variant.stock.on_hand == 3


def test_what_is_not_there_is_not_adjusted():
    with refused(ErrorCode.VARIANT_NOT_FOUND):
        adjust(variant_id=999, pieces=3, reason=AdjustedBecause.RECEIVED)


def test_many_are_counted_anew_and_only_what_differs_is_kept():
    assert len(count_anew({M: 12, L: 10}, reason=AdjustedBecause.COUNTED, by="ada")) == 1
    assert kept() == [(M, 10, 12, "counted", "ada")]
    assert dict(Stock.objects.values_list("variant_id", "on_hand")) == {M: 12, L: 10}


def test_one_that_cannot_be_stops_all_of_them():
    in_transaction(stock.reserve)(holder="checkout:1", demand={L: 8})
    with refused(ErrorCode.INVALID_VALUE):
        count_anew({M: 12, L: 7}, reason=AdjustedBecause.COUNTED)
    assert (kept(), Stock.objects.get(pk=M).on_hand) == ([], 10)
