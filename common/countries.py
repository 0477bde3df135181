"""The countries of the world: ISO 3166 codes of two letters, and their names."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from babel import Locale
from django.core.exceptions import ValidationError

_NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}  # groups and placeholders that CLDR lists beside countries
CODES = {code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()} - _NO_COUNTRIES
_LAST_LETTERS = {"da": "æøå"}


def country_code(text: str) -> None:
    """A validator. Raises ValidationError."""
    if text not in CODES:
        raise ValidationError("Not a country code of two capital letters, like US.", code="country")


@lru_cache
def names(language: str) -> list[tuple[str, str]]:
    """(code, name) in the language, in the order of the names."""
    known = Locale.parse(language.replace("-", "_"))
    found = ((code, known.territories.get(code, code)) for code in CODES)
    return sorted(found, key=lambda country: _place_of(country[1], known.language))


def _place_of(name: str, language: str) -> str:
    """Without accents, but for letters that the language's alphabet ends with."""
    last = _LAST_LETTERS.get(language, "")
    letters = (f"z{last.index(one)}" if one in last else unicodedata.normalize("NFKD", one)[0] for one in name.lower())
    return "".join(letters)
