"""Carts and orders with payment links, and somebody who pays by them."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from carts import tracked
from carts.models import Cart, CartLine
from carts.tracked import ToldCart, ToldItem
from checkouts.linked_carts import draft_of
from common import pay_links
from outbox import delivery
from payments import link_payments, links, reconcile
from payments.gateways.test import TestGateway
from payments.link_payments import LinkView
from payments.models import Payment, PaymentLink
from payments.states import LinkState
from tests.factories import CUSTOMER, MEDIUM_BLUE_ID

TOLD, SHIRT = 2 * 4999, 2499


def told_cart(*, amount: int = 4999, status_active: bool = False) -> Cart:
    """Another store's cart: two of one thing."""
    told = ToldCart(
        email="customer@example.com",
        full_name="John Doe",
        items=(ToldItem("Product Name", 2, amount),),
        is_active=status_active,
    )
    return tracked.add([told], currency="USD", now=timezone.now())[0]


def shop_cart(*, pieces: int = 1) -> Cart:
    """One of our own, with demo shirts."""
    cart = Cart.objects.create(currency="USD", **CUSTOMER)
    if pieces:
        CartLine.objects.create(cart=cart, variant_id=MEDIUM_BLUE_ID, quantity=pieces)
    return cart


def link_to(cart: Cart) -> PaymentLink:
    return links.for_cart(cart.pk, draft_of=draft_of)[0]


def look(link: PaymentLink) -> LinkView:
    view = link_payments.look(pay_links.token_of(link.salt), draft_of=draft_of)
    assert view is not None
    return view


def state(link: PaymentLink) -> LinkState:
    return look(link).state


def press(link: PaymentLink, provider: str = "stripe") -> Payment:
    """The button of its page; the shopper is on the gateway's page then."""
    return link_payments.pay(link, provider=provider, draft_of=draft_of)


def approve(payment: Payment) -> Payment:
    """The shopper pays on the gateway's page, and comes back."""
    TestGateway().answer_shopper(payment.gateway_reference, approves=True)
    return reconcile.look_up(payment.pk)


def deliver_events() -> None:
    while delivery.drain():
        pass


def let_link_run_out(link: PaymentLink) -> None:
    week = timedelta(days=8)
    PaymentLink.objects.filter(pk=link.pk).update(expires_at=F("expires_at") - week, created_at=F("created_at") - week)
