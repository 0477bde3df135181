"""The environment, read once and typed. A wrong value stops the start with its name in the message.

`.env` beside manage.py is read if present; what the process was started with wins over it.
An empty variable counts as not set, except where `empty_is_a_value` says so.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
environ.Env.read_env(ROOT / ".env")


def text(name: str, default: str = "", *, empty_is_a_value: bool = False) -> str:
    value = os.environ.get(name)
    if value is None or (not value.strip() and not empty_is_a_value):
        return default
    return value.strip()


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def whole_number(name: str, default: int, *, minimum: int = 0, maximum: int = 2**31) -> int:
    value = text(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {number}.")
    if number > maximum:
        raise ImproperlyConfigured(f"{name} must be at most {maximum}, not {number}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; blanks around and between the words do not matter."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def whole_numbers(name: str, default: str) -> list[int]:
    numbers = words(name, default)
    if not numbers or not all(number.isascii() and number.isdigit() for number in numbers):
        raise ImproperlyConfigured(f"{name} must be whole numbers separated by commas.")
    return [int(number) for number in numbers]


def growing(name: str, default: str) -> list[int]:
    """Whole numbers of which each is larger than the one before it."""
    numbers = whole_numbers(name, default)
    if any(late <= early for early, late in pairwise(numbers)):
        raise ImproperlyConfigured(f"{name}: each number must be larger than the one before it.")
    return numbers


def some_of(name: str, choices: tuple[str, ...]) -> list[str]:
    """All of them where nothing is set."""
    chosen = words(name, ",".join(choices))
    unknown = [one for one in chosen if one not in choices]
    if unknown or not chosen:
        raise ImproperlyConfigured(f"{name} must be some of {', '.join(choices)}, not {', '.join(unknown) or 'none'}.")
    return chosen


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def hours(name: str, default: str) -> tuple[int, int] | None:
    """`21-8` -> (21, 8): from 21:00 until 8:00. Empty is a value here: no such hours."""
    value = text(name, default, empty_is_a_value=True)
    if not value:
        return None
    begins, _, ends = (part.strip() for part in value.partition("-"))
    if not all(part.isascii() and part.isdigit() and int(part) <= 24 for part in (begins, ends)):
        raise ImproperlyConfigured(f"{name} must look like 21-8 or be empty, not {value!r}.")
    if int(begins) % 24 == int(ends) % 24:
        raise ImproperlyConfigured(f"{name} must leave some hours of the day, not {value!r}.")
    return int(begins) % 24, int(ends) % 24


def networks(name: str) -> list[str]:
    """Addresses or networks (10.0.0.0/8), as texts that are known to be such."""
    found = words(name)
    for word in found:
        try:
            ip_network(word, strict=False)
        except ValueError:
            raise ImproperlyConfigured(f"{name}: {word!r} is no IP address or network.") from None
    return found


def currency(name: str, default: str) -> str:
    value = text(name, default).upper()
    if not (len(value) == 3 and value.isascii() and value.isalpha()):
        raise ImproperlyConfigured(f"{name} must be three letters like USD, not {value!r}.")
    return value


def rate(name: str, default: str) -> tuple[int, int]:
    """`20/hour` -> (20, 3600): how many, in how many seconds."""
    value = text(name, default)
    seconds = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "day": 86400}
    count, _, period = (part.strip() for part in value.partition("/"))
    if not (count.isascii() and count.isdigit() and int(count)) or period not in seconds:
        raise ImproperlyConfigured(f"{name} must look like 100/min, not {value!r}.")
    return int(count), seconds[period]


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name} must be a time zone like Europe/Copenhagen, not {value!r}.")
    return value
