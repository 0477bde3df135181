"""Texts of others inside our own sentences: short, on one line, without what looks like a card number or an e-mail
address. A person's own data is never quoted at all."""

from __future__ import annotations

import re

from common.cards import without_card_numbers

_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")
_EMAIL = re.compile(r"[^\s\"'<>(),;:]+@[^\s\"'<>(),;:]+")
_SHOWN = 80


def quoted(text: object, *, length: int = _SHOWN) -> str:
    """What somebody else wrote, as a note may show it: '"Blue Mug"'."""
    line = " ".join(_NOT_PRINTED.sub(" ", str(text)).split())
    line = _EMAIL.sub("[e-mail]", without_card_numbers(line))
    return f'"{line[:length]}..."' if len(line) > length else f'"{line}"'


def listed(words: list[str], *, most: int = 20) -> str:
    """'a, b and c'; beyond `most` it says how many more there are."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
