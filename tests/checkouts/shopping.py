"""Shoppers for tests of the domain: checkouts ready to be paid, ways to pay, and time that has passed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from carts.models import Cart, CartLine
from catalog.models import Discount, Stock
from checkouts import completion, services
from checkouts.completion import Completion, PaymentChoice
from checkouts.models import Checkout
from checkouts.queries import CheckoutView
from checkouts.services import expiry
from common.errors import DomainError, ErrorCode
from orders.models import Order
from outbox import delivery
from payments.gateways.test import TestGateway
from payments.models import Payment
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID, SHIRT_ID, STANDARD_ID

SHIRT, SHIPPING = 2499, 599


@contextmanager
def refused(code: ErrorCode) -> Iterator[pytest.ExceptionInfo[DomainError]]:
    with pytest.raises(DomainError) as refusal:
        yield refusal
    assert refusal.value.code is code, refusal.value


def session_of(view: CheckoutView) -> uuid.UUID:
    return view.checkout.session_key


def ready_session(*, pieces: int = 2, code: str = "") -> uuid.UUID:
    """A shopper with `pieces` demo shirts who has given everything but the money."""
    session = session_of(
        services.add_item(None, product_id=SHIRT_ID, variant_id=MEDIUM_BLUE_ID, quantity=pieces),
    )
    services.set_customer(session, **CUSTOMER)
    services.set_shipping_address(session, ADDRESS)
    services.set_shipping_method(session, STANDARD_ID)
    if code:
        services.apply_discount(session, code)
    return session


def ready_sessions(
    count: int, *, demand: dict[int, int], unit_amount: int = SHIRT, discount: Discount | None = None, off: int = 0
) -> list[uuid.UUID]:
    """Many shoppers at once, each with the same basket ({variant id: pieces}), written without the services."""
    now = timezone.now()
    carts = Cart.objects.bulk_create(Cart(currency="USD", **CUSTOMER) for _ in range(count))
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant_id=variant_id, quantity=pieces)
        for cart in carts
        for variant_id, pieces in demand.items()
    )
    total = unit_amount * sum(demand.values()) - off + SHIPPING
    checkouts = Checkout.objects.bulk_create(
        Checkout(
            cart=cart,
            shipping_address=ADDRESS,
            shipping_method_id=STANDARD_ID,
            discount=discount,
            shown_total_amount=total,
            expires_at=expiry(now),
        )
        for cart in carts
    )
    return [checkout.session_key for checkout in checkouts]


def card(token: str = "tok_visa") -> PaymentChoice:
    return PaymentChoice(provider="stripe", instrument=token)


def pay(session: uuid.UUID, token: str = "tok_visa", **more: object) -> Completion:
    return completion.complete(session, choice=card(token), **more)


def checkout_of(session: uuid.UUID) -> Checkout:
    return Checkout.objects.filter(session_key=session).order_by("-id")[0]


def shelf(variant_id: int = MEDIUM_BLUE_ID) -> tuple[int, int]:
    """(on hand, reserved)"""
    stock = Stock.objects.get(variant_id=variant_id)
    return stock.on_hand, stock.reserved


def its_time_has_come(payment: Payment) -> None:
    """The moment at which the reconciler asks about the payment has passed."""
    Payment.objects.filter(pk=payment.pk).update(ask_again_at=timezone.now() - timedelta(seconds=1))


def let_order_run_out(order_id: int) -> None:
    Order.objects.filter(pk=order_id).update(expires_at=timezone.now() - timedelta(seconds=1))


def shopper_answers(payment: Payment, *, approves: bool) -> None:
    """On the stand-in page; the gateway's word then reaches us as it does in the shop, by the outbox."""
    TestGateway().answer_shopper(payment.gateway_reference, approves=approves)
    deliver_events()


def deliver_events() -> None:
    while delivery.drain():
        pass
