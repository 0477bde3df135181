"""Another shop of this software, as its /.well-known/checkout says; read strictly, believed about itself alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from common.money import to_minor
from purchases.fetching import JSON, Deadline, Dial, Page, Resolver, fetch, system_resolver
from purchases.targets import FetchError, FetchFailed, target_of
from purchases.wire import dial

PATH = "/.well-known/checkout"
SOFTWARE, FORMAT = "cartwright", 1
TEST = "test"
MAX_METHODS = 50
_CURRENCY = re.compile(r"[A-Z]{3}")
_MAX_ID = 2**63 - 1
_MOST = 10**12  # major units


class Misread(Exception):
    """The other side's JSON is not what it should be; says what is wrong."""


@dataclass(frozen=True)
class ShippingMethod:
    id: int
    name: str
    amount: int  # minor units of the shop's currency


@dataclass(frozen=True)
class KnownShop:
    origin: str
    name: str
    currency: str
    is_demo: bool
    guest_api: str  # its address, at the same origin
    providers: tuple[str, ...]
    simulated_providers: tuple[str, ...]
    shipping_methods: tuple[ShippingMethod, ...]
    ships_by_country: bool = False  # they are others for other countries

    @property
    def simulates_test(self) -> bool:
        return TEST in self.providers and TEST in self.simulated_providers


def discover(
    origin: str,
    *,
    country: str = "",
    resolver: Resolver = system_resolver,
    deadline: Deadline | None = None,
    dial: Dial = dial,
) -> KnownShop | None:
    """The shop at the origin; None where there is none of this software. `country`: where it would send goods.

    Raises FetchFailed only where another time may answer otherwise (`is_temporary`).
    """
    try:
        asked = f"{PATH}?country={country}" if country else PATH
        page = fetch(origin + asked, accept=JSON, resolver=resolver, deadline=deadline, dial=dial)
    except FetchFailed as failed:
        if failed.is_temporary:
            raise
        return None
    except FetchError:
        return None
    return read(page, origin)


def read(page: Page, origin: str) -> KnownShop | None:
    try:
        return _shop(json_object(page.text), origin) if target_of(page.url).origin == origin else None
    except (Misread, FetchError):
        return None


def _shop(body: Mapping[str, Any], origin: str) -> KnownShop:
    if (body.get("software"), body.get("format"), body.get("url")) != (SOFTWARE, FORMAT, origin):
        raise Misread("It is no shop of this software, or says so of another address.")
    currency = text_in(body, "currency")
    if not _CURRENCY.fullmatch(currency) or not isinstance(body.get("is_demo"), bool):
        raise Misread("It does not say its currency, or whether it is a demo.")
    guest_api = text_in(object_in(body, "apis"), "guest")
    if not guest_api.startswith(f"{origin}/"):
        raise Misread("Its API is elsewhere.")
    return KnownShop(
        origin=origin,
        name=text_in(body, "name"),
        currency=currency,
        is_demo=body["is_demo"],
        guest_api=guest_api.rstrip("/"),
        providers=_texts(body, "payment_providers"),
        simulated_providers=_texts(body, "simulated_providers"),
        shipping_methods=tuple(_method(each, currency) for each in list_in(body, "shipping_methods")[:MAX_METHODS]),
        ships_by_country=body.get("ships_by_country") is True,
    )


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = list_in(body, name)
    if not all(isinstance(each, str) and len(each) <= 40 for each in found):
        raise Misread(f"{name} must be texts.")
    return tuple(found[:MAX_METHODS])


def _method(value: Any, currency: str) -> ShippingMethod:
    if not isinstance(value, dict):
        raise Misread("A shipping method must be an object.")
    return ShippingMethod(id_in(value, "id"), text_in(value, "name"), amount_in(value, "cost", currency))


# --- values of others, by type ----------------------------------------------------------------------
def json_object(text: str) -> dict[str, Any]:
    """Numbers with a point as decimals. Raises Misread."""
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise Misread("It is no JSON.") from error
    if not isinstance(value, dict):
        raise Misread("It is no JSON object.")
    return value


def _refuse(word: str) -> None:
    raise ValueError(word)


def object_in(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise Misread(f"{name} must be an object.")
    return value


def list_in(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name)
    if not isinstance(value, list):
        raise Misread(f"{name} must be a list.")
    return value


def text_in(body: Mapping[str, Any], name: str, *, longest: int = 300) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise Misread(f"{name} must be a short text.")
    return value


def id_in(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if type(value) is not int or not 0 < value <= _MAX_ID:
        raise Misread(f"{name} must be an id.")
    return value


def amount_in(body: Mapping[str, Any], name: str, currency: str) -> int:
    """Major units as a JSON number -> minor units. Raises Misread, also for more decimals than the currency has."""
    value = body.get(name)
    if type(value) is int and 0 <= value < _MOST:
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < _MOST:
        raise Misread(f"{name} must be an amount.")
    try:
        return to_minor(value, currency)
    except ValueError as error:
        raise Misread(f"{name} has more decimals than {currency} has.") from error
