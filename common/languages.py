"""Which language is being spoken, and how it writes numbers, money, days and the names of countries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.utils.translation import get_language, override

SOURCE = "en"  # what is in the code, and what programs are answered in
NAMES: dict[str, str] = {
    SOURCE: "English",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "da": "Dansk",
}  # in themselves
_SHOPPERS: ContextVar[str] = ContextVar("shoppers_language", default="")


def of_shopper() -> str:
    """The language in which a shopper is being served at this moment: what they change speaks it from now on, their
    cart, their order and the mails of both. '' while a program, staff or the background is at work."""
    return _SHOPPERS.get()


@contextmanager
def serving_a_shopper(language: str) -> Iterator[None]:
    before = _SHOPPERS.set(language)
    try:
        with override(language):
            yield
    finally:
        _SHOPPERS.reset(before)


@contextmanager
def writing_to(language: str) -> Iterator[None]:
    """A mail in the language that was frozen for it: the shop's own where none was."""
    with override(known(language or settings.LANGUAGE_CODE)):
        yield


def known(language: str) -> str:
    """The one of our languages that is meant: de-AT is de; English for what we do not speak."""
    base = base_of(language)
    return base if base in NAMES else SOURCE


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
