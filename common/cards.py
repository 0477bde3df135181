"""Card numbers in texts: refused where a caller can be told, blotted out where nobody can.

A number counts as a card's when it begins like a brand's, is as long as that brand's are, passes the Luhn check and is
written as people write one: in one piece, or in groups of three digits and more; between commas, slashes and line
breaks, which lists have too, only in the groups that are printed on cards. Digits of any script and percent-encoded
ones count. Phone numbers (`+49 151 ...`), barcodes and numbers of other lengths are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

BLOT = "[card number]"
SENTENCE = "must not hold a card number"
# Names, small and without blanks and hyphens, under which free JSON may not hold anything: what a security code is, no
# rule can tell from its digits.
_CODES = (
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "csc",
    "cvvcode",
    "cvccode",
    "csccode",
    "cvvnumber",
    "cvcnumber",
    "securitycode",
)
SECRET_NAMES = frozenset(f"{card}{name}" for card in ("", "card", "creditcard", "cc") for name in _CODES)
SECRET_NAMES |= {
    "cardnumber",
    "creditcardnumber",
    "ccnumber",
    "cardno",
    "cardverificationcode",
    "cardverificationvalue",
}
_CODE_IN_WORDS = re.compile(
    r"(?<![a-z0-9])(?:cvv2?|cvc2?|csc|security code|card verification (?:code|value))(?: code| number| no)?(?: is)?"
    r"[ :=#.-]{0,3}[0-9]{3,4}(?![0-9a-z])",
    re.IGNORECASE,
)

_BLANKS = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
_BETWEEN = rf"(?:[,/]|(?:[ .\-_+\u2010-\u2015{_BLANKS}]|%20|%2[dD]){{0,2}})"
_MANY_DIGITS = re.compile(rf"(?<![0-9])[0-9](?:{_BETWEEN}[0-9]){{12,}}(?![0-9])")
_AS_IN_LISTS = re.compile(r"[,/]")
_AS_PRINTED = re.compile(r"4,4,4,(?:[1-4]|4,[1-3])|4,6,[45]|5,5,[56]")  # lengths of groups
_UNSEEN = "\u00ad\u200b-\u200f\u2060\ufeff"
_RAISED = (
    "\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468"  # and lowered and encircled: digits, but no \d
)
_IN_DISGUISE = re.compile(rf"%(?:25)*3([0-9])|((?![0-9])\d|[{_RAISED}])|[{_UNSEEN}]")
_GROUP = re.compile(r"%2[0dD]|([0-9]+)")
_BRANDS = (
    (re.compile(r"4"), {13, 16, 19}),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), {16}),  # Mastercard
    (re.compile(r"3[47]"), {15}),  # American Express
    (re.compile(r"6011|64[4-9]|65"), {16, 17, 18, 19}),  # Discover
    (re.compile(r"30[0-5]|3095|3[689]"), {14, 16, 17, 18, 19}),  # Diners
    (re.compile(r"352[89]|35[3-8]"), {16, 17, 18, 19}),  # JCB
    (re.compile(r"62|81"), {16, 17, 18, 19}),  # UnionPay
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), {16, 17, 18, 19}),  # Maestro
    (re.compile(r"5019|220[0-4]|60|82|508"), {16}),  # Dankort, Mir, RuPay
)
_BARCODES = (13, 14)
_LONGEST = 19
_SHORTEST_GROUP = 3
_LONGEST_PHONE = 14  # digits after a plus


def has_card_number(text: str) -> bool:
    return any(True for _ in _spans(text))


def without_card_numbers(text: str) -> str:
    """The same text with each card number blotted out."""
    spans = list(_spans(text))
    for begin, end in reversed(spans):
        text = text[:begin] + BLOT + text[end:]
    return text


def holds_card_data(value: Any) -> bool:
    """Of JSON: a card number or "cvv 123" in any text, number or name, or anything at all under a name like `cvv`."""
    if isinstance(value, dict):
        return any(_is_secret(name, inner) or holds_card_data(name) or holds_card_data(inner)
                   for name, inner in value.items())  # fmt: skip
    if isinstance(value, list):
        return any(holds_card_data(inner) for inner in value)
    if isinstance(value, bool) or value is None:
        return False
    return has_card_number(str(value)) or bool(_CODE_IN_WORDS.search(_undisguised(str(value))[0]))


def blotted(value: Any) -> Any:
    """JSON with every card number in its texts blotted out, and nothing under names like `cvv`."""
    if isinstance(value, dict):
        kept = {name: inner for name, inner in value.items() if not _is_secret(name, inner)}
        return {without_card_numbers(name): blotted(inner) for name, inner in kept.items()}
    if isinstance(value, list):
        return [blotted(inner) for inner in value]
    return without_card_numbers(value) if isinstance(value, str) else value


def _is_secret(name: str, value: Any) -> bool:
    return bool(value) and not isinstance(value, dict) and _letters_of(name) in SECRET_NAMES


def _letters_of(name: str) -> str:
    """cardCvc, card_cvc, Card-CVC -> cardcvc."""
    return "".join(character for character in name.casefold() if character.isalnum())


def _undisguised(text: str) -> tuple[str, list[int]]:
    """With the digits of every script and percent-encoded ones as plain digits, and without what nobody sees; and where
    each character stood, with the text's end as the last."""
    plain, places, at = "", list[int](), 0
    for found in _IN_DISGUISE.finditer(text):
        plain += text[at : found.start()]
        places += range(at, found.start())
        at = found.end()
        if digit := found[1] or found[2]:
            plain += str(unicodedata.digit(digit))
            places.append(found.start())
    return plain + text[at:], [*places, *range(at, len(text) + 1)]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """(begin, end) of each card number, from left to right, none within another."""
    if not _IN_DISGUISE.search(text):
        yield from _plain_spans(text)
        return
    plain, places = _undisguised(text)
    for begin, end in _plain_spans(plain):
        yield places[begin], places[end]


def _plain_spans(text: str) -> Iterator[tuple[int, int]]:
    for found in _MANY_DIGITS.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, found.start(), found.end()) if match[1]]
        first = 0
        while first < len(groups):
            last = _last_group_of_a_card(text, groups, first)
            if last is not None:
                yield groups[first][0], groups[last][1]
            first = first + 1 if last is None else last + 1


def _last_group_of_a_card(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    digits = ""
    follows_plus = text[max(groups[first][0] - 1, 0)] == "+" and first == 0
    for last in range(first, len(groups)):
        begin, end = groups[last]
        digits += text[begin:end]
        if len(digits) > _LONGEST or (last > first or len(groups) > 1) and end - begin < _SHORTEST_GROUP:
            return None
        if not (follows_plus and len(digits) <= _LONGEST_PHONE) and _is_card(digits):
            return last if _is_no_list(text, groups[first : last + 1]) else None
    return None


def _is_no_list(text: str, groups: list[tuple[int, int]]) -> bool:
    """Numbers one after another are a list unless they are grouped as on a card."""
    if not _AS_IN_LISTS.search(text, groups[0][0], groups[-1][1]):
        return True
    return bool(_AS_PRINTED.fullmatch(",".join(str(end - begin) for begin, end in groups)))


def _is_card(digits: str) -> bool:
    is_a_brands = any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in _BRANDS)
    return is_a_brands and _passes_luhn(digits) and not (len(digits) in _BARCODES and _is_barcode(digits))


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _is_barcode(digits: str) -> bool:
    """EAN-13 and GTIN-14 have a check digit of their own."""
    return (sum(map(int, digits[-1::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10 == 0
