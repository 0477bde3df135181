"""The countries of the world: ISO 3166 codes of two letters, and their names."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

_NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}  # groups and placeholders that CLDR lists beside countries
CODES = {code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()} - _NO_COUNTRIES


@lru_cache
def names(language: str) -> list[tuple[str, str]]:
    """(code, name) in the language, in the order of the names."""
    territories = Locale.parse(language.replace("-", "_")).territories
    return sorted(((code, territories.get(code, code)) for code in CODES), key=lambda country: country[1])
