"""What staff reads of a refusal where programs read something else."""

from __future__ import annotations

import pytest

from common.errors import DomainError, ErrorCode
from dialects.guest import GUEST
from dialects.staff_sentences import told_to_staff

WHAT = {"what": "payment", "current": "captured"}


def test_what_a_colleague_has_done_is_done_already():
    refusal = DomainError(ErrorCode.ILLEGAL_MOVE, **WHAT, target="captured")
    assert told_to_staff(refusal) == "The payment is captured already."
    assert GUEST.sentence(refusal) == "The payment is captured and cannot become captured."


@pytest.mark.parametrize("values", [{**WHAT, "target": "declined"}, {}])
def test_any_other_move_is_refused_in_the_words_that_programs_get(values):
    refusal = DomainError(ErrorCode.ILLEGAL_MOVE, **values)
    assert told_to_staff(refusal) == GUEST.sentence(refusal)
