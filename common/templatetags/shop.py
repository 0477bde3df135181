"""How amounts, days and places are written for people, in the language that is being spoken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, format_decimal
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from common import countries, languages
from common.address_rules import lines_of
from common.cards import without_card_numbers
from common.money import to_major

register = template.Library()
register.filter("without_card_numbers", without_card_numbers)  # for what somebody sent and a page says again
_DAY_FIRST = "d MMMM y"  # English is written as the British do


@register.filter
def money(amount: int, currency: str) -> str:
    """{{ 2499|money:"USD" }} -> $24.99"""
    return format_currency(to_major(amount or 0, currency), currency, locale=languages.locale())


@register.filter
def country(code: str) -> str:
    """{{ "US"|country }} -> United States"""
    return dict(countries.names(str(languages.locale()))).get(code, code)


@register.filter
def number(value: int) -> str:
    """{{ 10000|number }} -> 10,000"""
    return format_decimal(value, locale=languages.locale())


@register.filter(expects_localtime=True)
def day(value: datetime) -> str:
    """{{ order.created_at|day }} -> 24 May 2025, in the shop's time zone"""
    locale = languages.locale()
    return format_date(value, _DAY_FIRST if locale.language == "en" else "long", locale=locale)


@register.filter(expects_localtime=True)
def moment(value: datetime) -> str:
    """{{ order.expires_at|moment }} -> 24 May 2025, 10:30 UTC"""
    return f"{day(value)}, {value:%H:%M %Z}"


@register.filter
def gateway_words(message: str) -> str:
    """What a gateway said, kept in English, to the shopper; what nobody has translated is a plain no elsewhere."""
    said = gettext(message) if message else ""
    is_foreign = said == message and languages.locale().language != "en"
    return gettext("The payment was declined.") if said and is_foreign else said


@register.filter
def address_lines(address: Mapping[str, str]) -> list[str]:
    """An address as its country writes it, without the country's own line."""
    return lines_of(address)


@register.simple_tag
def shop_name() -> str:
    """Also on pages that are rendered without any context, like the one for a server error."""
    return str(settings.SHOP_NAME)


@register.simple_tag
def spoken_languages() -> list[tuple[str, str]]:
    """(code, name) of those on offer; Django's own tag would translate the names."""
    return list(settings.LANGUAGES)


@register.filter
def from_now(when: datetime) -> str:
    """{{ run.started_at|from_now }} -> 3 sec. ago; of what is to come: in 2 hr."""
    delta = when - timezone.now()
    return format_timedelta(delta, threshold=1.5, add_direction=True, format="short", locale=languages.locale())


@register.filter
def duration(seconds: int) -> str:
    """{{ 3600|duration }} -> 1 hour"""
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=languages.locale())
