"""What an address is that an agent posted: a thing of this shop, of another shop of this software, or not to be bought.

This shop's own addresses are resolved inside and never fetched. Everything else is fetched, read by its JSON-LD, and
asked whether it is a shop of this software.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from django.urls import Resolver404
from django.urls import resolve as find_view

from catalog.models import Product, Variant
from common.money import exponent, to_major
from payments import links
from purchases import choosing, discovery, spellings, words
from purchases.discovery import KnownShop
from purchases.fetching import Deadline, Dial, LedHome, Page, Resolver, fetch, system_resolver
from purchases.notes import quoted
from purchases.options import Choosable
from purchases.product_pages import FoundOffer, FoundProduct, canonical_of, offers_in, title_of
from purchases.targets import FetchError, FetchFailed, Target, target_of
from purchases.wire import dial
from recovery.models import RecoveryLink
from recovery.tokens import digest_of

MAX_SECONDS = 30.0  # for the page and the shop's discovery together
_ID = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class OwnProduct:
    product_id: int
    variant_id: int | None  # where the address names one


@dataclass(frozen=True)
class OwnPaymentLink:
    token: str


@dataclass(frozen=True)
class OwnRecoveryLink:
    token: str


@dataclass(frozen=True)
class OtherShop:
    """A product at another shop of this software. `variant_id`: where the address names one."""

    shop: KnownShop
    product_url: str
    product_id: int
    product: FoundProduct
    variant_id: int | None = None

    @property
    def origin(self) -> str:
        return self.shop.origin

    def choosables(self) -> list[Choosable]:
        return [
            Choosable(
                variant_id=variant_named_in(offer.url),
                name=offer.name or self.product.name,
                sku=offer.sku,
                options=offer.options,
                is_available=offer.is_available is not False,  # where its page does not say, the shop will
            )
            for offer in self.product.offers
        ]


@dataclass(frozen=True)
class NotBuyable:
    note: str  # for a person
    is_temporary: bool = False  # another try may go better


Resolved = OwnProduct | OwnPaymentLink | OwnRecoveryLink | OtherShop | NotBuyable


def is_elsewhere(url: str) -> bool:
    """Whether somebody else has to be asked, who may take their time."""
    try:
        return not target_of(url).is_ours
    except FetchError:
        return False


def resolve(
    url: str, *, resolver: Resolver = system_resolver, deadline: Deadline | None = None, dial: Dial = dial
) -> Resolved:
    """Reads, and changes nothing, here or there."""
    deadline = deadline or Deadline(MAX_SECONDS)
    try:
        target = target_of(url)
        if target.is_ours:
            return _own(target)
        page = fetch(url, resolver=resolver, deadline=deadline, dial=dial)
        shop = discovery.discover(target_of(page.url).origin, resolver=resolver, deadline=deadline, dial=dial)
    except LedHome as home:
        return _own(target_of(home.url))
    except FetchError as error:
        return NotBuyable(error.note, is_temporary=isinstance(error, FetchFailed) and error.is_temporary)
    return _elsewhere(page, shop) if shop else NotBuyable(_what_is_there(page))


# --- this shop ----------------------------------------------------------------------------------------
def _own(target: Target) -> Resolved:
    path = unquote(target.path.partition("?")[0])
    try:
        view = find_view(path.rstrip("/") if path.startswith("/products/") and path != "/products/" else path)
    except Resolver404:
        return NotBuyable("This shop has no such page.")
    if view.url_name == "product":
        return _not_read_in(target.url) or _own_product(view.kwargs["slug"], variant_named_in(target.url))
    if view.url_name == "pay" and links.find(view.kwargs["token"]):
        return OwnPaymentLink(view.kwargs["token"])
    if view.url_name == "recover" and RecoveryLink.objects.filter(token_hash=digest_of(view.kwargs["token"])).exists():
        return OwnRecoveryLink(view.kwargs["token"])
    if view.url_name in {"pay", "recover"}:
        return NotBuyable("This link of this shop is not, or no longer, known.")
    return NotBuyable("This page of this shop is no product, payment link or recovery link.")


def _own_product(slug: str, variant_id: int | None) -> Resolved:
    product = Product.objects.filter(slug=slug).first()
    if product is None:
        return NotBuyable("This shop has no such product.")
    if not product.is_active:
        return NotBuyable(f"{quoted(product.name)} is no longer for sale.")
    if variant_id is not None and not Variant.objects.filter(pk=variant_id, product=product).exists():
        return NotBuyable(f"{quoted(product.name)} has no variant {variant_id}.")
    return OwnProduct(product.pk, variant_id)


def _not_read_in(url: str) -> NotBuyable | None:
    """What its query says of the goods and is not one variant's id."""
    query = [(spellings.key(name), value) for name, value in parse_qsl(urlsplit(url).query)]
    if others := {name for name, _ in query} & (choosing.READ | {*words.AXES}) - {"variant"}:
        return NotBuyable(f"Of an address here `variant` is read and nothing else of the goods, not {min(others)}.")
    named = {value for name, value in query if name == "variant"}
    if len(named) > 1 or not all(_ID.fullmatch(value) for value in named):
        return NotBuyable("The address does not name one variant by its id (`?variant=7`).")
    return None


def variant_named_in(url: str) -> int | None:
    """`?variant=7`, as this software writes addresses of variants."""
    named = parse_qs(urlsplit(url).query).get("variant", [""])[0]
    return int(named) if _ID.fullmatch(named) else None


# --- other shops ----------------------------------------------------------------------------------------
def _elsewhere(page: Page, shop: KnownShop) -> OtherShop | NotBuyable:
    product = _meant(page)
    if product is None:
        return NotBuyable(_what_is_there(page, reason="the page does not name one product"))
    if not _ID.fullmatch(product.product_id) or not product.offers:
        return NotBuyable(_what_is_there(page, reason="the page offers nothing that has an id"))
    named = [variant_named_in(offer.url) for offer in product.offers]
    if len(named) > 1 and (None in named or len(set(named)) < len(named)):
        return NotBuyable(_what_is_there(page, reason="its variants cannot be told apart"))
    wanted = variant_named_in(page.url)
    if wanted is not None and wanted not in named:
        return NotBuyable(f"{quoted(product.name)} at {shop.origin} has no variant {wanted}.")
    return OtherShop(shop, page.url, int(product.product_id), product, wanted)


def _meant(page: Page) -> FoundProduct | None:
    """The page's only product; of several the one that has the page's address."""
    found = offers_in(page)
    if len(found) > 1:
        addresses = {page.url, canonical_of(page)}
        found = [product for product in found if product.url in addresses]
    return found[0] if len(found) == 1 else None


def _what_is_there(page: Page, *, reason: str = "") -> str:
    """'There is "Blue Mug" for 12.50 EUR at shop.example. It could not be bought: ...'"""
    host = target_of(page.url).host
    because = reason or f"{host} is no shop of this software (it has no {discovery.PATH})"
    found = offers_in(page)
    if found:
        named = " and ".join(_with_price(product) for product in found[:3])
        more = f" and {len(found) - 3} more products" if len(found) > 3 else ""
        return f"There is {named}{more} at {host}. It could not be bought: {because}."
    title = title_of(page)
    called = f"The page {quoted(title)}" if title else "The page"
    also = "" if reason else f", and {because}"
    return f"{called} at {host} names no product (no Schema.org Product in JSON-LD){also}."


def _with_price(product: FoundProduct) -> str:
    prices = [offer for offer in product.offers if offer.amount is not None]
    if not prices:
        return f"{quoted(product.name)} without a price that could be read"
    lowest = min(prices, key=lambda offer: offer.amount or 0)
    return f"{quoted(product.name)} for {'' if _is_one(prices) else 'from '}{_money(lowest)}"


def _is_one(offers: list[FoundOffer]) -> bool:
    return len({(offer.amount, offer.currency) for offer in offers}) == 1


def _money(offer: FoundOffer) -> str:
    return f"{to_major(offer.amount or 0, offer.currency):.{exponent(offer.currency)}f} {offer.currency}"
