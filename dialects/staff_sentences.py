"""What a refusal says to staff: the guest API's sentence, with amounts as every page of the admin writes them; and that
somebody was faster, where a page is older than what a colleague did."""

from __future__ import annotations

from dataclasses import replace

from common.errors import DomainError, ErrorCode
from common.money import written
from dialects.guest import GUEST
from dialects.guest_sentences import Values, move, with_amounts


def _move(values: Values) -> str:
    if values.get("current") and values["current"] == values.get("target"):
        return f"The {values['what']} is {values['current']} already."
    return move(values)


_SENTENCES = {**GUEST.error_message, **with_amounts(written), ErrorCode.ILLEGAL_MOVE: _move}
_STAFF = replace(GUEST, name="staff", error_message=_SENTENCES)


def told_to_staff(error: DomainError) -> str:
    return _STAFF.sentence(error)
