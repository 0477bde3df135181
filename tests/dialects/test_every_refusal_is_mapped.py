"""A refusal of the domain that a dialect has no words for would be a 500: this fails first."""

import pytest

from common.errors import DomainError, ErrorCode
from dialects.cart2table import CART2TABLE
from dialects.guest import GUEST
from dialects.intent import INTENT
from dialects.purchase import PURCHASE
from dialects.tracker import TRACKER
from dialects.webhooks import WEBHOOK

DIALECTS = [CART2TABLE, GUEST, INTENT, PURCHASE, TRACKER, WEBHOOK]
EVERY = [pytest.param(dialect, code, id=f"{dialect.name}-{code}") for dialect in DIALECTS for code in ErrorCode]


@pytest.mark.parametrize(("dialect", "code"), EVERY)
def test_each_dialect_has_a_status_and_a_sentence(dialect, code):
    assert 400 <= dialect.error_status[code] < 500
    assert dialect.sentence(DomainError(code))
