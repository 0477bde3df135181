"""How the goods are sent: as was said, else the cheapest way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from purchases.filling import Refusal
from purchases.notes import listed, quoted
from purchases.words import tokens


class Method(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def amount(self) -> int: ...


M = TypeVar("M", bound=Method)


def choose_method(methods: Sequence[M], *, said: str) -> M | Refusal:
    """`said`: an id, a name, or the words of one name alone ("express"); '': the cheapest, the first of several.

    Amounts of the methods in minor units of one currency.
    """
    if not methods:
        return Refusal("The shop does not say how it would send the goods.")
    if not said:
        return min(methods, key=lambda method: (method.amount, method.id))
    found = [method for method in methods if said == str(method.id)]
    found = found or [method for method in methods if tokens(method.name) == tokens(said)]
    found = found or [method for method in methods if set(tokens(said)) <= set(tokens(method.name)) and tokens(said)]
    if len(found) == 1:
        return found[0]
    names = listed([quoted(method.name) for method in methods])
    return Refusal(f"The shipping method is not one of these: {names}.")
