"""One way of writing money: what is written down for staff reads as the pages around it do."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from common.errors import DomainError, ErrorCode
from common.money import written
from common.templatetags.shop import money
from dialects.guest import GUEST
from dialects.staff_sentences import told_to_staff


@pytest.mark.parametrize(
    ("amount", "currency", "said"), [(2499, "USD", "$24.99"), (2499, "JPY", "¥2,499"), (-500, "EUR", "-€5.00")]
)
def test_what_is_written_down_reads_as_the_pages_do(amount, currency, said):
    assert written(amount, currency) == money(amount, currency) == said


def test_it_is_the_shops_manner_whoever_is_being_served(settings):
    with override("de"):
        assert written(2499, "EUR") == "€24.99"
    settings.LANGUAGE_CODE = "de"
    assert written(2499, "EUR") == "24,99\N{NO-BREAK SPACE}€"


REFUSED = [
    DomainError(ErrorCode.REFUND_TOO_LARGE, refundable=599, currency="USD"),
    DomainError(ErrorCode.ORDER_HAS_MONEY, amount=599, currency="USD"),
    DomainError(ErrorCode.DISCOUNT_INVALID, reason="below_minimum", minimum_amount=599, currency="USD"),
    DomainError(ErrorCode.BALANCE_TOO_LOW, wanted=599, available=1, currency="USD"),
    DomainError(ErrorCode.SPENDING_CAP, wanted=599, cap=1, spent=0, currency="USD"),
]


@pytest.mark.parametrize("refusal", REFUSED, ids=[error.code for error in REFUSED])
def test_a_refusal_says_the_same_to_staff_as_to_programs_but_for_its_amounts(refusal):
    assert "5.99 USD" in GUEST.sentence(refusal)
    assert told_to_staff(refusal) == re.sub(r"([0-9.]+) USD", r"$\1", GUEST.sentence(refusal))
