"""How the language that is being spoken writes numbers, money, days and the names of countries."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.utils.translation import get_language


def base_of(language: str) -> str:
    """de-AT -> de"""
    return language.replace("_", "-").partition("-")[0].lower()


def locale() -> Locale:
    """Of the language of this page or mail; where it is the shop's own, in the shop's regional manner (en-GB)."""
    return locale_of(get_language() or settings.LANGUAGE_CODE)


def locale_of(language: str) -> Locale:
    return _locale(language, settings.LANGUAGE_CODE)


@lru_cache
def _locale(language: str, shops: str) -> Locale:
    own = shops if base_of(language) == base_of(shops) else language
    for name in (own, base_of(own), shops):
        try:
            return Locale.parse(name.replace("_", "-"), sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en")
