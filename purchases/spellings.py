"""How people write the names of a person's and an address's fields, and of countries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from common import countries

Fields = Mapping[str, object]
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")

PERSON = {
    "email": ("email", "emailaddress", "mail", "customeremail", "contactemail", "useremail"),
    "full_name": ("fullname", "name", "customername", "recipientname", "contactname", "recipient"),
    "first_name": ("firstname", "givenname", "forename", "first", "given"),
    "last_name": ("lastname", "familyname", "surname", "last", "family"),
    "phone": ("phone", "phonenumber", "telephone", "tel", "mobile", "mobilephone", "cellphone", "customerphone"),
}
ADDRESS = {
    "address_line1": (
        *("addressline1", "address1", "line1", "street", "street1", "streetaddress", "streetline1", "streetname"),
        *("address", "addressline"),
    ),
    "house_number": ("housenumber", "streetnumber", "buildingnumber"),
    "address_line2": (
        "addressline2",
        "address2",
        "line2",
        "street2",
        "streetline2",
        "apartment",
        "apt",
        "suite",
        "unit",
    ),
    "city": ("city", "town", "locality", "addresslocality", "addresscity", "municipality"),
    "state": ("state", "province", "region", "stateprovince", "statecode", "provincecode", "addressregion"),
    "postal_code": ("postalcode", "postcode", "zip", "zipcode", "postal", "addresszip"),
    "country": ("country", "countrycode", "countryname", "addresscountry", "countryiso"),
}
# How it is sent, inside an object about shipping; and that "object" itself, where it is a text ("shipping": "express").
METHOD_INSIDE = (
    "method",
    "methodid",
    "methodname",
    "methodcode",
    "option",
    "service",
    "speed",
    "type",
    "rate",
    "carrier",
)
SHIPPING_METHOD = tuple(f"{of}{name}" for of in ("shipping", "delivery") for name in METHOD_INSIDE)
METHOD_AS_TEXT = ("shipping", "delivery")
# Objects that hold a person's or an address's fields, the likelier ones first.
PERSONS = (
    "customer",
    "customerdetails",
    "contact",
    "contactdetails",
    "buyer",
    "user",
    "person",
    "recipient",
    "shopper",
)
NAMES = ("name", "fullname", "customername", "recipientname", "contactname")  # objects of a first and a last name
ADDRESSES = ("shippingaddress", "deliveryaddress", "shipping", "delivery", "shipto", "address", "location")

_COUNTRIES = {
    "usa": "US",
    "us of a": "US",
    "u s": "US",
    "u s a": "US",
    "united states of america": "US",
    "america": "US",
    "uk": "GB",
    "u k": "GB",
    "gbr": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "deutschland": "DE",
    "deu": "DE",
    "fra": "FR",
    "esp": "ES",
    "espana": "ES",
    "ita": "IT",
    "italia": "IT",
    "nld": "NL",
    "holland": "NL",
    "the netherlands": "NL",
    "can": "CA",
    "aus": "AU",
    "dnk": "DK",
    "danmark": "DK",
    "swe": "SE",
    "nor": "NO",
    "aut": "AT",
    "che": "CH",
    "bel": "BE",
    "irl": "IE",
    "pol": "PL",
    "czech republic": "CZ",
}


def key(name: object) -> str:
    """firstName, first_name, First-Name -> firstname."""
    return "".join(character for character in str(name).casefold() if character.isalnum())


def words_of(name: str) -> set[str]:
    """maxAmount, max_amount, Max-Amount -> max, amount."""
    return {word.casefold() for word in _WORD.findall(name)}


def inner(fields: Fields, names: tuple[str, ...]) -> Iterator[Fields]:
    """The objects among the fields that go by one of the names, in the order of the names."""
    for name in names:
        yield from (value for given, value in fields.items() if key(given) == name and isinstance(value, Mapping))


def country_code(text: str) -> str:
    """US for us, USA, United States; '' for what no country is called."""
    if len(text) == 2 and text.upper() in countries.CODES:
        return text.upper()
    return _by_name().get(_plain(text), "")


@lru_cache
def _by_name() -> dict[str, str]:
    return {_plain(name): code for code, name in countries.names("en")} | _COUNTRIES


def _plain(text: str) -> str:
    return " ".join("".join(one if one.isalnum() else " " for one in text.casefold().replace("&", " and ")).split())
