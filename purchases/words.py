"""The words in which people choose: what means the same, what is a size or a color, what means nothing here."""

from __future__ import annotations

import re
import unicodedata

_DASH = r"[-\u2010-\u2015\u2212]"
# Punctuation says nothing, nor do smiles; another sign is a word of its own: "$", "%", "<".
_PUNCTUATION = r"\s.,;:!?'\"_|/&+()\[\]{}=*\u00a1\u00bf\u2018-\u201f\u2022\u2026\u00b7\u00ab\u00bb"
_SMILES = r"\ufe0f\u2764\U0001f600-\U0001f640"
# A dash is a minus right before a number where nothing stands before it, or a colon: "-2", "quantity: - 2".
_MINUS = rf"(?:(?<![^\W_]){_DASH}(?=[0-9])|(?<=[:=])\s*{_DASH}\s+(?=[0-9]))"
_TOKEN = re.compile(rf"{_MINUS}?[^\W_]+(?:['.][^\W_]+)*|(?!{_DASH})[^\w{_PUNCTUATION}{_SMILES}]")


def set_of(text: str) -> frozenset[str]:
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
    "fabric": "fabric",
    "fit": "fit",
    "flavor": "flavor",
    "flavour": "flavor",
    "scent": "scent",
    "finish": "finish",
    "length": "length",
    "width": "width",
    "model": "model",
    "edition": "edition",
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
COLORS = set_of(
    "amber apricot aqua azure beige black blue bordeaux brown burgundy charcoal cream crimson cyan gold golden gray "
    "green indigo ivory khaki lavender lilac lime magenta maroon mauve mint navy ochre olive orange peach pink plum "
    "purple red rose ruby rust salmon sand scarlet silver tan taupe teal turquoise violet white yellow"
)
# They carry no choice: a part of a prompt made of these and of known words is understood as a whole.
FILLER = set_of(
    "a an the i i'd i'll i'm we please pls want would like love need buy get order purchase take give me us my our "
    "your you this that that's these those it it's its them one ones item items product products in of for to is be "
    "should can could will may make thanks thank thx cheers much very so kindly kind dear hi hello hey there just only "
    "now great nice variant"
)
SEVERAL = set_of("ones items products")
# They begin what is about something else: what is said with them is passed over, unless something is chosen there.
ASIDE = set_of(
    "gift present birthday christmas anniversary surprise ring knock bell doorbell porch garage mailbox "
    "neighbor neighbors neighbour neighbours reception desk concierge garden good day morning afternoon evening "
    "weekend regards wishes best hope appreciate appreciated happy enjoy help door floor apartment room gate building "
    "entrance"
)
PLACES = set_of("door floor apartment room gate building entrance")  # a number after them is the place's
BESIDE = set_of("leave at by on with have from")  # further words of what is about something else
_NUMBERS = "two three four five six seven eight nine ten eleven twelve"
NUMBERS = dict(zip(_NUMBERS.split(), range(2, 13), strict=True))
# Numbers and negations that no name may be mistaken for; a prompt with one of them is never passed over.
UNCLEAR_NUMBERS = set_of(
    "zero nil thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy "
    "eighty ninety hundred hundreds thousand thousands million once twice thrice double triple single couple dozen "
    "dozens few several both pair pairs half quarter many all every each any another more less least most max maximum "
    "minimum dollar dollars euro euros cents usd eur gbp"
)
NEGATIONS = set_of(
    "no not none nothing never neither nor without except but unless if or instead cancel cancelled canceled stop wait "
    "don't dont doesn't won't can't cannot shouldn't isn't aren't nobody skip abort hold until before"
)
NEVER_PASSED = UNCLEAR_NUMBERS | NEGATIONS
PIECES = set_of("piece pieces pcs pc pce unit units copies copy times")
QUANTITY = frozenset({"quantity", "qty", "count"})


def tokens(text: str) -> list[str]:
    """Words, numbers ("-2" too) and signs ("$"), small, each letter in one encoding; "it's" and "10.5" are one each."""
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
    if len(token) > 1 and not token[0].isalnum():
        return f"-{token.strip()[1:].strip()}"
    return {"grey": "gray", "greys": "gray", "coloured": "colored"}.get(token, token)
