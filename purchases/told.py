"""What an agent told us: sealed while it is needed, and what is the purchase's own to read in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote, urlsplit

from common import sealed
from common.cards import without_card_numbers
from common.logs import without_keys
from common.money import to_minor
from purchases.models import Purchase

_MOST_DIGITS = 15
UserData = Mapping[str, Any]


class Refused(Exception):
    """This purchase comes to nothing. `note`: a sentence for the agent and its person."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


def kept(url: str, user_data: UserData) -> str:
    """Sealed, for `Purchase.told`. Numbers with decimals become texts of the same digits."""
    return sealed.seal(json.dumps({"url": url, "user_data": user_data}, default=str))


def read(purchase: Purchase) -> UserData:
    """Of its person. Raises Refused."""
    data: UserData = _opened(purchase)["user_data"]
    return data


def address(purchase: Purchase) -> str:
    """As it was sent: that of a link is a key, so it is kept nowhere else. Raises Refused."""
    return str(_opened(purchase)["url"])


def _opened(purchase: Purchase) -> Mapping[str, Any]:
    try:
        told: Mapping[str, Any] = json.loads(sealed.opened(purchase.told))
    except sealed.CannotOpen:
        raise Refused("What was sent with this purchase can no longer be read here. Please send it again.") from None
    return told


def shown(url: str) -> str:
    """The address as it may be kept and seen by whoever may see purchases: without what makes it a key."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    known = without_card_numbers(without_keys(path))
    return without_card_numbers(url) if known == path else f"{parts.scheme}://{parts.netloc}{known}"


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
