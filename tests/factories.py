"""A small shop for tests: builders with the demo's numbers. Amounts are minor units, weights are grams.

Every builder can be called with nothing; `demo_shirt()` and `demo_shop()` are what most tests of a door need.
Prices exist in USD and EUR at the same number, as in the demo shop.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.text import slugify

from catalog.models import Discount, DiscountTerms, Price, Product, Stock, Variant
from checkouts.models import ShippingMethod, ShippingRate

CURRENCIES = ("USD", "EUR")
SHIRT_ID, MEDIUM_BLUE_ID, LARGE_BLUE_ID = 42, 7, 8
STANDARD_ID, EXPRESS_ID = 1, 2
PLENTY = 5000

ADDRESS = {
    "address_line1": "123 Main Street",
    "address_line2": "",
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94105",
    "country": "US",
}
CUSTOMER = {"email": "customer@example.com", "phone": "+15551234567", "full_name": "John Smith"}

_numbers = itertools.count(1000)


def make_product(
    name: str = "Mug", *, product_id: int | None = None, is_active: bool = True, description: str = "A good thing."
) -> Product:
    number = product_id or next(_numbers)
    return Product.objects.create(
        pk=number, name=name, slug=f"{slugify(name)}-{number}", description=description, is_active=is_active
    )


def make_variant(
    product: Product | None = None,
    *,
    variant_id: int | None = None,
    name: str = "One size",
    sku: str = "",
    amount: int | None = 1000,
    on_hand: int = PLENTY,
    weight_grams: int = 300,
    is_active: bool = True,
    currencies: tuple[str, ...] = CURRENCIES,
    options: dict[str, str] | None = None,
) -> Variant:
    """`amount` None: no price in any currency."""
    number = variant_id or next(_numbers)
    variant = Variant.objects.create(
        pk=number,
        product=product or make_product(),
        name=name,
        sku=sku or f"SKU-{number}",
        weight_grams=weight_grams,
        is_active=is_active,
        options=options or {},
    )
    if amount is not None:
        Price.objects.bulk_create([Price(variant=variant, currency=currency, amount=amount) for currency in currencies])
    Stock.objects.create(variant=variant, on_hand=on_hand)
    return variant


def make_shipping(
    name: str = "Standard Shipping",
    *,
    method_id: int | None = None,
    amount: int = 599,
    description: str = "Delivery in 5-7 business days",
    is_active: bool = True,
    currencies: tuple[str, ...] = CURRENCIES,
) -> ShippingMethod:
    number = method_id or next(_numbers)
    method = ShippingMethod.objects.create(
        pk=number, name=name, description=description, is_active=is_active, position=number
    )
    rates = [ShippingRate(method=method, currency=currency, amount=amount) for currency in currencies]
    ShippingRate.objects.bulk_create(rates)
    return method


def make_discount(
    code: str = "SUMMER25",
    *,
    discount_id: int | None = None,
    percent: int = 0,
    off_amount: int = 0,
    minimum_amount: int = 0,
    usage_limit: int | None = None,
    has_ended: bool = False,
    is_active: bool = True,
) -> Discount:
    """A percentage code with `percent`, a fixed one with `off_amount`; 25 % when neither is said."""
    is_fixed = bool(off_amount)
    discount = Discount.objects.create(
        pk=discount_id or next(_numbers),
        code=code,
        method=Discount.Method.FIXED if is_fixed else Discount.Method.PERCENTAGE,
        basis_points=0 if is_fixed else (percent or 25) * 100,
        usage_limit=usage_limit,
        ends_at=timezone.now() - timedelta(days=1) if has_ended else None,
        is_active=is_active,
    )
    if is_fixed or minimum_amount:
        DiscountTerms.objects.bulk_create(
            [
                DiscountTerms(
                    discount=discount, currency=currency, off_amount=off_amount, minimum_amount=minimum_amount
                )
                for currency in CURRENCIES
            ]
        )
    return discount


def demo_shirt(*, on_hand: int = PLENTY) -> Product:
    """Product 42 with variants 7 (Medium / Blue) and 8 (Large / Blue), 24.99 each; slug organic-cotton-t-shirt."""
    shirt = Product.objects.create(
        pk=SHIRT_ID,
        name="Organic Cotton T-Shirt",
        slug="organic-cotton-t-shirt",
        description="Soft, heavy organic cotton. Cut straight, made to last.",
    )
    make_variant(
        shirt,
        variant_id=MEDIUM_BLUE_ID,
        name="Medium / Blue",
        sku="TS-BL-M",
        amount=2499,
        on_hand=on_hand,
        weight_grams=300,
        options={"Size": "Medium", "Color": "Blue"},
    )
    make_variant(
        shirt,
        variant_id=LARGE_BLUE_ID,
        name="Large / Blue",
        sku="TS-BL-L",
        amount=2499,
        on_hand=on_hand,
        weight_grams=350,
        options={"Size": "Large", "Color": "Blue"},
    )
    return shirt


@dataclass(frozen=True)
class DemoShop:
    shirt: Product
    standard: ShippingMethod  # 5.99
    express: ShippingMethod  # 14.99
    summer25: Discount  # id 5, 25 % of the basket
    expired10: Discount
    big100: Discount  # 10 % from 100.00
    once: Discount  # 5.00 off, usable once


def demo_shop(*, on_hand: int = PLENTY) -> DemoShop:
    """The shirt, two ways of shipping, four codes: with the ids and amounts of the demo shop."""
    return DemoShop(
        shirt=demo_shirt(on_hand=on_hand),
        standard=make_shipping(method_id=STANDARD_ID),
        express=make_shipping(
            "Express Shipping", method_id=EXPRESS_ID, amount=1499, description="Delivery in 1-2 business days"
        ),
        summer25=make_discount("SUMMER25", discount_id=5, percent=25),
        expired10=make_discount("EXPIRED10", percent=10, has_ended=True),
        big100=make_discount("BIG100", percent=10, minimum_amount=10_000),
        once=make_discount("ONCE", off_amount=500, usage_limit=1),
    )
