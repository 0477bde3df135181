"""Writes the demo shop's goods, codes and shipping methods. Safe to run again: what is there stays as it is."""

from __future__ import annotations

from datetime import timedelta

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from catalog.models import Discount, DiscountTerms, Price, Product, Stock, Variant
from checkouts.models import ShippingMethod, ShippingRate
from demo.goods import CURRENCIES, PRODUCTS, SHIPPING, DemoProduct


def load() -> None:
    for product in PRODUCTS:
        _load_product(product)
    _load_shipping()
    _load_discounts()
    _move_sequences_past_fixed_ids()


def _load_product(product: DemoProduct) -> None:
    row, is_new = Product.objects.get_or_create(
        pk=product.id,
        defaults={"name": product.name, "slug": product.slug, "description": product.description},
    )
    if not is_new:
        return
    for position, variant in enumerate(product.variants):
        Variant.objects.create(
            pk=variant.id,
            product=row,
            name=variant.name,
            sku=variant.sku,
            options=dict(variant.options),
            weight_grams=variant.grams,
            position=position,
            is_active=variant.is_active,
        )
        Stock.objects.create(variant_id=variant.id, on_hand=variant.on_hand)
        Price.objects.bulk_create(
            [Price(variant_id=variant.id, currency=currency, amount=variant.amount) for currency in CURRENCIES]
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
