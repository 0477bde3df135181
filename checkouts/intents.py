"""A signed-in buyer's whole cart in one call: an order, its stock held, and a payment the browser confirms.

    transaction 1     price, write cart and order, hold the stock, write the payment attempt
    no transaction    ask the gateway for the payment's secret
    transaction 2     the answer becomes the payment's; without a secret all of it comes to nothing

What is confirmed in the browser is heard of by webhook and by the reconciler. A process that dies in between leaves a
payment that the reconciler asks about and an order that runs out.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from carts import services as carts
from carts.models import Door
from catalog import stock
from catalog.pricing import PricedLine, Totals, price
from catalog.queries import Offer, has_prices_in, offers
from common import idempotency
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders import services as orders
from orders.models import Order
from orders.states import OrderStatus
from payments import services as payments
from payments.gateways.base import GatewayResult, Outcome
from payments.models import Payment

PROVIDER = "stripe"


@dataclass(frozen=True)
class Item:
    """What is wanted; `product_id` is only held against the variant's own. `customization`: any JSON object."""

    variant_id: int
    quantity: int
    product_id: int | None = None
    customization: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Intent:
    order: Order
    client_secret: str  # for the gateway's own script in the buyer's browser; never stored


class NotPrepared(Exception):
    """The gateway gave no secret: order and hold are taken back."""


def begin(
    items: Sequence[Item], *, currency: str, buyer: str, email: str, request_id: str = "", client_address: str = ""
) -> Intent:
    """One order and one payment to confirm. Prices are the catalog's; the stock is held until the order runs out.

    `request_id`: the same for the repeat of a request that died half-way, and for nothing else: within a day it finds
    its order and asks under the same key.
    `client_address`: whose declines are counted.
    Raises NotPrepared, and DomainError: CURRENCY_UNKNOWN, VARIANT_NOT_FOUND, VARIANT_NOT_FOR_SALE, VARIANT_MISMATCH,
    SOLD_OUT, NOTHING_TO_PAY, TOO_MANY_DECLINES, BUSY.
    """
    source = f"intent:{request_id or uuid.uuid4().hex}"
    try:
        payment = _earlier(source) or _place(items, currency, buyer, email, source, client_address)
    except IntegrityError:  # a twin was quicker
        twin = _earlier(source)
        if twin is None:
            raise
        payment = twin
    result = payments.charge(payment)
    if not result.client_secret:
        crash_point("no secret, hold not given back")
        _come_to_nothing(payment, result)
        raise NotPrepared(result.message)
    settled = payments.apply_result(payment.pk, result, heard_from="answer")
    crash_point("intent prepared, its buyer not told")
    return Intent(settled.order, result.client_secret)


def secret_of(order_id: uuid.UUID) -> str:
    """The secret again, for the repeat of a request that was answered: the gateway is asked under the same key.

    `order_id`: the order's public id. Raises NotPrepared where the gateway does not say.
    """
    payment = Payment.objects.select_related("order").filter(order__public_id=order_id).order_by("id")[0]
    result = payments.charge(payment)
    if not result.client_secret:
        raise NotPrepared(result.message)
    return result.client_secret


def _earlier(source: str) -> Payment | None:
    found = Payment.objects.select_related("order").filter(order__source=source).exclude(_is_over("order__"))
    return found.order_by("-id").first()


def _is_over(path: str = "") -> Q:
    """Of an order: another request under its key is another order."""
    too_old = timezone.now() - idempotency.KEPT
    return Q(**{f"{path}status": OrderStatus.CANCELED}) | Q(**{f"{path}created_at__lte": too_old})


# --- transaction 1 --------------------------------------------------------------------------------
@in_transaction
def _place(items: Sequence[Item], currency: str, buyer: str, email: str, source: str, client_address: str) -> Payment:
    lines = _offered(items, currency)
    demand = _demand(lines)
    totals = price([PricedLine(offer.unit_amount or 0, item.quantity) for item, offer in lines])
    if totals.total_amount <= 0:
        raise DomainError(ErrorCode.NOTHING_TO_PAY)
    if Order.objects.filter(_is_over(), source=source).exists():
        source = f"intent:{uuid.uuid4().hex}"
    cart = carts.start_with(demand, currency=currency, email=email, door=Door.INTENT)
    order = orders.place(_draft(lines, totals, cart.pk, currency, buyer, email, source))
    stock.reserve(holder=source, demand=demand, is_first=True)
    return payments.open_payment(
        order, provider=PROVIDER, instrument=payments.IN_BROWSER, client_address=client_address
    )


def _offered(items: Sequence[Item], currency: str) -> list[tuple[Item, Offer]]:
    """Each item with its offer, in the order given; the first that cannot be had is refused."""
    if not has_prices_in(currency):
        raise DomainError(ErrorCode.CURRENCY_UNKNOWN, currency=currency)
    found = {offer.variant_id: offer for offer in offers(currency=currency, id__in={item.variant_id for item in items})}
    for item in items:
        offer = found.get(item.variant_id)
        if offer is None:
            raise DomainError(ErrorCode.VARIANT_NOT_FOUND, variant_id=item.variant_id)
        if not offer.can_be_bought:
            raise DomainError(ErrorCode.VARIANT_NOT_FOR_SALE, variant_id=item.variant_id, variant=offer.variant_name)
        if item.product_id not in {None, offer.product_id}:
            raise DomainError(ErrorCode.VARIANT_MISMATCH, variant_id=item.variant_id)
    return [(item, found[item.variant_id]) for item in items]


def _demand(lines: Sequence[tuple[Item, Offer]]) -> dict[int, int]:
    """Pieces of each variant over all lines: two lines of one variant are one demand."""
    demand: Counter[int] = Counter()
    for item, offer in lines:
        demand[item.variant_id] += item.quantity
        if demand[item.variant_id] > offer.available:
            raise DomainError(ErrorCode.SOLD_OUT, variant_id=item.variant_id, available=max(offer.available, 0))
    return dict(demand)


def _draft(
    lines: Sequence[tuple[Item, Offer]],
    totals: Totals,
    cart_id: int,
    currency: str,
    buyer: str,
    email: str,
    source: str,
) -> orders.Draft:
    return orders.Draft(
        source=source,
        cart_id=cart_id,
        currency=currency,
        email=email,
        phone="",
        full_name="",
        shipping_address={},
        billing_address={},
        shipping_method_name="",
        discount_code="",
        totals=totals,
        lines=tuple(_line(item, offer) for item, offer in lines),
        buyer=buyer,
    )


def _line(item: Item, offer: Offer) -> orders.DraftLine:
    return orders.DraftLine(
        product_id=offer.product_id,
        variant_id=offer.variant_id,
        product_name=offer.product_name,
        variant_name=offer.variant_name,
        sku=offer.sku,
        unit_amount=offer.unit_amount or 0,
        quantity=item.quantity,
        discount_amount=0,
        weight_grams=offer.weight_grams,
        customization=item.customization,
    )


# --- transaction 2, where there is no secret ------------------------------------------------------
@in_transaction
def _come_to_nothing(payment: Payment, result: GatewayResult) -> None:
    """Nobody has the secret, so nobody can confirm: a no, even where the gateway's own answer was lost."""
    no = GatewayResult(
        outcome=Outcome.DECLINED,
        reference=result.reference,
        decline_code="not_prepared",
        message=result.message or "The gateway gave no clear answer in time.",
        amount=payment.amount,
        currency=payment.currency,
    )
    settled = payments.follow_answer(payment.pk, no)
    if settled.order.status == OrderStatus.PENDING:
        orders.cancel(settled.order, now=timezone.now())
