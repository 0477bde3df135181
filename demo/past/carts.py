"""The rows of carts, and of what was bought: orders with their payments, checkouts. Written in bulk."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from carts.models import Cart, CartLine, Identity
from carts.states import BOUGHT, CartStatus
from checkouts.models import Checkout, ShippingMethod
from checkouts.states import CheckoutStatus
from demo.goods import PRODUCTS, SHIPPING
from demo.past.shoppers import Shopper
from demo.past.stories import CURRENCY, GIVEN_UP_AFTER, Story, Visit
from orders.models import Order, OrderLine, OrderNumber
from orders.states import OrderStatus
from payments.gateways.base import Outcome
from payments.models import Payment, PaymentEntry, TestCharge
from payments.states import PaymentStatus

_PRODUCT_OF = {variant.id: product for product in PRODUCTS for variant in product.variants}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_FORGETS_ONE_IN = 8


def write(stories: Sequence[Story], now: datetime) -> None:
    for story in stories:
        _fill_in(story, now)
    Cart.objects.bulk_create(story.cart for story in stories)
    CartLine.objects.bulk_create(
        CartLine(cart=story.cart, variant_id=variant.id, quantity=quantity, created_at=story.at, updated_at=story.at)
        for story in stories
        for variant, quantity in story.lines
    )
    orders = _write_orders([story for story in stories if story.cart.status in BOUGHT], now)
    _write_checkouts(stories, orders)
    Identity.objects.bulk_create(map(_identity, _shoppers(stories)))


def _fill_in(story: Story, now: datetime) -> None:
    cart, shopper = story.cart, story.shopper
    cart.status = story.status_at(now)
    cart.created_at, cart.last_activity_at = story.at, story.touched_at(now)
    if shopper is not None:
        cart.email, cart.full_name = shopper.email, shopper.full_name
    if story.spells:
        cart.first_abandoned_at, cart.abandoned_at = story.spells[0], story.spells[-1]
        cart.abandoned_amount = story.totals.items_amount
        cart.language, cart.is_followed_up = settings.LANGUAGE_CODE, True
    cart.bought_at = story.buys_at
    given_up_at = story.spells[-1] + GIVEN_UP_AFTER if cart.status == CartStatus.EXPIRED else None
    cart.updated_at = given_up_at or story.buys_at or cart.abandoned_at or story.at


def _shoppers(stories: Sequence[Story]) -> list[Shopper]:
    return list({story.shopper.person: story.shopper for story in stories if story.shopper}.values())


def _identity(shopper: Shopper) -> Identity:
    return Identity(key=shopper.person, bought_at=max(shopper.bought_at, default=None))


# --- what was bought ------------------------------------------------------------------------------
def _write_orders(bought: list[Story], now: datetime) -> dict[int, Order]:
    """{number of the story: its order}"""
    in_time = sorted(bought, key=lambda story: story.buys_at or story.at)
    numbers = Counter[int]()
    orders = Order.objects.bulk_create([_order(story, numbers, now) for story in in_time])
    OrderNumber.objects.bulk_create([OrderNumber(year=year, last=last) for year, last in numbers.items()])
    pairs = list(zip(in_time, orders, strict=True))
    OrderLine.objects.bulk_create([line for story, order in pairs for line in _order_lines(story, order)])
    payments = Payment.objects.bulk_create([_payment(order) for order in orders])
    PaymentEntry.objects.bulk_create([_entry(payment) for payment in payments])
    TestCharge.objects.bulk_create([_charge(payment) for payment in payments])
    return {story.number: order for story, order in pairs}


def _order(story: Story, numbers: Counter[int], now: datetime) -> Order:
    at, totals, shopper = story.buys_at or story.at, story.totals, story.shopper
    assert shopper is not None  # noqa: S101 - nobody buys without a name
    numbers[at.year] += 1
    sent_at = at + _waits(story)
    is_sent = sent_at <= now
    return Order(
        source=f"demo:{story.cart.pk}",
        number=f"ORD-{at.year}-{numbers[at.year]:04d}",
        status=OrderStatus.ACCEPTED,
        cart=story.cart,
        email=shopper.email,
        person=shopper.person,
        full_name=shopper.full_name,
        shipping_address=shopper.address,
        billing_address=shopper.address,
        shipping_method_name=SHIPPING[0][1],
        currency=CURRENCY,
        items_amount=totals.items_amount,
        discount_amount=totals.discount_amount,
        shipping_amount=totals.shipping_amount,
        tax_amount=totals.tax_amount,
        total_amount=totals.total_amount,
        captured_amount=totals.total_amount,
        created_at=at,
        expires_at=at + _HOUR,
        accepted_at=at,
        fulfilled_at=sent_at if is_sent else None,
        shipped_at=sent_at if is_sent else None,
    )


def _waits(story: Story) -> timedelta:
    """The shop sends what was bought a day later, and one in so many it forgets for another day."""
    return _DAY if story.number % _FORGETS_ONE_IN else 2 * _DAY


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


def _charge(payment: Payment) -> TestCharge:
    """The payment in the gateway's own books: what it does not know it would not pay back."""
    return TestCharge(
        key=payment.idempotency_key,
        reference=payment.gateway_reference,
        provider=payment.provider,
        outcome=Outcome.CAPTURED,
        currency=payment.currency,
        amount=payment.amount,
        captured_amount=payment.captured_amount,
        created_at=payment.created_at,
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


# --- how far they came ----------------------------------------------------------------------------
def _write_checkouts(stories: Sequence[Story], orders: dict[int, Order]) -> None:
    method = ShippingMethod.objects.get(pk=SHIPPING[0][0])
    for story in stories:
        for visit, order in _visits(story, orders.get(story.number)):
            visit.checkout = _checkout(story, visit, order, method)
    found = (visit.checkout for story in stories for visit in story.visits)
    Checkout.objects.bulk_create(sorted(filter(None, found), key=lambda checkout: checkout.created_at))


def _visits(story: Story, order: Order | None) -> Iterator[tuple[Visit, Order | None]]:
    """The last one led to the order, if there is one."""
    for visit in story.visits:
        yield visit, order if visit is story.visits[-1] else None


def _checkout(story: Story, visit: Visit, order: Order | None, method: ShippingMethod) -> Checkout:
    has_address, is_shipped = visit.gives_address or order is not None, visit.chooses_shipping or order is not None
    checkout = Checkout(
        cart=story.cart,
        status=CheckoutStatus.COMPLETED if order else CheckoutStatus.EXPIRED,
        shipping_address=story.shopper.address if story.shopper and has_address else {},
        shipping_method=method if is_shipped else None,
        shown_total_amount=story.totals.total_amount if is_shipped else story.totals.items_amount,
        created_at=visit.at,
        updated_at=visit.at + _HOUR,
        expires_at=visit.at + _HOUR,
    )
    if order is not None:
        checkout.order, checkout.payment_provider = order, "stripe"
        checkout.updated_at = checkout.completed_at = order.created_at
        checkout.expires_at = order.created_at + _HOUR
    return checkout
