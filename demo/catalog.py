"""Writes the demo shop's goods, codes and shipping methods. Safe to run again: what is there stays as it is."""

from __future__ import annotations

from datetime import timedelta

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from catalog.models import Discount, DiscountTerms, Price, Product, Stock, Variant
from checkouts.models import ShippingMethod, ShippingRate
from demo.goods import CURRENCIES, PRODUCTS, SHIPPING, DemoProduct, DemoVariant


def load() -> None:
    _load_products()
    _load_shipping()
    _load_discounts()
    _move_sequences_past_fixed_ids()


def _load_products() -> None:
    """All that lack in a statement a table: the suite does this a thousand times."""
    ids = [product.id for product in PRODUCTS]
    there = set(Product.objects.filter(pk__in=ids).values_list("pk", flat=True))
    new = [product for product in PRODUCTS if product.id not in there]
    variants = [variant for product in new for variant in product.variants]
    Product.objects.bulk_create(
        Product(pk=each.id, name=each.name, slug=each.slug, description=each.description) for each in new
    )
    Variant.objects.bulk_create(
        _variant(product, variant, position) for product in new for position, variant in enumerate(product.variants)
    )
    Stock.objects.bulk_create(Stock(variant_id=variant.id, on_hand=variant.on_hand) for variant in variants)
    Price.objects.bulk_create(
        Price(variant_id=variant.id, currency=currency, amount=variant.amount)
        for variant in variants
        for currency in CURRENCIES
    )


def _variant(product: DemoProduct, variant: DemoVariant, position: int) -> Variant:
    return Variant(
        pk=variant.id,
        product_id=product.id,
        name=variant.name,
        sku=variant.sku,
        options=dict(variant.options),
        weight_grams=variant.grams,
        position=position,
        is_active=variant.is_active,
    )


def _load_shipping() -> None:
    for position, (method_id, name, description, amount) in enumerate(SHIPPING):
        method, is_new = ShippingMethod.objects.get_or_create(
            pk=method_id, defaults={"name": name, "description": description, "position": position}
        )
        if is_new:
            ShippingRate.objects.bulk_create(
                [ShippingRate(method=method, currency=currency, amount=amount) for currency in CURRENCIES]
            )


def _load_discounts() -> None:
    percentage, fixed = Discount.Method.PERCENTAGE, Discount.Method.FIXED
    ended = timezone.now() - timedelta(days=1)
    _discount(5, "SUMMER25", method=percentage, basis_points=2500)
    _discount(6, "EXPIRED10", method=percentage, basis_points=1000, ends_at=ended)
    _discount(7, "BIG100", method=percentage, basis_points=1000, terms={"minimum_amount": 10_000})
    _discount(8, "ONCE", method=fixed, usage_limit=1, terms={"off_amount": 500})


def _discount(discount_id: int, code: str, *, terms: dict[str, int] | None = None, **values: object) -> None:
    discount, is_new = Discount.objects.get_or_create(pk=discount_id, defaults={"code": code, **values})
    if is_new and terms:
        DiscountTerms.objects.bulk_create(
            [DiscountTerms(discount=discount, currency=currency, **terms) for currency in CURRENCIES]
        )


def _move_sequences_past_fixed_ids() -> None:
    """PostgreSQL hands out ids from sequences that know nothing of ids written by hand."""
    models = [*apps.get_app_config("catalog").get_models(), *apps.get_app_config("checkouts").get_models()]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
