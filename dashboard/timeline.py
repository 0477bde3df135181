"""Everything that happened to a record, newest first, a page at a time.

Each source is read by one query for as many rows as a page has, from where the page begins on; the page is the newest
of all they gave. So however long a history is, a page costs the same. Where a page begins is told by the last entry of
the one before: moments may be equal, (moment, source, row) never are.

What an entry says happened at its moment and does not change when more happens; what changes is in its detail, behind
the words "as it is today".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum, auto
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

PAGE = 40
_SEPARATOR = "~"
_PARTS = 3
Key = tuple[datetime, int, int]  # moment, source, row


class Kind(StrEnum):
    SHOPPER = "shopper"
    PRICE = "price"
    HOLD = "hold"
    GATEWAY = "gateway"
    EVENT = "gateway event"
    MESSAGE = "message"
    STAFF = "staff"
    REFUND = "refund"


class Source(IntEnum):
    """Where an entry was read. Of what happened at one moment the cause stands before what came of it."""

    STAFF = auto()
    CART = auto()
    CLICK = auto()
    CHECKOUT = auto()
    LINE = auto()
    CHECKOUT_CHANGED = auto()
    ABANDONED = auto()
    ABANDONED_AGAIN = auto()
    IN_NO_SEQUENCE = auto()
    ENROLMENT = auto()
    RECOVERY_MAIL = auto()
    LINK = auto()
    PLACED = auto()
    HOLD = auto()
    PAYMENT = auto()
    GATEWAY_EVENT = auto()
    ANSWER = auto()
    ACCEPTED = auto()
    TAKEN_OFF = auto()
    BOUGHT = auto()
    COMPLETED = auto()
    SHIPPED = auto()
    CANCELED = auto()
    REFUND = auto()
    DIFFERENCE = auto()
    MAIL = auto()
    EXPIRED = auto()


@dataclass(frozen=True)
class Entry:
    """`page`: where its row is shown, as an admin URL's name and an id."""

    at: datetime
    source: int
    row: int
    kind: Kind
    title: str
    detail: str = ""
    page: tuple[str, int] | None = None

    @property
    def key(self) -> Key:
        return self.at, self.source, self.row


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: str  # where the next page begins; '' on the last one


def today(how: str) -> str:
    """In a detail: what may have been otherwise at the entry's moment. '' of nothing."""
    return f"As it is today: {how}" if how else ""


def assemble(found: Iterable[Entry], *, before: Key | None, size: int = PAGE) -> Page:
    """The newest `size` of what the sources gave."""
    ordered = sorted(
        (entry for entry in found if before is None or entry.key < before), key=lambda entry: entry.key, reverse=True
    )
    shown = ordered[:size]
    return Page(shown, written(shown[-1].key) if len(ordered) > size else "")


def older_than(before: Key | None, *, source: int, at: str) -> Q:
    """Of a source whose rows have their moment in `at`: those that belong behind `before`."""
    if before is None:
        return Q()
    moment, its_source, its_row = before
    earlier = Q(**{f"{at}__lt": moment})
    if source > its_source:
        return earlier
    at_once: dict[str, Any] = {at: moment} if source < its_source else {at: moment, "pk__lt": its_row}
    return earlier | Q(**at_once)


def written(key: Key) -> str:
    """For an address."""
    moment, source, row = key
    return _SEPARATOR.join((moment.isoformat(), str(source), str(row)))


def read(text: str) -> Key | None:
    """None for what is no key: then the newest page is shown."""
    parts = text.split(_SEPARATOR)
    if len(parts) != _PARTS or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts[1:]):  # noqa: PLR2004
        return None
    try:
        moment = parse_datetime(parts[0])
    except ValueError:
        return None
    if moment is None or timezone.is_naive(moment):
        return None
    return moment, int(parts[1]), int(parts[2])
