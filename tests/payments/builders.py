"""Orders and payments for tests, without a checkout around them."""

from __future__ import annotations

from itertools import count

from django.db import transaction

from catalog import stock
from catalog.pricing import PricedLine, price
from orders import services as orders
from orders.models import Order
from payments import services as payments
from payments.gateways.base import GatewayResult, Outcome
from payments.models import Payment
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID, SHIRT_ID

_sources = count(1)
TOTAL = 2 * 2499 + 599
REFERENCE = "gateway-1"


@transaction.atomic
def make_order(*, pieces: int = 2) -> Order:
    """Pending, with its pieces held."""
    source = f"test:{next(_sources)}"
    line = orders.DraftLine(
        product_id=SHIRT_ID,
        variant_id=MEDIUM_BLUE_ID,
        product_name="Organic Cotton T-Shirt",
        variant_name="Medium / Blue",
        sku="TS-BL-M",
        unit_amount=2499,
        quantity=pieces,
        discount_amount=0,
        weight_grams=300,
    )
    draft = orders.Draft(
        source=source,
        cart_id=None,  # type: ignore[arg-type]
        currency="USD",
        shipping_address=ADDRESS,
        billing_address=ADDRESS,
        shipping_method_name="Standard Shipping",
        discount_code="",
        totals=price([PricedLine(2499, pieces)], shipping_amount=599),
        lines=(line,),
        **CUSTOMER,
    )
    stock.reserve(holder=source, demand={MEDIUM_BLUE_ID: pieces})
    return orders.place(draft)


def make_payment(order: Order) -> Payment:
    return payments.open_payment(order, provider="stripe", instrument="tok_visa")


def said(outcome: Outcome, *, amount: int = TOTAL, currency: str = "USD", captured: int = 0, refunded: int = 0):
    """A gateway's answer about the payment REFERENCE."""
    return GatewayResult(outcome, REFERENCE, amount, currency, captured, refunded)


CAPTURED = said(Outcome.CAPTURED, captured=TOTAL)
REFUNDED_IN_PART = said(Outcome.CAPTURED, captured=TOTAL, refunded=1000)
DECLINED = said(Outcome.DECLINED)
PROCESSING = said(Outcome.PROCESSING)
AUTHORIZED = said(Outcome.AUTHORIZED)
VOIDED = said(Outcome.VOIDED)
REQUIRES_ACTION = said(Outcome.REQUIRES_ACTION)
