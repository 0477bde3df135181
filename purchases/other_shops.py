"""Buying at another shop of this software over its public guest checkout API: a cookie, a checkout, an order.

Each step says how things shall be and may be repeated; the session is the only thing to remember. Amounts become minor
units here. Nothing is believed that does not add up.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from django.conf import settings

from common.addresses import Address
from common.errors import ErrorCode
from dialects.guest_sentences import SENTENCES
from purchases.discovery import (
    TEST,
    KnownShop,
    Misread,
    ShippingMethod,
    amount_in,
    discover,
    id_in,
    json_object,
    list_in,
    object_in,
    text_in,
)
from purchases.fetching import Answer, Deadline, Dial, Resolver, call, system_resolver
from purchases.notes import listed, quoted
from purchases.targets import FetchError, FetchFailed
from purchases.wire import dial

COOKIE = "checkout_session_id"
TEST_TOKEN = "tok_visa"  # noqa: S105 - what the test provider takes
MAX_ANSWER = 256_000  # bytes
MAX_SECONDS = 20.0  # for one call
_SESSION = re.compile(rf"{COOKIE}=([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})(?:;|$)")
_LONG = 200


class OtherShopRefused(Exception):
    """A clear no: nothing was bought. `note` is for a person."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


class OtherShopUnclear(Exception):
    """Nobody knows; the same step may be repeated, and for `complete` it must be until it is known."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


@dataclass(frozen=True)
class Quote:
    """What it would cost, in minor units of `currency`."""

    items_amount: int
    shipping_amount: int
    total_amount: int
    currency: str


@dataclass(frozen=True)
class Bought:
    """An order there, accepted and paid. `total_amount` in minor units: what the shop says it took."""

    order_id: int
    order_number: str
    total_amount: int
    currency: str


@dataclass(frozen=True)
class Item:
    product_id: int
    variant_id: int | None  # None: the product's only one
    quantity: int


def missing_to_pay(shop: KnownShop) -> str:
    """What stands in the way of paying there, for a person; '' for nothing."""
    if not settings.DEMO:
        return f"{shop.origin} is another shop: a real shop has no way to pay there yet."
    if not shop.is_demo or not shop.simulates_test:
        taken = listed(list(shop.providers)) or "nothing"
        return (
            f"{shop.origin} is a real shop and takes {taken}; what is missing is a way to pay there. Only where both "
            f"shops are demos can be paid with the {TEST} provider."
        )
    return ""


class Buyer:
    """One purchase at one shop. `session`: what `open` gave earlier; `request_id`: the purchase's own, the same for
    every try of it."""

    def __init__(
        self,
        shop: KnownShop,
        *,
        request_id: str,
        session: str = "",
        resolver: Resolver = system_resolver,
        deadline: Callable[[], Deadline] = lambda: Deadline(MAX_SECONDS),
        dial: Dial = dial,
    ) -> None:
        self.shop = shop
        self.session = session
        self._key = hashlib.sha256(f"{shop.origin} {request_id}".encode()).hexdigest()
        self._resolver, self._deadline, self._dial = resolver, deadline, dial

    def open(self) -> str:
        """The session, to be stored before going on; a fresh one only where there is none.

        Every step raises OtherShopRefused, OtherShopUnclear.
        """
        if not self.session:
            answer = self._call("GET")
            self._body(answer)
            self.session = _session_in(answer)
        return self.session

    def put_item(self, item: Item) -> None:
        """This item and no other is in the checkout."""
        held = _items(self._get())
        if _is_just(held, item):
            return
        if held:
            self._send("DELETE")
        wanted: dict[str, Any] = {"product_id": item.product_id, "quantity": item.quantity}
        if item.variant_id is not None:
            wanted["variant_id"] = item.variant_id
        self._send("POST", "/items", wanted)

    def put_customer(self, *, email: str, full_name: str, phone: str) -> None:
        self._send("PUT", "/customer-details", {"email": email, "full_name": full_name, "phone": phone})

    def put_address(self, address: Address) -> None:
        self._send("PUT", "/shipping-address", dict(address))

    def methods_to(self, country: str) -> tuple[ShippingMethod, ...]:
        """How that shop sends goods to the country."""
        if not self.shop.ships_by_country:
            return self.shop.shipping_methods
        try:
            found = discover(
                self.shop.origin,
                country=country,
                resolver=self._resolver,
                deadline=self._deadline(),
                dial=self._dial,
            )
        except FetchFailed as failed:
            raise OtherShopUnclear(failed.note) from failed
        if found is None or found.currency != self.shop.currency:
            raise OtherShopRefused(f"{self.shop.origin} no longer says how it would send the goods.")
        return found.shipping_methods

    def put_method(self, method_id: int) -> None:
        self._send("PUT", "/shipping-method", {"shipping_method_id": method_id})

    def quote(self, item: Item) -> Quote:
        """What the checkout comes to now; the shop charges this or refuses. Refused where it holds anything else."""
        body = self._get()
        with _strictly(self.shop):
            if not _is_just(_items(body), item):
                raise Misread("The checkout does not hold what was put into it.")
            return _quote(body, self.shop.currency)

    def complete(self) -> Bought:
        """Pays what was last quoted, once however often it is called, with the test provider where both are demos.

        The caller compares `total_amount` with the quote. OtherShopUnclear: it may have been bought; call it again.
        """
        if missing := missing_to_pay(self.shop):
            raise OtherShopRefused(missing)
        paid_by = {"payment_provider": TEST, "payment_data": {"card_details": {"token": TEST_TOKEN}}}
        try:
            answer = self._call("POST", "/complete", paid_by, {"Idempotency-Key": self._key})
        except OtherShopRefused as refused:  # the answer could not be read: what it was nobody knows
            raise OtherShopUnclear(refused.note) from refused
        if answer.status != 201:
            self._refuse_completion(answer)
        try:
            return _bought(json_object(answer.text), self.shop.currency)
        except Misread as misread:
            raise OtherShopUnclear(f"{self.shop.origin} does not answer as it should: {misread}") from misread

    def empty(self) -> None:
        """Nothing is in the checkout any more: that shop has nothing to remind anybody of."""
        self._send("DELETE")

    # --- one call -----------------------------------------------------------------------------------------
    def _get(self) -> Mapping[str, Any]:
        return self._body(self._call("GET"))

    def _send(self, method: str, path: str = "", body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        return self._body(self._call(method, path, body))

    def _call(
        self, method: str, path: str = "", body: Mapping[str, Any] | None = None, more: Mapping[str, str] | None = None
    ) -> Answer:
        headers = {"Accept": "application/json", **(more or {})}
        if self.session:
            headers["Cookie"] = f"{COOKIE}={self.session}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            return call(
                f"{self.shop.guest_api}{path}",
                method=method,
                headers=headers,
                body=None if body is None else json.dumps(body).encode(),
                max_bytes=MAX_ANSWER,
                resolver=self._resolver,
                deadline=self._deadline(),
                dial=self._dial,
            )
        except FetchFailed as failed:
            raise (OtherShopUnclear if failed.is_temporary else OtherShopRefused)(failed.note) from failed
        except FetchError as error:
            raise OtherShopRefused(error.note) from error

    def _body(self, answer: Answer) -> Mapping[str, Any]:
        """Of a step before paying."""
        if answer.status >= 500 or answer.status == 429 or "Retry-After" in answer.headers:
            raise OtherShopUnclear(f"{self.shop.origin} is busy or out of order ({answer.status}).")
        if answer.status != 200:
            raise OtherShopRefused(self._no(answer))
        with _strictly(self.shop):
            return json_object(answer.text)

    def _no(self, answer: Answer) -> str:
        return f"{self.shop.origin} says no ({answer.status}){_reason(answer)}"

    def _unclear(self, answer: Answer) -> str:
        return f"it answered with {answer.status}{_reason(answer)}"

    def _refuse_completion(self, answer: Answer) -> NoReturn:
        """402, 429 and the refusals of a body or checkout are clear; of 409 only those that say what has changed."""
        sentence = _sentence(answer)
        has_changed = (
            sentence == SENTENCES[ErrorCode.TOTAL_CHANGED]
            or sentence.endswith("sold out.")
            or sentence.startswith(("Only ", "This discount code"))
        )
        if answer.status in {400, 402, 404, 422, 429} or (answer.status == 409 and has_changed):
            raise OtherShopRefused(self._no(answer))
        raise OtherShopUnclear(self._unclear(answer))


class _strictly:  # noqa: N801 - reads as a word of the language
    """What cannot be read inside is refused, naming the shop."""

    def __init__(self, shop: KnownShop) -> None:
        self._shop = shop

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Misread):
            raise OtherShopRefused(f"{self._shop.origin} does not answer as it should: {error}") from error


def _session_in(answer: Answer) -> str:
    for cookie in answer.headers.get_all("Set-Cookie") or []:
        if found := _SESSION.match(cookie):
            return found[1]
    raise OtherShopRefused("The other shop gives no session.")


def _reason(answer: Answer) -> str:
    """The end of a sentence of ours."""
    said = _sentence(answer).strip()
    stop = "" if said.endswith((".", "!", "?")) else "."
    return f": {quoted(said, length=_LONG)}{stop}" if said else " and gives no reason."


def _sentence(answer: Answer) -> str:
    try:
        return text_in(json_object(answer.text), "error", longest=2000)
    except Misread:
        return ""


def _items(body: Mapping[str, Any]) -> list[Any]:
    found = body.get("items")
    return found if isinstance(found, list) else []


def _is_just(held: list[Any], item: Item) -> bool:
    if len(held) != 1 or not isinstance(held[0], dict):
        return False
    line = held[0]
    is_variant = item.variant_id in {None, line.get("variant_id")}
    return is_variant and line.get("product_id") == item.product_id and line.get("quantity") == item.quantity


def _quote(body: Mapping[str, Any], currency: str) -> Quote:
    """Raises Misread where it does not add up."""
    if text_in(body, "currency") != currency:
        raise Misread("Its currency is not the one it names.")
    line = list_in(body, "items")[0]
    items, shipping, off = (
        amount_in(body, name, currency) for name in ("total_amount", "shipping_cost", "discount_amount")
    )
    total = amount_in(body, "final_amount", currency)
    if amount_in(line, "price", currency) * line["quantity"] != items or items + shipping - off != total:
        raise Misread("Its amounts do not add up.")
    if off:
        raise Misread("There is a discount that nobody asked for.")
    return Quote(items, shipping, total, currency)


def _bought(body: Mapping[str, Any], currency: str) -> Bought:
    """Raises Misread, also where the order waits for something."""
    order = object_in(body, "data")
    if body.get("success") is not True or body.get("action_required") is not False:
        raise Misread("It waits for somebody's approval.")
    if text_in(order, "currency") != currency or text_in(order, "payment_status") != "pending":
        raise Misread("The payment is not settled yet.")
    number = text_in(order, "order_number")
    if not number:
        raise Misread("The order has no number yet.")
    return Bought(id_in(order, "id"), number, amount_in(order, "final_amount", currency), currency)
