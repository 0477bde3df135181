"""Rows the database itself refuses, whoever writes them."""

import pytest
from django.db import IntegrityError

from catalog.models import Discount, DiscountRedemption, DiscountTerms, Price, Reservation, Stock
from tests.factories import MEDIUM_BLUE_ID as M
from tests.factories import demo_shirt, make_discount

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ten_shirts():
    demo_shirt(on_hand=10)
    make_discount("SEVEN", discount_id=7, usage_limit=7)
    Reservation.objects.create(holder="a", stock_id=M, quantity=1)
    DiscountRedemption.objects.create(holder="a", discount_id=7)
    DiscountTerms.objects.create(discount_id=7, currency="USD")


shirts = Stock.objects.filter(variant_id=M)
seven = Discount.objects.filter(pk=7)
NEVER = {
    "more promised than there is": ("reserved_at_most_on_hand", lambda: shirts.update(reserved=11)),
    "fewer on hand than promised": ("reserved_at_most_on_hand", lambda: shirts.update(on_hand=-1)),
    "fewer than none promised": ("reserved_not_negative", lambda: shirts.update(reserved=-1)),
    "a price below nothing": ("price_not_negative", lambda: Price.objects.update(amount=-1)),
    "two prices in one currency": (
        "one_price|unique",
        lambda: Price.objects.create(variant_id=M, currency="USD", amount=1),
    ),
    "two holds of one holder": (
        "one_reservation|unique",
        lambda: Reservation.objects.create(holder="a", stock_id=M, quantity=1),
    ),
    "a hold of nothing": ("reservation_of_something", lambda: Reservation.objects.update(quantity=0)),
    "a code used above its limit": ("used_at_most_limit", lambda: seven.update(used_count=8)),
    "a code used less than never": ("used_count", lambda: seven.update(used_count=-1)),
    "more than all off": ("at_most_all_off", lambda: seven.update(basis_points=10_001)),
    "two uses of one holder": ("unique", lambda: DiscountRedemption.objects.create(holder="a", discount_id=7)),
    "two codes of one name": ("unique", lambda: make_discount("seven")),
    "less than nothing off": ("terms_not_negative", lambda: DiscountTerms.objects.update(off_amount=-1)),
    "two terms in one currency": (
        "one_terms|unique",
        lambda: DiscountTerms.objects.create(discount_id=7, currency="USD"),
    ),
}


@pytest.mark.parametrize(("rule", "write"), list(NEVER.values()), ids=list(NEVER))
def test_is_refused(rule, write):
    with pytest.raises(IntegrityError, match=f"(?i){rule}"):
        write()
