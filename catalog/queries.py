"""What can be asked of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from catalog.models import Price, Product, Variant
from common.errors import DomainError, ErrorCode
from common.prepared import Given, Prepared


@dataclass(frozen=True)
class Offer:
    """One variant as it can be bought in one currency; `unit_amount` is None where it has no price there."""

    variant_id: int
    variant_name: str
    sku: str
    weight_grams: int
    product_id: int
    product_name: str
    product_slug: str
    is_for_sale: bool
    unit_amount: int | None
    available: int

    @property
    def full_name(self) -> str:
        """For sentences that stand alone: Last One (Standard)."""
        return f"{self.product_name} ({self.variant_name})"

    @property
    def can_be_bought(self) -> bool:
        return self.is_for_sale and self.unit_amount is not None


def offer_columns(to_variant: str = "") -> tuple[str, ...]:
    """What `offer_from` reads, for rows that reach the variant by `to_variant`; `unit_amount` is annotated."""
    of_variant = ("id", "name", "sku", "weight_grams", "product_id", "product__name", "product__slug")
    of_sale = ("is_active", "product__is_active", "stock__on_hand", "stock__reserved")
    return ("unit_amount", *(to_variant + column for column in of_variant + of_sale))


def offer_from(row: Sequence[Any]) -> Offer:
    """An offer from the values of `offer_columns`."""
    unit_amount, variant_id, name, sku, grams, product_id, product_name, slug, is_on, product_is_on, on_hand, held = row
    return Offer(
        variant_id=variant_id,
        variant_name=name,
        sku=sku,
        weight_grams=grams,
        product_id=product_id,
        product_name=product_name,
        product_slug=slug,
        is_for_sale=is_on and product_is_on,
        unit_amount=unit_amount,
        available=(on_hand or 0) - (held or 0),
    )


def _rows(currency: str | Given, **conditions: object) -> QuerySet[Variant, tuple[Any, ...]]:
    return (
        Variant.objects.annotate(
            price=FilteredRelation("prices", condition=Q(prices__currency=currency)), unit_amount=F("price__amount")
        )
        .filter(**conditions)
        .order_by("product_id", "position", "id")
        .values_list(*offer_columns())
    )


_OF_PRODUCT = Prepared[tuple[Any, ...]](
    lambda: _rows(Given("currency", CharField()), product_id=Given("product", BigIntegerField()))
)


def offers(*, currency: str, **conditions: object) -> list[Offer]:
    """The variants that meet the conditions, in their own order, in one query."""
    return [offer_from(row) for row in _rows(currency, **conditions)]


def offer_of_product(*, product_id: int, variant_id: int | None, currency: str) -> Offer:
    """The variant somebody asked for, in one query.

    Raises DomainError: PRODUCT_NOT_FOUND, VARIANT_NOT_FOUND (not one of this product), VARIANT_REQUIRED (several, none
    named), VARIANT_NOT_FOR_SALE.
    """
    found = [offer_from(row) for row in _OF_PRODUCT.rows(currency=currency, product=product_id)]
    if not found:
        raise DomainError(ErrorCode.PRODUCT_NOT_FOUND, product_id=product_id)
    offer = _named(found, variant_id)
    if not offer.can_be_bought:
        raise DomainError(ErrorCode.VARIANT_NOT_FOR_SALE, variant=offer.full_name, variant_id=offer.variant_id)
    return offer


def _named(found: list[Offer], variant_id: int | None) -> Offer:
    if variant_id is None:
        if len(found) > 1:
            raise DomainError(ErrorCode.VARIANT_REQUIRED, variants=[offer.variant_id for offer in found])
        return found[0]
    for offer in found:
        if offer.variant_id == variant_id:
            return offer
    raise DomainError(ErrorCode.VARIANT_NOT_FOUND, variant_id=variant_id)


def has_prices_in(currency: str) -> bool:
    return Price.objects.filter(currency=currency).exists()


def options_of(product_id: int) -> dict[int, dict[str, str]]:
    """What tells each variant apart, by its id: {7: {"Size": "Medium"}}."""
    found = Variant.objects.filter(product_id=product_id).values_list("pk", "options")
    return {pk: options if isinstance(options, dict) else {} for pk, options in found}


def products_on_offer(currency: str) -> QuerySet[Product]:
    """Those of which at least one variant can be bought in the currency, in stock or not."""
    buyable = Variant.objects.filter(product=OuterRef("pk"), is_active=True, prices__currency=currency)
    return products_for_sale().filter(Exists(buyable))


def products_for_sale() -> QuerySet[Product]:
    return Product.objects.filter(is_active=True).order_by("name", "id")
