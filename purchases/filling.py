"""Who buys and where the goods go, out of `user_data` as people write it: flat or nested, camelCase or snake_case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from common import addresses, cards
from common.addresses import Address
from purchases import spellings
from purchases.notes import listed

__all__ = ("Filled", "Refusal", "fill")

Fields = Mapping[str, object]

_LONGEST = {"email": 254, "full_name": 200, "phone": 40, "city": 100, "state": 100, "postal_code": 20}  # else 200
_NEEDED = {"email": "an e-mail address", "full_name": "a name", "address_line1": "a street (address_line1)"}
_NEEDED |= {"city": "a city", "country": "a country"}
_CALLED = {"email": "e-mail address", "full_name": "name", "first_name": "first name", "last_name": "last name"}
_CALLED |= {"address_line1": "street (address_line1)", "address_line2": "second line (address_line2)"}
_CALLED |= {"house_number": "house number", "postal_code": "postal code", "shipping_method": "shipping method"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_WITH_COUNTRY = re.compile(r"^[A-Z]{2}-(?=[A-Z0-9]{1,3}$)")  # US-IL
_ABBREVIATED = 3  # letters at most: IL, NSW
_PREFIX = re.compile(r"(shipping|delivery)[^A-Za-z0-9]*", re.IGNORECASE)


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
    """Takes values by their names; notes what is wrong with them, never repeating them: they are a person's."""

    wrong: dict[str, str] = field(default_factory=dict)  # name -> what is wrong with it
    has_number_for_code: bool = False

    def agreed(self, name: str, spelled: tuple[str, ...], sources: Iterable[Fields]) -> str:
        """What the sources say, the first of them first; '' where none does. Two that differ are noted."""
        return self.agree(name, [text for source in sources for text in self.said(name, spelled, source)])

    def agree(self, name: str, found: list[str]) -> str:
        if any(not _is_same(name, found[0], text) for text in found[1:]):
            self.note(name, "is given twice, differently")
        return found[0] if found else ""

    def note(self, name: str, wrong: str) -> None:
        self.wrong.setdefault(name, f"The {_CALLED.get(name, name)} {wrong}.")

    def checked(self, name: str, text: str) -> str:
        if _CONTROL.search(text) or len(text) > _LONGEST.get(name, 200):
            self.note(name, "is too long or has control characters in it")
            return ""
        return text

    def said(self, name: str, spelled: tuple[str, ...], source: Fields) -> list[str]:
        by_key = [(spellings.key(given), value) for given, value in source.items()]
        texts = [self._text(name, value) for known in spelled for key, value in by_key if key == known]
        return [text for text in texts if text]

    def _text(self, name: str, value: object) -> str:
        """'' also for objects, which are sources of their own; but no object says how goods are sent."""
        if value is None or (isinstance(value, Mapping) and name != "shipping_method"):
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            self.note(name, "must be a text")
            return ""
        text = str(value).strip()
        if name == "country":
            text = spellings.country_code(text) or text  # so that "US" and "United States" are the same
        if name == "postal_code" and isinstance(value, int):
            self.has_number_for_code = True
        return self.checked(name, text)


def _is_same(name: str, one: str, other: str) -> bool:
    if name == "phone":
        return _only(str.isdigit, one) == _only(str.isdigit, other)
    if name == "email":
        return one.casefold() == other.casefold()
    if name == "state":
        one, other = (_WITH_COUNTRY.sub("", text) for text in (one, other))
        short, long = sorted((one, other), key=len)
        if len(short) <= _ABBREVIATED < len(long):
            return _abbreviates(short.casefold(), long.casefold())
    return _only(str.isalnum, one.casefold()) == _only(str.isalnum, other.casefold())


def _only(is_kept: Callable[[str], bool], text: str) -> str:
    return "".join(filter(is_kept, text))


def _abbreviates(short: str, long: str) -> bool:
    """IL is Illinois. A number says nothing about its name."""
    rest = iter(long)
    return short.isdigit() or all(letter in rest for letter in short)


def fill(user_data: Fields, *, defaults: Fields | None = None) -> Filled | Refusal:
    """`defaults`: written like user_data, for what it does not say. A name and an address are taken whole from one of
    the two."""
    if cards.holds_card_data(dict(user_data)):
        return Refusal("user_data must not hold a card's number or security code.")
    reader = _Reader()
    both = [user_data, *([defaults] if defaults else [])]
    person = _person(reader, both)
    address = next(filter(None, (_address(reader, fields) for fields in both)), {})
    method = next(filter(None, (_method(reader, fields) for fields in both)), "")
    needed = person | {name: address.get(name, "") for name in addresses.REQUIRED}
    missing = [words for name, words in _NEEDED.items() if not needed[name] and name not in reader.wrong]
    if missing or reader.wrong:
        lacking = [f"user_data lacks {listed(missing)}."] if missing else []
        return Refusal(" ".join([*lacking, *reader.wrong.values()]))
    return Filled(person["email"], person["full_name"], person["phone"], addresses.clean(address), method)


# --- who --------------------------------------------------------------------------------------------
def _person(reader: _Reader, both: list[Fields]) -> dict[str, str]:
    sources = [_sources_of_person(fields) for fields in both]
    found = {
        name: next(filter(None, (reader.agreed(name, spellings.PERSON[name], each) for each in sources)), "")
        for name in ("email", "phone")
    }
    found["full_name"] = next(filter(None, (_full_name(reader, each) for each in sources)), "")
    if found["email"] and not _is_email(found["email"]):
        reader.note("email", "is none")
    return found


def _full_name(reader: _Reader, sources: list[Fields]) -> str:
    full, first, last = (
        reader.agreed(name, spellings.PERSON[name], sources) for name in ("full_name", "first_name", "last_name")
    )
    joined = f"{first} {last}".strip()
    if not full and not joined and any(each for source in sources for each in spellings.inner(source, spellings.NAMES)):
        reader.note("full_name", "must be a text, or an object of a first and a last name")
    if full and not {*joined.casefold().split()} <= {*full.casefold().split()}:
        reader.note("full_name", "is given twice, differently")
    return full or reader.checked("full_name", joined)


def _sources_of_person(fields: Fields) -> list[Fields]:
    """Its own fields, then those of the objects inside it; each may have an object for its name."""
    holders = [*_flat(fields), *spellings.inner(fields, spellings.PERSONS), *_address_objects(fields)]
    return [source for holder in holders for source in (holder, *spellings.inner(holder, spellings.NAMES))]


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


# --- where ------------------------------------------------------------------------------------------
def _address_objects(fields: Fields) -> list[Fields]:
    """Its own, then those inside the person; each may hold one more (shipping.address)."""
    holders = [fields, *spellings.inner(fields, spellings.PERSONS)]
    found = [each for holder in holders for each in spellings.inner(holder, spellings.ADDRESSES)]
    return [each for one in found for each in (*spellings.inner(one, spellings.ADDRESSES), one)]


def _address(reader: _Reader, fields: Fields) -> Address:
    """The first address that has a street; {} where none is given. One is not mixed with another, and none differs from
    another in what both say."""
    objects = (*_address_objects(fields), *spellings.inner(fields, spellings.PERSONS))
    read = [_read_address(reader, sources) for sources in (*([each] for each in objects), _flat(fields))]
    given = [found for found in read if any(found.values())]
    with_street = [found for found in given if found["address_line1"]]
    if any(_differ(one, other) for one, other in combinations(given, 2)):
        reader.note("address", "is given twice, differently")
    return _with_codes(reader, (with_street or given)[0]) if given else {}


def _differ(one: Address, other: Address) -> bool:
    return any(one[name] and other[name] and not _is_same(name, one[name], other[name]) for name in one)


def _read_address(reader: _Reader, sources: list[Fields]) -> Address:
    """Street and house number in one line."""
    found = {name: reader.agreed(name, spelled, sources) for name, spelled in spellings.ADDRESS.items()}
    number = found.pop("house_number")
    if number and number not in found["address_line1"].split():
        found["address_line1"] = reader.checked("address_line1", f"{found['address_line1']} {number}".strip())
    return found


def _flat(fields: Fields) -> list[Fields]:
    """Those called shipping_city and the like, without their first word, and those without one; not shipping_method."""
    known = {name for spelled in (*spellings.ADDRESS.values(), *spellings.PERSON.values()) for name in spelled}
    stripped = {name: _PREFIX.sub("", name, count=1) for name in fields if _PREFIX.match(name)}
    prefixed = {name: plain for name, plain in stripped.items() if spellings.key(plain) in known}
    by_prefix: dict[str, dict[str, object]] = {}
    for name, plain in prefixed.items():
        by_prefix.setdefault(name[0].casefold(), {})[plain] = fields[name]
    return [*by_prefix.values(), {name: value for name, value in fields.items() if name not in prefixed}]


def _with_codes(reader: _Reader, found: Address) -> Address:
    code = spellings.country_code(found["country"])
    if found["country"] and not code:
        reader.note("country", "is not known: send its two letters, like US")
    if code == "US" and reader.has_number_for_code:
        found["postal_code"] = found["postal_code"].zfill(5)  # sent as a number, 02139 lost its zero
    return found | {"country": code}


# --- how --------------------------------------------------------------------------------------------
def _method(reader: _Reader, fields: Fields) -> str:
    """Under its own name, in an object about shipping, or as that object ("shipping": "express")."""
    texts = []
    for holder in (fields, *spellings.inner(fields, spellings.PERSONS), *_address_objects(fields)):
        texts += reader.said("shipping_method", spellings.SHIPPING_METHOD, holder)
        as_text = {name: value for name, value in holder.items() if not isinstance(value, Mapping)}
        texts += reader.said("shipping_method", spellings.METHOD_AS_TEXT, as_text)
        for inside in spellings.inner(holder, spellings.METHOD_AS_TEXT):
            texts += reader.said("shipping_method", spellings.METHOD_INSIDE, inside)
    return reader.agree("shipping_method", texts)
