"""What an agent told us: sealed while it is needed, and what is the purchase's own to read in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

from common import sealed
from common.cards import without_card_numbers
from common.logs import without_keys
from common.money import to_minor
from purchases import spellings
from purchases.models import Purchase

# Names of the most it may cost, as spellings.key writes them. A limit without shipping is taken as one with it: the
# buyer never pays more than was meant.
LIMITS = {"maxamount", "maximumamount", "maxprice", "maximumprice", "maxtotal", "maxcost", "maxspend", "budget"}
LIMITS |= {"maxbudget", "pricelimit", "spendinglimit", "spendlimit"}
_AMOUNT = 'must be an amount in major units, like 50 or "49.99"'
_PLAIN_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]{0,3})?|\.[0-9]{1,3}")
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
    """`max_amount`, by whatever name: 50, 50.00 or "50.00", major units of the purchase's currency; None where there is
    none.

    Raises ValueError with the second half of a sentence, also where two differ.
    """
    said = {_amount(value) for name, value in user_data.items() if spellings.key(name) in LIMITS and value is not None}
    if len(said) > 1:
        raise ValueError("is given twice, differently")
    return said.pop() if said else None


def _amount(value: object) -> Decimal:
    """Raises ValueError. Which decimals the currency has is judged where it is known, but none has more than three."""
    text = str(value) if isinstance(value, int | str | Decimal) and not isinstance(value, bool) else ""
    if not _PLAIN_AMOUNT.fullmatch(text) or len(text) > _MOST_DIGITS:
        raise ValueError(_AMOUNT)
    return Decimal(text)


def most_in(currency: str, user_data: UserData) -> int | None:
    """`max_amount` in minor units. Raises Refused, also where another currency is meant."""
    meant = text_in(user_data, "currency")
    if meant and meant.upper() != currency:
        raise Refused(f"The price is in {currency}, and user_data.currency is another.")
    try:
        most = most_of(user_data)
        return None if most is None else to_minor(most, currency)
    except ValueError as error:
        raise Refused(f"user_data.max_amount: {error}") from None


def text_in(user_data: UserData, *names: str, longest: int = 200) -> str:
    """What stands under one of these names, in whatever spelling, each of its lines without double blanks; '' for
    nothing.

    Raises Refused: no text, too long, two that differ.
    """
    wanted = {spellings.key(name) for name in names}
    said = {_text(value, names[0], longest) for name, value in user_data.items() if spellings.key(name) in wanted}
    said.discard("")
    if len(said) > 1:
        raise Refused(f"user_data.{names[0]} is given twice, differently.")
    return said.pop() if said else ""


def _text(value: object, name: str, longest: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused(f"user_data.{name} must be a text.")
    text = "\n".join(filter(None, (" ".join(line.split()) for line in str(value).splitlines())))
    if len(text) > longest:
        raise Refused(f"user_data.{name} is longer than {longest} characters.")
    return text
