"""The words in which people choose: what means the same, what is a size or a color, what means nothing here."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


AXES = {  # as people write them -> as we compare them
    "size": "size",
    "sizes": "size",
    "color": "color",
    "colour": "color",
    "colors": "color",
    "colours": "color",
    "material": "material",
    "pattern": "pattern",
    "style": "style",
}
_SAME = (
    {"xxs", "2xs", "xx small", "extra extra small"},
    {"xs", "x small", "extra small", "xsmall"},
    {"s", "small"},
    {"m", "medium", "med"},
    {"l", "large"},
    {"xl", "x large", "extra large", "xlarge"},
    {"xxl", "2xl", "xx large", "extra extra large", "xxlarge"},
    {"xxxl", "3xl", "xxx large"},
    {"one size", "onesize", "os"},
)
SIZES = frozenset(word for same in _SAME for word in same)
COLORS = _set(
    "amber apricot aqua azure beige black blue bordeaux brown burgundy charcoal cream crimson cyan gold golden gray "
    "green indigo ivory khaki lavender lilac lime magenta maroon mauve mint navy ochre olive orange peach pink plum "
    "purple red rose ruby rust salmon sand scarlet silver tan taupe teal turquoise violet white yellow"
)
# They carry no choice: a part of a prompt made of these and of known words is understood as a whole.
FILLER = _set(
    "a an the i i'd we please want would like need buy get order purchase take give me us my this that these those it "
    "them one ones item items product products in of for to is be should make thanks thank you hi hello just"
)
_NUMBERS = "two three four five six seven eight nine ten eleven twelve"
NUMBERS = dict(zip(_NUMBERS.split(), range(2, 13), strict=True))
UNCLEAR_NUMBERS = _set("couple dozen dozens few several both pair pairs half")
PIECES = _set("piece pieces pcs pc pce unit units copies copy times")
QUANTITY = frozenset({"quantity", "qty", "count"})


def tokens(text: str) -> list[str]:
    """Words and numbers, small, without accents' many encodings; "it's" and "10.5" are one each."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'").replace("\u00d7", " x ")
    return [_spelled(token) for token in _TOKEN.findall(folded)]


def normal(text: str) -> str:
    """How texts are compared: "X-Large" and "x large" are the same, grey and gray too."""
    return " ".join(tokens(text))


def axis_of(name: str) -> str:
    plain = normal(name)
    return AXES.get(plain, plain)


def same_as(value: str) -> set[str]:
    """Other ways to write the normal text `value`."""
    return next((set(same) - {value} for same in _SAME if value in same), set())


def _spelled(token: str) -> str:
    return {"grey": "gray", "greys": "gray", "coloured": "colored"}.get(token, token)
