"""What tells a product's variants apart, and which of them a word can mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from purchases import words

NAMELESS = "#"  # begins no word of a prompt


@dataclass(frozen=True)
class Choosable:
    """A variant as `choose` sees it: of this shop, or of another (`variant_id` None: it is the product's only one)."""

    variant_id: int | None
    name: str
    sku: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    is_available: bool = True


class Options:
    """Axes (size, color) and their values, in normal spelling. Variants without options have their name's parts:
    "Medium / Blue" is two nameless axes."""

    def __init__(self, variants: Sequence[Choosable]) -> None:
        self.variants = list(variants)
        self._values = [_values_of(variant) for variant in self.variants]
        self.axes = sorted({axis for values in self._values for axis in values})
        self._forms = {axis: self._forms_of(axis) for axis in self.axes}
        # Whether a bare number may be a choice: sizes 41 and 42.
        self.has_numbers = any(form.isdigit() for form in self.forms())

    def means(self, axis: str, text: str) -> set[str]:
        """The axis's values that the text can mean: none, one, or several, which is no choice."""
        return self._forms.get(axis, {}).get(words.normal(text), set())

    def axes_with(self, text: str) -> list[str]:
        form = words.normal(text)
        return [axis for axis in self.axes if form in self._forms[axis]]

    def nameless(self) -> list[str]:
        return [axis for axis in self.axes if axis.startswith(NAMELESS)]

    def forms(self) -> set[str]:
        """Every way to write any value."""
        return {form for forms in self._forms.values() for form in forms}

    def having(self, axis: str, value: str) -> set[int]:
        """Positions of the variants with that value."""
        return {at for at, values in enumerate(self._values) if values.get(axis) == value}

    def named(self, text: str) -> set[int]:
        """Positions of the variants of that name or SKU."""
        wanted = words.normal(text)
        return {
            at
            for at, variant in enumerate(self.variants)
            if wanted and wanted in {words.normal(variant.name), words.normal(variant.sku)}
        }

    def names(self) -> set[str]:
        """Normal names and SKUs."""
        found = {words.normal(text) for variant in self.variants for text in (variant.name, variant.sku)}
        return found - {""}

    def _forms_of(self, axis: str) -> dict[str, set[str]]:
        """How each value is written -> what that means. A value's own spelling is never another's synonym."""
        values = {of[axis] for of in self._values if axis in of}
        forms: dict[str, set[str]] = {value: {value} for value in values}
        for value in values:
            for form in words.same_as(value) - values:
                forms.setdefault(form, set()).add(value)
        return forms


def _values_of(variant: Choosable) -> dict[str, str]:
    named = {words.axis_of(str(name)): words.normal(str(value)) for name, value in variant.options.items()}
    parts: Iterable[str] = variant.name.split(" / ") if not named else ()
    return named or {
        f"{NAMELESS}{at}": words.normal(part) for at, part in enumerate(parts, start=1) if words.normal(part)
    }
