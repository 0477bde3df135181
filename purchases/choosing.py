"""Which variant, and how many: from what was said, and never a guess.

Fields of `user_data` say it first (size, color, variant, sku, options, quantity); the prompt may add to them, not
contradict them. What leaves more than one variant, or none, is refused with the options listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from carts.services import MAX_PIECES
from purchases import prompts, spellings, words
from purchases.notes import listed, quoted
from purchases.options import Choosable, Options

__all__ = ("Choice", "Choosable", "Refusal", "choose")

_VARIANT_IDS = {"variantid"}
_SKUS = {"sku"}
_VARIANT_NAMES = {"variant", "variantname"}
OPTIONS = {"options", "selectedoptions", "attributes", "variantoptions"}
QUANTITIES = {"quantity", "qty", "count"}
READ = _VARIANT_IDS | _SKUS | _VARIANT_NAMES | OPTIONS | QUANTITIES  # as spellings.key writes them
_CHOOSING_WORDS = {"size", "sizes", "color", "colour", "colors", "colours", "material"}
# Names of the person and the place: an option of that name is told under `options`.
_NOT_OPTIONS = {"name", "email", "phone", "address", "city", "state", "country", "title", "company", "prompt", "notes"}


@dataclass(frozen=True)
class Choice:
    variant_id: int | None  # None: the product's only one
    quantity: int


@dataclass(frozen=True)
class Refusal:
    note: str  # for a person


class _Refused(Exception):
    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


def choose(
    variants: Sequence[Choosable], *, fields: Mapping[str, object], prompt: str = "", product_name: str = ""
) -> Choice | Refusal:
    """The one variant that was meant, and the quantity (1 where none was said)."""
    options = Options(variants)
    try:
        quantity = _quantity(fields)
        left = _by_fields(options, fields)
        said = prompts.read(prompt, options, product_name=product_name, is_quantity_known=quantity is not None)
        left = _by_prompt(options, left, said)
        return Choice(_only(options, left, product_name).variant_id, _agreed(quantity, said.quantities))
    except (_Refused, prompts.Unclear) as refused:
        return Refusal(f"{refused.note} {_on_offer(options)}".strip())


# --- how many ---------------------------------------------------------------------------------------
def _quantity(fields: Mapping[str, object]) -> int | None:
    said = {
        _whole_number(value, name)
        for name, value in fields.items()
        if spellings.key(name) in QUANTITIES and value not in (None, "")
    }
    if len(said) > 1:
        raise _Refused("Different quantities are given.")
    return said.pop() if said else None


def _whole_number(value: object, name: str) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 10:
        value = int(value)
    if type(value) is not int:
        raise _Refused(f"{name} must be a whole number.")
    return value


def _agreed(quantity: int | None, said: set[int]) -> int:
    """Raises _Refused where fields and prompt differ, or nobody sells that many."""
    all_said = said | ({quantity} if quantity is not None else set())
    if len(all_said) > 1:
        raise _Refused(f"Different quantities are given: {listed([str(number) for number in sorted(all_said)])}.")
    agreed = all_said.pop() if all_said else 1
    if not 1 <= agreed <= MAX_PIECES:
        raise _Refused(f"The quantity must be between 1 and {MAX_PIECES}.")
    return agreed


# --- which ------------------------------------------------------------------------------------------
def _by_fields(options: Options, fields: Mapping[str, object]) -> set[int]:
    left = set(range(len(options.variants)))
    for name, value in fields.items():
        if value in (None, ""):
            continue
        key = spellings.key(name)
        if key in _VARIANT_IDS:
            left &= _by_id(options, value, name)
        elif key in _SKUS or key in _VARIANT_NAMES:
            left &= _by_name(options, value, name)
        elif key in OPTIONS:
            for axis, inner in _pairs(value, name):
                left &= _by_option(options, axis, inner)
        elif (axis := words.axis_of(name)) in {*options.axes, *words.AXES.values()} and axis not in _NOT_OPTIONS:
            left &= _by_option(options, name, value)
        elif spellings.words_of(name) & _CHOOSING_WORDS:
            raise _Refused(
                "A field about a size, color or material is not understood: say it by the option's own name."
            )
    return left


def _by_id(options: Options, value: object, name: str) -> set[int]:
    wanted = _whole_number(value, name)
    found = {at for at, variant in enumerate(options.variants) if variant.variant_id == wanted}
    if not found:
        raise _Refused(f"The product has no variant {wanted}.")
    return found


def _by_name(options: Options, value: object, name: str) -> set[int]:
    """By name or SKU; a `variant` may be an id as well, or one option of it."""
    is_number = type(value) is int or (isinstance(value, str) and value.isdigit())
    if is_number and spellings.key(name) in _VARIANT_NAMES and not options.named(str(value)):
        return _by_id(options, value, name)
    text = _text(value, name)
    found = options.named(text)
    axes = options.axes_with(text)
    if not found and len(axes) == 1:
        return _by_option(options, axes[0], text)
    if not found:
        raise _Refused(f"The product has no such {name}.")
    return found


def _by_option(options: Options, name: str, value: object) -> set[int]:
    text = _text(value, name)
    axis = words.axis_of(name)
    axes = [axis] if axis in options.axes else [each for each in options.nameless() if options.means(each, text)]
    meant = {(each, one) for each in axes for one in options.means(each, text)}
    if len(meant) != 1:
        called = axis if axis in {*options.axes, *words.AXES.values()} else "option"
        value_said = (
            f"{called} {quoted(text)}" if words.normal(text) in words.SIZES | words.COLORS else f"such {called}"
        )
        raise _Refused(f"What is said of the {called} is not clear." if meant else f"The product has no {value_said}.")
    return options.having(*meant.pop())


def _pairs(value: object, name: str) -> list[tuple[str, object]]:
    """{"Size": "L"} or [{"name": "Size", "value": "L"}]."""
    if isinstance(value, Mapping):
        return [(str(axis), inner) for axis, inner in value.items()]
    if isinstance(value, list) and all(isinstance(each, Mapping) and {"name", "value"} <= set(each) for each in value):
        return [(str(each["name"]), each["value"]) for each in value]
    raise _Refused(f"{name} must name options and their values.")


def _text(value: object, name: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Refused(f"{name} must be a text.")
    return str(value)


def _by_prompt(options: Options, left: set[int], said: prompts.Said) -> set[int]:
    """Raises _Refused where the prompt leaves nothing of what the fields left."""
    wanted = [options.having(axis, value) for axis, value in said.values] + said.variants
    found = set.intersection(set(range(len(options.variants))), *wanted)
    if not found:
        raise _Refused("No variant is all that the prompt says.")
    if left and not left & found:
        raise _Refused("The prompt contradicts the fields.")
    return left & found


def _only(options: Options, left: set[int], product_name: str) -> Choosable:
    if not left:
        raise _Refused("No variant is all that was said.")
    found = [options.variants[at] for at in sorted(left)]
    if len(found) > 1:
        raise _Refused("It is not clear which variant is meant.")
    if not found[0].is_available:
        name = f"{product_name} ({found[0].name})" if product_name else found[0].name
        raise _Refused(f"{quoted(name)} is sold out.")
    return found[0]


def _on_offer(options: Options) -> str:
    """'There is: "Large / Blue", "Medium / Blue" (sold out).' The order of the variants does not matter."""
    names = sorted(
        quoted(variant.name) + ("" if variant.is_available else " (sold out)") for variant in options.variants
    )
    return f"There is: {listed(names)}." if names else "There is nothing for sale."
