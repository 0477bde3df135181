"""Fields that mean something for a purchase and that nobody reads: refused by name, so that none is passed over.

What has no meaning for buying (a note, a reference, metadata) is ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from purchases import choosing, own_shop, spellings, told
from purchases.words import set_of

_CODES = {spellings.key(name) for name in own_shop.CODE_NAMES}
_PERSON = {name for spelled in (*spellings.PERSON.values(), *spellings.ADDRESS.values()) for name in spelled}
_OBJECTS = {*spellings.PERSONS, *spellings.ADDRESSES, *spellings.NAMES}  # of a person and a place
_GOODS = choosing.READ | told.LIMITS | _CODES | {"prompt", "currency", *spellings.SHIPPING_METHOD}
_READ = _GOODS | _PERSON | _OBJECTS  # at the top of user_data
_ONLY_OBJECTS = {*spellings.PERSONS} - {"user", "recipient"} | {"shipto", "location"}  # as a text they are not read
_PLACES = {*spellings.ADDRESSES} - {"location"}
# Words inside a name, and whole names, that ask for something, limit it, or forbid it.
_WORDS = set_of(
    "max maximum minimum limit limits cap budget ceiling spend spending price prices cost quantity quantities qty "
    "items units pieces copies variant variants sku skus discount discounts coupon coupons promo promotion voucher "
    "gift subscription recurring test dry simulate simulated simulation sandbox preview mock draft cancel not dont "
    "express expedited overnight pickup"
)
_WHOLE = set_of(
    "amount total totalamount howmany number item cart basket product products productid productname producturl url "
    "variation variations cancelled canceled hold paused instructions prompts userprompt currencycode dryrun istest "
    "testmode shippingpreference shippingpreferences shippingpriority"
)
_CONSENTS = set_of("confirm confirmed approve approved buy purchase execute autopurchase")
_CHOOSING = {"size", "color", "colour", "material"}  # where they are read, choosing judges them


def first_in(user_data: Mapping[str, Any]) -> str:
    """The path of the first such field ("constraints.max_amount"); '' where all that means something is read."""
    return next(_of_user_data(user_data), "")


def first_beside(body: Mapping[str, Any]) -> str:
    """The same for what stands beside user_data, where nothing is read at all."""
    astray = (name for name, value in body.items() if spellings.key(name) in _READ and not _says_nothing(value))
    return next(astray, "") or next(_inside(body, ""), "")


def _of_user_data(user_data: Mapping[str, Any]) -> Iterator[str]:
    for name, value in user_data.items():
        key = spellings.key(name)
        if key in choosing.OPTIONS:
            continue
        if key in _ONLY_OBJECTS and not isinstance(value, Mapping) and not _says_nothing(value):
            yield name
        if key not in _READ and _means_something(name, value, is_inside=False):
            yield name
        yield from _inside(value, name, is_read=key in _OBJECTS)


def _inside(value: Any, path: str, *, is_read: bool = False) -> Iterator[str]:
    """`is_read`: it is an object of a person or a place, where a way of shipping is read, too."""
    if isinstance(value, list):
        for inner in value:
            yield from _inside(inner, path)
    if not isinstance(value, Mapping):
        return
    for name, inner in value.items():
        key, where = spellings.key(name), f"{path}.{name}" if path else name
        is_method = is_read and key in spellings.SHIPPING_METHOD
        is_astray = not is_read and key in _PLACES and isinstance(inner, Mapping) and "billing" not in path.casefold()
        if is_astray or (not is_method and _means_something(name, inner, is_inside=True)):
            yield where
        yield from _inside(inner, where, is_read=is_read and key in _OBJECTS)


def _means_something(name: str, value: Any, *, is_inside: bool) -> bool:
    key, words = spellings.key(name), spellings.words_of(name)
    if key in _CONSENTS:
        return value is not True and value is not None
    if _says_nothing(value):
        return False
    if is_inside and (key in _GOODS or words & _CHOOSING):
        return True
    return bool(words & _WORDS) or key in _WHOLE or any(limit in key for limit in told.LIMITS)


def _says_nothing(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})
