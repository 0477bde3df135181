"""A prompt ("2x, medium", "Size Large, Color Blue"), as far as it can be read surely.

It is cut into parts at commas, full stops and "and". Each must be understood to its last word; otherwise nobody knows
whether it says "blue" or "not the blue one", and all is refused. Passed over is only what is plainly about something
else, a gift, a door or a greeting, where no number, no negation and no option stands beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from purchases import words
from purchases.notes import listed, quoted
from purchases.options import NAMELESS, Options

MAX_PROMPT = 2000  # characters that are read
MAX_BARE = 12  # "2 blue" is two of them; nobody knows what "42 blue" is
FORMS = 'It is read like "Size Large, Color Blue", "2x, medium" or "3 pieces", numbers above twelve in digits.'
_PARTS = re.compile(r"[,;\n!?|/&+()]|\.(?:\s|$)|\band\b", re.IGNORECASE)
_TIMES = re.compile(r"([0-9]{1,6})(?:x|pcs?|pieces?)|x([0-9]{1,6})")
_NUMBER = re.compile(r"[0-9]{1,6}")
_NAMED_AFTER = {"for", "from", "my", "our", "neighbor", "neighbour"}
_POINTED_AT = {"the", "this", "that"}


class Unclear(Exception):
    """`note` says what is not understood, in words of ours: a prompt may hold anything about a person."""

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
    """Raises Unclear. `is_quantity_known`: the number of a door ("leave it at door 5") is surely none."""
    if len(prompt) > MAX_PROMPT:
        raise Unclear(f"The prompt is longer than {MAX_PROMPT} characters.")
    said = Said()
    parts = [_Part(text, options, product_name, is_quantity_known) for text in _PARTS.split(prompt)]
    for part in parts:
        part.read_into(said)
    if sum(part.counts_what_it_chooses for part in parts) > 1 and len(said.quantities) == 1:
        raise Unclear(f"The prompt says how many more than once. {FORMS}")  # "2 large, 2 blue": two, or four?
    if any(part.speaks_of_several for part in parts) and not (said.quantities or is_quantity_known):
        raise Unclear(f"The prompt speaks of several and does not say how many. {FORMS}")
    return said


class _Part:
    """One part, read from left to right by the longest known phrase."""

    def __init__(self, text: str, options: Options, product_name: str, is_quantity_known: bool) -> None:
        self._options = options
        self._tokens = words.tokens(text)
        self._product = words.tokens(product_name)
        self._nouns = {_singular(token) for token in self._product}
        self._is_quantity_known = is_quantity_known
        self._phrases = options.forms() | options.names() | words.SIZES | words.COLORS
        self._axes = {*options.axes, "size", "color"}
        self._longest = max(phrase.count(" ") + 1 for phrase in self._phrases | self._axes)
        self._said = Said()
        self._axis = ""  # the last one named, still without its value
        self._number: int | None = None  # the last one read, not yet known to be a quantity
        self._known: list[str] = []  # what was understood, in known words: to say where it went wrong
        self._names: set[int] = set()  # where somebody's name stands
        self._has_meaning = self._is_unsure = self._is_aside = False
        self._asks_how_many = self.speaks_of_several = False

    def read_into(self, said: Said) -> None:
        at = 0
        while at < len(self._tokens):
            at += self._phrase(at) or self._word(at)
        self._finish()
        said.values |= self._said.values
        said.variants += self._said.variants
        said.quantities |= self._said.quantities

    @property
    def counts_what_it_chooses(self) -> bool:
        return bool(self._said.quantities and (self._said.values or self._said.variants))

    def _finish(self) -> None:
        """A small number beside what is chosen is how many of it; a larger one may be a size."""
        is_beside = bool(self._said.values or self._said.variants)
        if self._number is not None and (self._asks_how_many or (is_beside and self._number <= MAX_BARE)):
            self._said.quantities.add(self._number)
            self._number = None
        self._is_unsure |= bool(self._axis) or self._number is not None
        self._is_unsure |= self._asks_how_many and not self._said.quantities
        if self._is_unsure or (self._has_meaning and (self._is_aside or self._names)):
            raise self._unclear()
        if self._names and not self._is_aside:
            raise self._unclear()

    def _unclear(self) -> Unclear:
        near = f" near {listed([quoted(word) for word in dict.fromkeys(self._known)], most=5)}" if self._known else ""
        return Unclear(f"The prompt cannot be read surely{near}. {FORMS}")

    def _phrase(self, at: int) -> int:
        """How many words of a known phrase begin here; 0 for none."""
        if len(self._product) > 1 and self._tokens[at : at + len(self._product)] == self._product:
            return len(self._product)
        for length in range(min(self._longest, len(self._tokens) - at), 0, -1):
            phrase = " ".join(self._tokens[at : at + length])
            if phrase in self._phrases and not self._needs_its_axis(phrase) and self._choose(phrase):
                self._known.append(phrase)
                return length
            if length > 1 and phrase in self._axes:
                self._name_axis(phrase)
                return length
        return 0

    def _needs_its_axis(self, phrase: str) -> bool:
        """42 is a size where "size" stands before it; elsewhere nobody knows. The same with "none"."""
        is_doubtful = _NUMBER.fullmatch(phrase) or phrase in words.NEGATIONS
        return bool(is_doubtful) and not self._options.means(self._axis, phrase)

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
        word = self._tokens[at]
        following = self._tokens[at + 1] if at + 1 < len(self._tokens) else ""
        if word in words.NEVER_PASSED or not word[0].isalnum():
            self._known.append(word if word in words.NEVER_PASSED else word[0])
            raise self._unclear()
        if (axis := words.AXES.get(word, word)) in self._axes:
            self._name_axis(axis)
        elif word in words.QUANTITY or (word == "x" and _NUMBER.fullmatch(following)):
            self._asks_how_many = True
        elif word == "one" and following in {"x", *words.PIECES}:
            self._say_quantity(1, "")
            return 2
        elif times := _TIMES.fullmatch(word):
            self._say_quantity(int(times[1] or times[2]), following)
        elif _NUMBER.fullmatch(word) or word in words.NUMBERS:
            return self._count(at, words.NUMBERS.get(word) or int(word), following)
        else:
            self._read_other(at, word)
        return 1

    def _read_other(self, at: int, word: str) -> None:
        """What chooses nothing. A word that nobody knows may be a name: "a gift for Jane"."""
        before = self._tokens[at - 1] if at else ""
        if word == "one" and not self._points(before):
            self._said.quantities.add(1)
        elif _singular(word) in self._nouns or word in words.FILLER:
            is_plural = word != _singular(word) and word not in self._product and word not in words.FILLER
            self.speaks_of_several |= is_plural or word in words.SEVERAL
        elif word in words.ASIDE:
            self._is_aside = True
        elif word in words.BESIDE and (self._is_aside or words.ASIDE & {*self._tokens[at:]}):
            pass
        elif word.isalpha() and (before in _NAMED_AFTER or at - 1 in self._names):
            self._names.add(at)
        else:
            raise self._unclear()

    def _points(self, before: str) -> bool:
        """The blue one, that one: no number."""
        return before in _POINTED_AT or any(phrase.split()[-1] == before for phrase in self._known)

    def _name_axis(self, axis: str) -> None:
        """Before its value ("Size Large"), or after it ("Large size")."""
        self._has_meaning = True
        self._known.append(axis)
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
        elif self._is_quantity_known and before in words.PLACES:
            self._is_aside = True
        elif self._number is not None or self._options.has_numbers or f"{number}{following}" in words.SIZES:
            self._is_unsure = True
        else:
            self._number = number
        return 1

    def _say_quantity(self, number: int, following: str) -> None:
        """Unsure before a size of that sound: "2x large" may be two of Large or one of 2XL."""
        self._has_meaning = True
        self._is_unsure |= f"x {following}" in words.SIZES
        self._said.quantities.add(number)


def _singular(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 else word
