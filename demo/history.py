"""Ninety days of a shop's life: orders with their payments, and carts in every state. The same each time, counted
back from the day it is loaded; written in bulk, once."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from carts import people
from carts.models import Cart, CartLine
from carts.states import CartStatus
from catalog.pricing import PricedLine, Totals, price
from checkouts.models import Checkout, ShippingMethod
from checkouts.states import CheckoutStatus
from common.persons import email_key
from demo.goods import HISTORY_VARIANTS, PRODUCTS, SHIPPING, DemoVariant
from orders.models import Order, OrderLine, OrderNumber
from orders.states import OrderStatus
from payments.models import Payment, PaymentEntry
from payments.states import PaymentStatus

DAYS = 90
CARTS_A_DAY = 6
SHOPPING_NOW = 8  # carts nobody has put a name to yet
CURRENCY = "USD"
_FIRST = (
    "Ada",
    "Ben",
    "Clara",
    "David",
    "Elin",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kim",
    "Lea",
    "Mia",
    "Noah",
)
_LAST = ("Andersen", "Berg", "Castro", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ito", "Jensen", "Keller")
_CITIES = (
    ("Springfield", "IL", "62704", "US"),
    ("Portland", "OR", "97205", "US"),
    ("Copenhagen", "", "1050", "DK"),
    ("Lyon", "", "69002", "FR"),
    ("Hamburg", "", "20095", "DE"),
    ("Madrid", "", "28013", "ES"),
)
_PRODUCT_OF = {variant.id: product for product in PRODUCTS for variant in product.variants}
# How a day's carts end, by weight.
_ENDINGS = (
    (CartStatus.CONVERTED, 40),
    (CartStatus.ABANDONED, 28),
    (CartStatus.RECOVERED, 12),
    (CartStatus.EXPIRED, 20),
)


@dataclass(frozen=True)
class Story:
    """One invented shopper and their cart."""

    at: datetime
    ending: CartStatus
    email: str
    full_name: str
    address: dict[str, str]
    lines: tuple[tuple[DemoVariant, int], ...]
    totals: Totals

    @property
    def is_bought(self) -> bool:
        return self.ending in {CartStatus.CONVERTED, CartStatus.RECOVERED}

    @property
    def first_abandoned_at(self) -> datetime | None:
        never = self.ending in {CartStatus.CONVERTED, CartStatus.ACTIVE}
        return None if never else self.at + timedelta(minutes=30)

    @property
    def bought_at(self) -> datetime | None:
        if not self.is_bought:
            return None
        return self.at + (timedelta(hours=26) if self.ending == CartStatus.RECOVERED else timedelta(minutes=9))


def load() -> None:
    """Writes the history unless there are orders or carts already."""
    if Cart.objects.exists():
        return
    stories = _stories(random.Random(42), timezone.now())  # noqa: S311 - a story, not a secret
    carts = _write_carts(stories)
    bought = sorted(
        ((story, cart) for story, cart in zip(stories, carts, strict=True) if story.is_bought),
        key=lambda pair: pair[0].bought_at or pair[0].at,
    )
    _write_orders(bought)
    for story, _ in bought:
        people.note_purchase(emails=[story.email], now=story.bought_at or story.at)


def _stories(dice: random.Random, now: datetime) -> list[Story]:
    stories = []
    for days_ago in range(DAYS, 1, -1):
        for _ in range(dice.randint(CARTS_A_DAY - 3, CARTS_A_DAY + 3)):
            at = now - timedelta(days=days_ago, minutes=dice.randint(0, 1200))
            stories.append(_story(dice, at))
    just_now = [now - timedelta(minutes=dice.randint(1, 300)) for _ in range(SHOPPING_NOW)]
    return stories + [replace(_story(dice, at), ending=CartStatus.ACTIVE, email="", full_name="") for at in just_now]


def _story(dice: random.Random, at: datetime) -> Story:
    name = f"{dice.choice(_FIRST)} {dice.choice(_LAST)}"
    city, state, postal_code, country = dice.choice(_CITIES)
    lines = tuple((variant, dice.randint(1, 3)) for variant in dice.sample(HISTORY_VARIANTS, dice.randint(1, 3)))
    ending = dice.choices([ending for ending, _ in _ENDINGS], [weight for _, weight in _ENDINGS])[0]
    return Story(
        at=at,
        ending=ending,
        email=f"{name.lower().replace(' ', '.')}@example.com",
        full_name=name,
        address={
            "address_line1": f"{dice.randint(1, 99)} Mill Lane",
            "address_line2": "",
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "country": country,
        },
        lines=lines,
        totals=price(
            [PricedLine(variant.amount, quantity) for variant, quantity in lines], shipping_amount=SHIPPING[0][3]
        ),
    )


def _write_carts(stories: list[Story]) -> list[Cart]:
    carts = Cart.objects.bulk_create(
        [
            Cart(
                status=story.ending,
                currency=CURRENCY,
                email=story.email,
                full_name=story.full_name,
                created_at=story.at,
                updated_at=story.bought_at or story.first_abandoned_at or story.at,
                last_activity_at=story.at,
                first_abandoned_at=story.first_abandoned_at,
                abandoned_at=story.first_abandoned_at,
                abandoned_amount=story.totals.items_amount if story.first_abandoned_at else 0,
                language=settings.LANGUAGE_CODE if story.first_abandoned_at else "",
                bought_at=story.bought_at,
            )
            for story in stories
        ]
    )
    CartLine.objects.bulk_create(
        [
            CartLine(cart=cart, variant_id=variant.id, quantity=quantity, created_at=story.at, updated_at=story.at)
            for cart, story in zip(carts, stories, strict=True)
            for variant, quantity in story.lines
        ]
    )
    return carts


def _write_orders(bought: list[tuple[Story, Cart]]) -> None:
    numbers = Counter[int]()
    orders = Order.objects.bulk_create([_order(story, cart, numbers) for story, cart in bought])
    OrderNumber.objects.bulk_create([OrderNumber(year=year, last=last) for year, last in numbers.items()])
    pairs = [(story, order) for (story, _), order in zip(bought, orders, strict=True)]
    OrderLine.objects.bulk_create([line for story, order in pairs for line in _order_lines(story, order)])
    payments = Payment.objects.bulk_create([_payment(order) for _, order in pairs])
    PaymentEntry.objects.bulk_create([_entry(payment) for payment in payments])
    method = ShippingMethod.objects.get(pk=SHIPPING[0][0])
    Checkout.objects.bulk_create([_checkout(story, order, method) for story, order in pairs])


def _order(story: Story, cart: Cart, numbers: Counter[int]) -> Order:
    at = story.bought_at or story.at
    numbers[at.year] += 1
    totals = story.totals
    return Order(
        source=f"demo:{cart.pk}",
        number=f"ORD-{at.year}-{numbers[at.year]:04d}",
        status=OrderStatus.ACCEPTED,
        cart=cart,
        email=story.email,
        person=email_key(story.email),
        full_name=story.full_name,
        shipping_address=story.address,
        billing_address=story.address,
        shipping_method_name=SHIPPING[0][1],
        currency=CURRENCY,
        items_amount=totals.items_amount,
        discount_amount=totals.discount_amount,
        shipping_amount=totals.shipping_amount,
        tax_amount=totals.tax_amount,
        total_amount=totals.total_amount,
        captured_amount=totals.total_amount,
        created_at=at,
        expires_at=at + timedelta(hours=1),
        accepted_at=at,
        fulfilled_at=at + timedelta(days=1),
        shipped_at=at + timedelta(days=1),
    )


def _order_lines(story: Story, order: Order) -> list[OrderLine]:
    return [
        OrderLine(
            order=order,
            product_id=_PRODUCT_OF[variant.id].id,
            variant_id=variant.id,
            product_name=_PRODUCT_OF[variant.id].name,
            variant_name=variant.name,
            sku=variant.sku,
            unit_amount=variant.amount,
            quantity=quantity,
            weight_grams=variant.grams,
        )
        for variant, quantity in story.lines
    ]


def _payment(order: Order) -> Payment:
    public_id = uuid.uuid4()
    return Payment(
        public_id=public_id,
        order=order,
        provider="stripe",
        gateway="test",
        gateway_reference=f"test_{public_id.hex[:24]}",
        idempotency_key=f"pay_{public_id.hex}_purchase",
        instrument="tok_visa",
        status=PaymentStatus.CAPTURED,
        currency=CURRENCY,
        amount=order.total_amount,
        captured_amount=order.total_amount,
        created_at=order.created_at,
        asked_at=order.created_at,
    )


def _entry(payment: Payment) -> PaymentEntry:
    return PaymentEntry(
        payment=payment,
        at=payment.created_at,
        heard_from="answer",
        outcome=PaymentStatus.CAPTURED,
        status_before=PaymentStatus.CREATED,
        status_after=PaymentStatus.CAPTURED,
        captured_amount=payment.captured_amount,
        refunded_amount=0,
    )


def _checkout(story: Story, order: Order, method: ShippingMethod) -> Checkout:
    at = order.created_at
    return Checkout(
        cart=order.cart,
        status=CheckoutStatus.COMPLETED,
        shipping_address=story.address,
        shipping_method=method,
        payment_provider="stripe",
        shown_total_amount=order.total_amount,
        order=order,
        created_at=story.at,
        updated_at=at,
        expires_at=at + timedelta(hours=1),
        completed_at=at,
    )
