"""What an agent told us of its person: sealed while it is needed, and what is the purchase's own to read in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from common import sealed
from common.money import to_minor
from purchases.models import Purchase

_MOST_DIGITS = 15
UserData = Mapping[str, Any]


class Refused(Exception):
    """This purchase comes to nothing. `note`: a sentence for the agent and its person."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


def kept(user_data: UserData) -> str:
    """Sealed, for `Purchase.user_data`. Numbers with decimals become texts of the same digits."""
    return sealed.seal(json.dumps(user_data, default=str))


def read(purchase: Purchase) -> UserData:
    """Raises Refused."""
    try:
        data: UserData = json.loads(sealed.opened(purchase.user_data))
    except sealed.CannotOpen:
        raise Refused("What was sent with this purchase can no longer be read here. Please send it again.") from None
    return data


def most_of(user_data: UserData) -> Decimal | None:
    """`max_amount`: 50, 50.00 or "50.00", major units of the purchase's currency; None where there is none.

    Raises ValueError with the second half of a sentence.
    """
    value = user_data.get("max_amount")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(_AMOUNT)
    text = str(value)
    if not (text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= _MOST_DIGITS):
        raise ValueError(_AMOUNT)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(_AMOUNT) from None


_AMOUNT = 'must be an amount in major units, like 50 or "49.99"'


def most_in(currency: str, user_data: UserData) -> int | None:
    """`max_amount` in minor units. Raises Refused."""
    try:
        most = most_of(user_data)
        return None if most is None else to_minor(most, currency)
    except ValueError as error:
        raise Refused(f"user_data.max_amount: {error}") from None


def text_in(user_data: UserData, *names: str, longest: int = 200) -> str:
    """The first of these that holds something, as a text on one line; '' where none does."""
    for name in names:
        value = user_data.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return " ".join(str(value).split())[:longest]
    return ""
