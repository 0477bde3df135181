"""What a refusal says to staff: the guest API's sentence, with amounts as every page of the admin writes them."""

from __future__ import annotations

from dataclasses import replace

from common.errors import DomainError
from common.money import written
from dialects.guest import GUEST
from dialects.guest_sentences import with_amounts

_STAFF = replace(GUEST, name="staff", error_message={**GUEST.error_message, **with_amounts(written)})


def told_to_staff(error: DomainError) -> str:
    return _STAFF.sentence(error)
