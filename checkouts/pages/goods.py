"""Products as pages show them: a card in a list, the whole product, and its Schema.org description."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Product
from catalog.pictures import picture_url
from catalog.queries import Offer, offers
from checkouts.pages.shop import absolute
from common.money import exponent, to_major

LOW_STOCK = 10
# A JSON-LD block must not end its own script element, whatever a merchant writes into a description.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Goods:
    """One product with its variants as they can be bought in the shop's currency. Amounts in minor units."""

    product: Product
    offers: Sequence[Offer]

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
        """The Schema.org Product, safe inside a script element."""
        text = json.dumps(schema_org(self), ensure_ascii=False).translate(_ESCAPES)
        return mark_safe(text)  # noqa: S308 - escaped above


def goods_of(product: Product) -> Goods:
    return Goods(product, offers(currency=settings.SHOP_CURRENCY, product_id=product.pk))


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
    product = goods.product
    url = absolute(product.get_absolute_url())
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": url,
        "url": url,
        "name": product.name,
        "description": product.description,
        "productID": str(product.pk),
        "image": absolute(goods.picture),
        "brand": {"@type": "Brand", "name": settings.SHOP_NAME},
        "offers": [_offer(goods, offer, url) for offer in goods.offers if offer.unit_amount is not None],
    }


def _offer(goods: Goods, offer: Offer, url: str) -> dict[str, Any]:
    currency = goods.currency
    return {
        "@type": "Offer",
        "name": offer.variant_name,
        "sku": offer.sku,
        "price": f"{to_major(offer.unit_amount or 0, currency):.{exponent(currency)}f}",
        "priceCurrency": currency,
        "availability": f"https://schema.org/{availability(goods, offer)}",
        "itemCondition": "https://schema.org/NewCondition",
        "url": url,
        "seller": {"@type": "Organization", "name": settings.SHOP_NAME},
    }
