"""Products as pages show them: a card in a list, the whole product, and its Schema.org description."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Product
from catalog.pictures import picture_url
from catalog.queries import Offer, offers, options_of
from checkouts.pages.shop import absolute
from common.money import exponent, to_major

LOW_STOCK = 10
_VARYING = ("color", "material", "pattern", "size")  # options that Schema.org has a property for
# A JSON-LD block must not end its own script element, whatever a merchant writes into a description.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Goods:
    """One product with its variants as they can be bought in the shop's currency. Amounts in minor units."""

    product: Product
    offers: Sequence[Offer]
    options: Mapping[int, Mapping[str, str]] = field(default_factory=dict)  # by variant id; a list needs none

    @property
    def currency(self) -> str:
        return settings.SHOP_CURRENCY

    @property
    def buyable(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.can_be_bought and self.product.is_active]

    @property
    def from_amount(self) -> int | None:
        return min((offer.unit_amount or 0 for offer in self.buyable), default=None)

    @property
    def has_several_prices(self) -> bool:
        return len({offer.unit_amount for offer in self.buyable}) > 1

    @property
    def is_sold_out(self) -> bool:
        return not any(offer.available > 0 for offer in self.buyable)

    @property
    def picture(self) -> str:
        return picture_url(self.product.slug, *(offer.variant_name for offer in self.offers[:1]))

    @property
    def json_ld(self) -> SafeString:
        """The Schema.org Product or ProductGroup, safe inside a script element."""
        text = json.dumps(schema_org(self), ensure_ascii=False).translate(_ESCAPES)
        return mark_safe(text)  # noqa: S308 - escaped above


def goods_of(product: Product) -> Goods:
    found = offers(currency=settings.SHOP_CURRENCY, product_id=product.pk)
    return Goods(product, found, options_of(product.pk))


def goods_of_all(products: Sequence[Product]) -> list[Goods]:
    """All variants of all the products in one query."""
    by_product: dict[int, list[Offer]] = {product.pk: [] for product in products}
    for offer in offers(currency=settings.SHOP_CURRENCY, product_id__in=list(by_product)):
        by_product[offer.product_id].append(offer)
    return [Goods(product, by_product[product.pk]) for product in products]


def availability(goods: Goods, offer: Offer) -> str:
    if not (goods.product.is_active and offer.can_be_bought):
        return "Discontinued"
    if offer.available <= 0:
        return "OutOfStock"
    return "LimitedAvailability" if offer.available < LOW_STOCK else "InStock"


def schema_org(goods: Goods) -> dict[str, Any]:
    """A Product; with several variants a ProductGroup of them. A variant's own address ends with `?variant=<id>`."""
    priced = [offer for offer in goods.offers if offer.unit_amount is not None]
    described = {"@context": "https://schema.org", **_common(goods)}
    if len(goods.offers) > 1:
        variants = [_variant(goods, offer) for offer in priced]
        return described | {
            "@type": "ProductGroup",
            "productGroupID": str(goods.product.pk),
            "variesBy": sorted({f"https://schema.org/{name}" for one in variants for name in _VARYING if name in one}),
            "hasVariant": variants,
        }
    only = {"sku": priced[0].sku, **_options(goods, priced[0])} if priced else {}
    offered = [_offer(goods, offer) for offer in priced]
    return described | {"@type": "Product", "productID": str(goods.product.pk), **only, "offers": offered}


def _common(goods: Goods) -> dict[str, Any]:
    product = goods.product
    url = absolute(product.get_absolute_url())
    return {
        "@id": url,
        "url": url,
        "name": product.name,
        "description": product.description,
        "image": absolute(goods.picture),
        "brand": {"@type": "Brand", "name": settings.SHOP_NAME},
    }


def _variant(goods: Goods, offer: Offer) -> dict[str, Any]:
    return {
        "@type": "Product",
        "name": f"{goods.product.name}, {offer.variant_name}",
        "sku": offer.sku,
        "inProductGroupWithID": str(goods.product.pk),
        "url": _url_of(goods, offer),
        "image": absolute(picture_url(goods.product.slug, offer.variant_name)),
        **_options(goods, offer),
        "offers": _offer(goods, offer),
    }


def _options(goods: Goods, offer: Offer) -> dict[str, Any]:
    """Size, color and the like have properties of their own; any other option is an additional one."""
    options = {str(name): str(value) for name, value in goods.options.get(offer.variant_id, {}).items()}
    named = {name.lower(): value for name, value in options.items() if name.lower() in _VARYING}
    others = [
        {"@type": "PropertyValue", "name": name, "value": value}
        for name, value in options.items()
        if name.lower() not in _VARYING
    ]
    return named | ({"additionalProperty": others} if others else {})


def _url_of(goods: Goods, offer: Offer) -> str:
    return f"{absolute(goods.product.get_absolute_url())}?variant={offer.variant_id}"


def _offer(goods: Goods, offer: Offer) -> dict[str, Any]:
    currency = goods.currency
    return {
        "@type": "Offer",
        "name": offer.variant_name,
        "sku": offer.sku,
        "price": f"{to_major(offer.unit_amount or 0, currency):.{exponent(currency)}f}",
        "priceCurrency": currency,
        "availability": f"https://schema.org/{availability(goods, offer)}",
        "itemCondition": "https://schema.org/NewCondition",
        "url": _url_of(goods, offer),
        "seller": {"@type": "Organization", "name": settings.SHOP_NAME},
    }
