"""Who buys and where the goods go, out of `user_data` as people write it: flat or nested, camelCase or snake_case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from common import addresses, cards
from common.addresses import Address
from purchases import spellings
from purchases.notes import listed, quoted

__all__ = ("Filled", "Refusal", "fill")

Fields = Mapping[str, object]

_LONGEST = {"email": 254, "full_name": 200, "phone": 40, "city": 100, "state": 100, "postal_code": 20}  # else 200
_NAMES = {"email": "an e-mail address", "full_name": "a name", "address_line1": "a street (address_line1)"}
_NAMES |= {"city": "a city", "country": "a country"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Filled:
    """`address` as checkouts.services takes it; `shipping_method`: what was said of it, a name or an id, or ''."""

    email: str
    full_name: str
    phone: str
    address: Address
    shipping_method: str = ""


@dataclass(frozen=True)
class Refusal:
    note: str  # everything that is missing or wrong, for a person


@dataclass
class _Reader:
    """Takes values by their names; notes what is wrong with them."""

    wrong: list[str] = field(default_factory=list)
    has_number_for_code: bool = False

    def first(self, name: str, spelled: tuple[str, ...], sources: Iterable[Fields]) -> str:
        """The value in the first source that has one. Two different ones in one source are none."""
        for source in sources:
            by_key = {spellings.key(given): self._text(name, value) for given, value in source.items()
                      if spellings.key(given) in spelled}  # fmt: skip
            found = [by_key[given] for given in spelled if by_key.get(given)]
            if len(set(found)) > 1 and name != "state":  # a state's name and its code are both sent
                self.wrong.append(f"{name} is given twice, differently")
            if found:
                return found[0]
        return ""

    def _text(self, name: str, value: object) -> str:
        """'' also for objects: those are sources of their own."""
        if value is None or isinstance(value, Mapping):
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.wrong.append(f"{name} must be a text")
            return ""
        text = str(value).strip()
        if name == "country":
            text = spellings.country_code(text) or text  # so that "US" and "United States" are the same
        if name == "postal_code" and isinstance(value, int):
            self.has_number_for_code = True
        if _CONTROL.search(text) or len(text) > _LONGEST.get(name, 200):
            self.wrong.append(f"{name} is too long or has control characters in it")
            return ""
        return text


def fill(user_data: Fields, *, defaults: Fields | None = None) -> Filled | Refusal:
    """`defaults`: written like user_data, for what it does not say; an address is taken whole from one of the two."""
    if cards.holds_card_data(dict(user_data)):
        return Refusal("user_data must not hold a card's number or security code.")
    reader = _Reader()
    person = _person(reader, [user_data, *([defaults] if defaults else [])])
    address = _address(reader, user_data) or (_address(reader, defaults) if defaults else {})
    needed = person | {name: address.get(name, "") for name in addresses.REQUIRED}
    missing = [words for name, words in _NAMES.items() if not needed[name] and not _is_said_wrong(reader, name)]
    if missing or reader.wrong:
        return Refusal(_note(missing, reader.wrong))
    method = reader.first("shipping_method", spellings.SHIPPING_METHOD, [user_data, *([defaults] if defaults else [])])
    return Filled(person["email"], person["full_name"], person["phone"], addresses.clean(address), method)


def _is_said_wrong(reader: _Reader, name: str) -> bool:
    return any(wrong.startswith(f"{name} ") for wrong in reader.wrong)


def _note(missing: list[str], wrong: list[str]) -> str:
    said = [f"user_data lacks {listed(missing)}."] if missing else []
    return " ".join([*said, *(f"{text[0].upper()}{text[1:]}." for text in dict.fromkeys(wrong))])


def _person(reader: _Reader, all_fields: list[Fields]) -> dict[str, str]:
    sources = [source for fields in all_fields for source in _sources_of_person(fields)]
    found = {name: reader.first(name, spelled, sources) for name, spelled in spellings.PERSON.items()}
    first, last = found.pop("first_name"), found.pop("last_name")
    found["full_name"] = found["full_name"] or f"{first} {last}".strip()
    if found["email"] and not _is_email(found["email"]):
        reader.wrong.append(f"email {quoted(found['email'])} is no e-mail address")
    return found


def _sources_of_person(fields: Fields) -> list[Fields]:
    return [fields, *spellings.inner(fields, spellings.PERSONS), *_address_objects(fields)]


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _address_objects(fields: Fields) -> list[Fields]:
    """Its own, then those inside the person; each may hold one more (shipping.address)."""
    holders = [fields, *spellings.inner(fields, spellings.PERSONS)]
    found = [each for holder in holders for each in spellings.inner(holder, spellings.ADDRESSES)]
    return [each for one in found for each in (*spellings.inner(one, spellings.ADDRESSES), one)]


def _address(reader: _Reader, fields: Fields) -> Address:
    """The fields of the first address that has a street; {} where none is given. One is not mixed with another."""
    flat = {_without_prefix(name): value for name, value in fields.items()}
    sources = (*_address_objects(fields), *spellings.inner(fields, spellings.PERSONS), flat)
    read = [
        {name: reader.first(name, spelled, [source]) for name, spelled in spellings.ADDRESS.items()}
        for source in sources
    ]
    with_street = [found for found in read if found["address_line1"]]
    given = [found for found in read if any(found.values())]
    return _in_order(reader, (with_street or given)[0]) if given else {}


def _without_prefix(name: str) -> str:
    """shipping_city -> city, but not shipping_method."""
    plain = spellings.key(name)
    stripped = plain.removeprefix("shipping").removeprefix("delivery")
    return stripped if any(stripped in spelled for spelled in spellings.ADDRESS.values()) else plain


def _in_order(reader: _Reader, found: Address) -> Address:
    number = found.pop("house_number")
    if number and number not in found["address_line1"].split():
        found["address_line1"] = f"{found['address_line1']} {number}".strip()
    code = spellings.country_code(found["country"])
    if found["country"] and not code:
        reader.wrong.append(f"country {quoted(found['country'])} is not known: send its two letters, like US")
    if code == "US" and reader.has_number_for_code:
        found["postal_code"] = found["postal_code"].zfill(5)  # sent as a number, 02139 lost its zero
    return found | {"country": code}
