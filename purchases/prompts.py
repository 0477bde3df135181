"""A prompt ("2x, medium", "Size Large, Color Blue"), as far as it can be read surely.

It is cut into parts at commas, full stops and "and". A part that names an option, a size, a color or a number must be
understood whole, to its last word; otherwise nobody knows whether it says "blue" or "not the blue one". A part that
names none of these is about something else and is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from purchases import words
from purchases.notes import quoted
from purchases.options import NAMELESS, Options

MAX_PROMPT = 2000  # characters that are read
MAX_BARE = 12  # "2 blue" is two of them; nobody knows what "42 blue" is
_PARTS = re.compile(r"[,;\n!?|/&+()]|\.(?:\s|$)|\band\b", re.IGNORECASE)
_TIMES = re.compile(r"([0-9]{1,6})(?:x|pcs?|pieces?)|x([0-9]{1,6})")
_ORDINAL = re.compile(r"[0-9]+(?:st|nd|rd|th)")
_NUMBER = re.compile(r"[0-9]{1,6}")


class Unclear(Exception):
    """`note` says which part is not understood."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


@dataclass
class Said:
    """What a prompt says. `values`: (axis, value), normal; `variants`: sets of positions, each by name or SKU."""

    values: set[tuple[str, str]] = field(default_factory=set)
    variants: list[set[int]] = field(default_factory=list)
    quantities: set[int] = field(default_factory=set)


def read(prompt: str, options: Options, *, product_name: str = "", is_quantity_known: bool = False) -> Said:
    """Raises Unclear. `is_quantity_known`: numbers that are not surely a quantity do not matter."""
    if len(prompt) > MAX_PROMPT:
        raise Unclear(f"The prompt is longer than {MAX_PROMPT} characters.")
    said = Said()
    for text in _PARTS.split(prompt):
        _Part(text, options, product_name, is_quantity_known).read_into(said)
    return said


class _Part:
    """One part, read from left to right by the longest known phrase."""

    def __init__(self, text: str, options: Options, product_name: str, is_quantity_known: bool) -> None:
        self._text = text
        self._options = options
        self._tokens = words.tokens(text)
        self._nouns = {_singular(token) for token in words.tokens(product_name)}
        self._is_quantity_known = is_quantity_known
        self._phrases = options.forms() | options.names() | words.SIZES | words.COLORS
        self._longest = max((phrase.count(" ") + 1 for phrase in self._phrases), default=1)
        self._said = Said()
        self._axis = ""  # the last one named, still without its value
        self._number: int | None = None  # the last one read, not yet known to be a quantity
        self._has_meaning = self._is_unsure = False

    def read_into(self, said: Said) -> None:
        at = 0
        while at < len(self._tokens):
            at += self._phrase(at) or self._word(at)
        self._finish()
        said.values |= self._said.values
        said.variants += self._said.variants
        said.quantities |= self._said.quantities

    def _finish(self) -> None:
        """A small number beside what is chosen is how many of it; a larger one may be a size."""
        is_beside = bool(self._said.values or self._said.variants)
        if self._number is not None and is_beside and self._number <= MAX_BARE:
            self._said.quantities.add(self._number)
            self._number = None
        self._is_unsure |= bool(self._axis) or (self._number is not None and not self._is_quantity_known)
        if self._has_meaning and self._is_unsure:
            raise Unclear(f"{quoted(self._text)} cannot be read surely.")

    def _phrase(self, at: int) -> int:
        """How many words of a known phrase begin here; 0 for none."""
        for length in range(min(self._longest, len(self._tokens) - at), 0, -1):
            phrase = " ".join(self._tokens[at : at + length])
            if phrase in self._phrases and not self._is_only_a_number(phrase) and self._choose(phrase):
                return length
        return 0

    def _is_only_a_number(self, phrase: str) -> bool:
        """42 is a size where "size" stands before it; elsewhere nobody knows."""
        return bool(_NUMBER.fullmatch(phrase)) and not self._options.means(self._axis, phrase)

    def _choose(self, phrase: str) -> bool:
        axes = [self._axis] if self._options.means(self._axis, phrase) else self._options.axes_with(phrase)
        variants = self._options.named(phrase)
        if not axes and not variants and phrase in self._nouns:
            return False  # "Rose Soap" names no color
        self._has_meaning = True
        if len(axes) == 1:
            self._choose_value(axes[0], phrase)
        elif variants and not axes:
            self._said.variants.append(variants)
        elif axes:
            self._is_unsure = True
        else:
            raise Unclear(f"There is no {quoted(phrase)}.")
        return True

    def _choose_value(self, axis: str, phrase: str) -> None:
        values = self._options.means(axis, phrase)
        self._is_unsure |= len(values) > 1
        self._said.values |= {(axis, value) for value in values}
        if axis == self._axis or axis.startswith(NAMELESS):
            self._axis = ""

    def _word(self, at: int) -> int:
        """How many words are read: one, or two where the second belongs to a number."""
        token = self._tokens[at]
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else ""
        if (axis := words.AXES.get(token, token)) in {*self._options.axes, "size", "color"}:
            self._name_axis(axis)
        elif token in words.QUANTITY or (token in {"x"} and _NUMBER.fullmatch(following)):
            self._has_meaning = True
        elif times := _TIMES.fullmatch(token):
            self._say_quantity(int(times[1] or times[2]), following)
        elif _NUMBER.fullmatch(token) or token in words.NUMBERS:
            return self._count(at, words.NUMBERS.get(token) or int(token), following)
        elif token in words.UNCLEAR_NUMBERS:
            self._has_meaning |= not self._is_quantity_known
            self._is_unsure = True
        elif token[0].isdigit() and not _ORDINAL.fullmatch(token):
            self._has_meaning = self._is_unsure = True
        elif _singular(token) not in self._nouns and token not in words.FILLER:
            self._is_unsure = True
        return 1

    def _name_axis(self, axis: str) -> None:
        """Before its value ("Size Large"), or after it ("Large size")."""
        self._has_meaning = True
        read = {read for read, _ in self._said.values}
        if axis in read or (axis not in self._options.axes and read & set(self._options.nameless())):
            return
        self._is_unsure |= bool(self._axis)
        self._axis = axis

    def _count(self, at: int, number: int, following: str) -> int:
        """After "qty" or before "x", "pieces", "of", "shirts" it is a quantity; of another number nobody knows yet."""
        before = self._tokens[at - 1] if at else ""
        if following in {"x", "of", *words.PIECES} or (following and _singular(following) in self._nouns):
            after = self._tokens[at + 2] if at + 2 < len(self._tokens) else ""
            self._say_quantity(number, after if following == "x" else "")
            return 2
        if before in {*words.QUANTITY, "x"}:
            self._say_quantity(number, following)
        elif self._number is not None or self._options.has_numbers or f"{number}{following}" in words.SIZES:
            self._has_meaning = self._is_unsure = True
        else:
            self._has_meaning |= not self._is_quantity_known
            self._number = number
        return 1

    def _say_quantity(self, number: int, following: str) -> None:
        """Unsure before a size of that sound: "2x large" may be two of Large or one of 2XL."""
        self._has_meaning = True
        self._is_unsure |= f"x {following}" in words.SIZES
        self._said.quantities.add(number)


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word
