"""What a page says it sells, by Schema.org in JSON-LD: products, their variants, prices and whether they are there.

Read as people write it: lists, graphs, references by @id, a block that is no JSON beside others that are. What cannot
be read surely (a price with a comma, a currency of two letters) is left out, never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from common.money import to_minor
from purchases import markup
from purchases.fetching import Page
from purchases.targets import MAX_URL

Node = dict[str, Any]

MAX_NODES = 5_000  # of one page, all its blocks together
MAX_STEPS = 20_000  # from object to object: references lead to the same one again and again
MAX_OPTIONS = 6  # of one variant beside the usual ones
MAX_TEXT = 300  # characters of one value
MAX_PRODUCTS = 100  # of one page
MAX_OFFERS = 200  # of one product
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_AVAILABLE = {"instock", "limitedavailability", "instoreonly", "onlineonly", "presale", "preorder"}
_NOT_AVAILABLE = {"outofstock", "soldout", "discontinued"}
_OPTIONS = ("size", "color", "material", "pattern")
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")


@dataclass(frozen=True)
class FoundOffer:
    """One thing that can be bought. `amount` in minor units of `currency`; None and '' where they cannot be read."""

    name: str = ""
    sku: str = ""
    url: str = ""
    amount: int | None = None
    currency: str = ""
    is_available: bool | None = None  # None: the page does not say
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FoundProduct:
    name: str
    product_id: str = ""
    url: str = ""
    offers: tuple[FoundOffer, ...] = ()


def canonical_of(page: Page) -> str:
    """The page's own word for its address, absolute; '' where it has none on the web."""
    return _web_address(page, markup.read(page.text).canonical)


def title_of(page: Page) -> str:
    return markup.read(page.text).title[:MAX_TEXT]


def offers_in(page: Page) -> list[FoundProduct]:
    """The products of the page in their order; variants of a group are offers of one product."""
    nodes = [node for block in markup.read(page.text).json_ld for node in _nodes(_json(block))][:MAX_NODES]
    return _Reader(page, nodes).products()


def _json(block: str) -> Any:
    """None for what is no JSON."""
    text = _WRAPPING.sub("", block)
    try:
        return json.loads(text, strict=False, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, InvalidOperation):
        return None


def _refuse(word: str) -> None:
    raise ValueError(word)


def _nodes(value: Any) -> Iterator[Node]:
    """Every object in it, outer ones first, however deep; MAX_NODES at most."""
    waiting, seen = [value], 0
    while waiting and seen < MAX_NODES:
        current = waiting.pop()
        seen += 1
        if isinstance(current, dict):
            yield current
            waiting += reversed(list(current.values()))
        elif isinstance(current, list):
            waiting += reversed(current[:MAX_NODES])


class _Reader:
    def __init__(self, page: Page, nodes: list[Node]) -> None:
        self._page = page
        self._nodes = nodes
        self._steps = MAX_STEPS
        self._by_id: dict[str, Node] = {}
        for node in nodes:
            if len(node) > 1:  # a reference alone says nothing
                self._by_id.setdefault(_text(node.get("@id")), node)

    def products(self) -> list[FoundProduct]:
        found: list[FoundProduct] = []
        for node in self._outer():
            product = self._product(node)
            if product.name and product not in found and len(found) < MAX_PRODUCTS:
                found.append(product)
        return found

    def _outer(self) -> list[Node]:
        """Products and groups that are no variants of a group."""
        groups = [node for node in self._nodes if _is_a(node, "ProductGroup")]
        variants = {id(variant) for group in groups for variant in self._all(group, "hasVariant")}
        products = [node for node in self._nodes if _is_a(node, "ProductGroup", "Product", "IndividualProduct")]
        return [node for node in products if id(node) not in variants]

    def _product(self, node: Node) -> FoundProduct:
        variants = self._all(node, "hasVariant")
        offers = [offer for variant in variants for offer in self._offers(variant, of=node)[:1]]
        return FoundProduct(
            name=_text(node.get("name")),
            product_id=_text(node.get("productGroupID") or node.get("productID")),
            url=_web_address(self._page, _text(node.get("url") or node.get("@id"))),
            offers=tuple(offers or self._offers(node, of=node))[:MAX_OFFERS],
        )

    def _offers(self, thing: Node, *, of: Node) -> list[FoundOffer]:
        """Of a product or of one variant; an aggregate's own offers where it lists them."""
        found: list[FoundOffer] = []
        for node in self._all(thing, "offers"):
            listed = self._all(node, "offers") if _is_a(node, "AggregateOffer") else []
            found += [self._offer(each, thing, of) for each in listed or [node]]
        return found

    def _offer(self, node: Node, thing: Node, of: Node) -> FoundOffer:
        price = next((each for each in self._all(node, "priceSpecification") if "price" in each), {}) | node
        currency = _text(price.get("priceCurrency"))
        currency = currency if _CURRENCY.fullmatch(currency) else ""
        options = {name: _text(thing.get(name)) for name in _OPTIONS}
        for more in self._all(thing, "additionalProperty")[:MAX_OPTIONS]:
            options.setdefault(_text(more.get("name")), _text(more.get("value")))
        is_named = thing is not of or "name" in node
        return FoundOffer(
            name=_text(node.get("name") or thing.get("name")) if is_named else "",
            sku=_text(node.get("sku") or thing.get("sku")),
            url=_web_address(self._page, _text(node.get("url") or thing.get("url"))),
            amount=_minor_units(price, currency),
            currency=currency,
            is_available=_is_available(_text(node.get("availability"))),
            options={name: value for name, value in options.items() if name and value},
        )

    def _all(self, node: Node, name: str) -> list[Node]:
        """The objects under the name: one or a list, in place or by reference."""
        value = node.get(name)
        listed = value if isinstance(value, list) else [value]
        found = [self._whole(each) for each in listed[: min(MAX_OFFERS, self._steps)] if isinstance(each, dict)]
        self._steps -= len(found)
        return found

    def _whole(self, node: Node) -> Node:
        return self._by_id.get(_text(node.get("@id")), node) if set(node) == {"@id"} else node


def _is_a(node: Node, *names: str) -> bool:
    kinds = node.get("@type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.rpartition("/")[2].rpartition(":")[2] in names for kind in listed)


def _text(value: Any) -> str:
    """A text or whole number, short and on one line; the first of a list; '' for anything else."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name", "") if isinstance(value.get("name"), str) else ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return " ".join(unescape(str(value)[: 2 * MAX_TEXT]).replace("\0", " ").split())[:MAX_TEXT]


def _minor_units(price: Node, currency: str) -> int | None:
    """One price, or an aggregate's lowest where it is the highest too."""
    said = price.get("price", price.get("lowPrice"))
    if "price" not in price and _text(price.get("highPrice", said)) != _text(said):
        return None
    text = _text(said)
    if not (currency and _AMOUNT.fullmatch(text)):
        return None
    try:
        return to_minor(Decimal(text), currency)
    except ValueError:
        return None


def _is_available(text: str) -> bool | None:
    word = text.rpartition("/")[2].rpartition(":")[2].lower()
    return True if word in _AVAILABLE else False if word in _NOT_AVAILABLE else None


def _web_address(page: Page, address: str) -> str:
    try:
        joined = urljoin(page.url, address) if address else ""
        return joined if urlsplit(joined).scheme in {"http", "https"} and len(joined) <= MAX_URL else ""
    except ValueError:
        return ""
