"""How amounts are written for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_currency
from django import template
from django.conf import settings

from common import countries
from common.address_rules import lines_of
from common.money import to_major

register = template.Library()


@register.filter
def money(amount: int, currency: str) -> str:
    """{{ 2499|money:"USD" }} -> $24.99"""
    return format_currency(to_major(amount or 0, currency), currency, locale=settings.LANGUAGE_CODE.replace("-", "_"))


@register.filter
def country(code: str) -> str:
    """{{ "US"|country }} -> United States"""
    return dict(countries.names(settings.LANGUAGE_CODE)).get(code, code)


@register.filter
def address_lines(address: Mapping[str, str]) -> list[str]:
    """An address as its country writes it, without the country's own line."""
    return lines_of(address)


@register.simple_tag
def shop_name() -> str:
    """Also on pages that are rendered without any context, like the one for a server error."""
    return str(settings.SHOP_NAME)


@register.filter
def duration(seconds: int) -> str:
    """{{ 3600|duration }} -> 1 hour"""
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=settings.LANGUAGE_CODE.replace("-", "_"))
