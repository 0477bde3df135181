"""When a code may be used, why not, and how its uses are counted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import discounts
from catalog.models import Discount, DiscountRedemption
from common.errors import ErrorCode
from tests.checkouts.shopping import refused
from tests.factories import make_discount

pytestmark = pytest.mark.django_db
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def why_not(code: str = "CODE", *, currency: str = "USD", items: int = 5000, now=NOW, holder: str = "") -> str:
    found = discounts.find(code, currency)
    has_redeemed = lambda: bool(holder) and discounts.has_redeemed(found.discount, holder)  # noqa: E731
    return discounts.refusal(found, items_amount=items, now=now, has_redeemed=has_redeemed)


def used() -> int:
    count = Discount.objects.get(code="CODE").used_count
    assert count == DiscountRedemption.objects.filter(discount__code="CODE").count()
    return count


@pytest.mark.parametrize("typed", ["CODE", "code", "  Code "])
def test_a_code_is_found_however_it_is_typed(typed):
    make_discount("code")
    assert why_not(typed) == ""


def test_an_unknown_one_is_refused():
    with refused(ErrorCode.DISCOUNT_INVALID):
        discounts.find("NOPE", "USD")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_active": False}, "unknown"),
        ({"starts_at": NOW + MINUTE}, "not_yet"),
        ({"starts_at": NOW}, ""),
        ({"ends_at": NOW}, "expired"),
        ({"ends_at": NOW + MINUTE}, ""),
        ({"usage_limit": 3, "used_count": 3}, "used_up"),
        ({"usage_limit": 3, "used_count": 2}, ""),
        ({"usage_limit": 0}, "used_up"),
    ],
)
def test_why_it_cannot_be_used(changes, reason):
    make_discount("CODE")
    Discount.objects.update(**changes)
    assert why_not() == reason


def test_a_fixed_amount_is_unknown_where_it_has_none():
    make_discount("CODE", off_amount=500)
    assert why_not(currency="EUR") == ""
    assert why_not(currency="JPY") == "unknown"


def test_a_basket_below_the_minimum_is_told_so():
    make_discount("CODE", percent=10, minimum_amount=5000)
    assert (why_not(items=4999), why_not(items=5000)) == ("below_minimum", "")


def test_the_last_use_is_still_its_holders():
    discount = make_discount("CODE", usage_limit=1)
    discounts.redeem(discount, holder="a")
    assert (why_not(holder="a"), why_not(holder="b"), why_not()) == ("", "used_up", "used_up")


def test_a_repeat_is_no_second_use():
    discount = make_discount("CODE", usage_limit=5)
    for _ in range(3):
        discounts.redeem(discount, holder="a")
    assert used() == 1


def test_another_code_gives_the_first_one_back():
    discounts.redeem(make_discount("CODE", usage_limit=1), holder="a")
    discounts.redeem(make_discount("OTHER"), holder="a")
    assert used() == 0
    discounts.redeem(None, holder="a")
    assert not DiscountRedemption.objects.exists()


def test_giving_back_twice_gives_back_once():
    discount = make_discount("CODE", usage_limit=2)
    discounts.redeem(discount, holder="a")
    discounts.redeem(discount, holder="b")
    for _ in range(3):
        discounts.give_back("a")
    assert used() == 1


def test_beyond_the_limit_is_gone():
    discount = make_discount("CODE", usage_limit=1)
    discounts.redeem(discount, holder="a")
    with refused(ErrorCode.DISCOUNT_GONE):
        discounts.redeem(discount, holder="b")
    assert used() == 1
