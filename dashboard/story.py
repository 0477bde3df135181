"""Whose timeline it is: a record with what belongs to it, and what those rows tell by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Model

from carts.models import Cart
from carts.states import CartStatus
from checkouts.models import Checkout
from checkouts.states import CheckoutStatus
from common.templatetags.shop import money
from dashboard.timeline import Entry, Kind, Source, today
from orders.models import Order
from payments.models import Payment

MOST = 50  # of each: a cart has a handful at most
May = Callable[[str], bool]  # a permission -> whether who looks has it


@dataclass(frozen=True)
class Story:
    carts: list[Cart] = field(default_factory=list)
    checkouts: list[Checkout] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        """Under which its holds and codes are kept."""
        return [*(order.source for order in self.orders), *(checkout.source for checkout in self.checkouts)]

    @property
    def link_owners(self) -> list[str]:
        return [*(f"cart:{cart.pk}" for cart in self.carts), *(f"order:{order.pk}" for order in self.orders)]


def of_cart(cart: Cart) -> Story:
    """In three queries."""
    checkouts = list(Checkout.objects.filter(cart=cart).order_by("-id")[:MOST])
    orders = list(Order.objects.filter(cart=cart).order_by("-id")[:MOST])
    return Story([cart], _in_cart(checkouts, cart), orders, _payments_of(orders))


def of_checkout(checkout: Checkout) -> Story:
    orders = [checkout.order] if checkout.order else []
    return Story([checkout.cart], [checkout], orders, _payments_of(orders))


def of_order(order: Order) -> Story:
    carts = [order.cart] if order.cart else []
    checkouts = list(Checkout.objects.filter(order=order).select_related("cart"))
    return Story(carts, checkouts, [order], _payments_of([order]))


def of_payment(payment: Payment) -> Story:
    """Itself and its order: the rest is on the order's page."""
    return Story(orders=[payment.order], payments=[payment])


def _in_cart(checkouts: list[Checkout], cart: Cart) -> list[Checkout]:
    for checkout in checkouts:
        checkout.cart = cart
    return checkouts


def _payments_of(orders: list[Order]) -> list[Payment]:
    return list(Payment.objects.filter(order__in=orders).order_by("-id")[:MOST])


# --- what the rows tell by themselves -------------------------------------------------------------
_Fact = tuple[Source, datetime | None, Kind, str, str]  # title, detail


def facts(story: Story, may: May) -> Iterator[Entry]:
    told: list[tuple[str, list[Model], Callable[..., Iterator[_Fact]]]] = [
        ("carts.view_cart", [*story.carts], _of_cart),
        ("checkouts.view_checkout", [*story.checkouts], _of_checkout),
        ("orders.view_order", [*story.orders], _of_order),
        ("payments.view_payment", [*story.payments], _of_payment),
    ]
    for permission, rows, tell in told:
        for row in rows if may(permission) else ():
            yield from _entries(row, tell(row))


def _entries(row: Model, told: Iterator[_Fact]) -> Iterator[Entry]:
    label = f"{row._meta.app_label}_{row._meta.model_name}"
    for source, at, kind, title, detail in told:
        if at is not None:
            yield Entry(at, source, row.pk, kind, title, detail, (label, row.pk))


def _of_cart(cart: Cart) -> Iterator[_Fact]:
    worth = money(cart.abandoned_amount, cart.currency)
    yield Source.CART, cart.created_at, Kind.SHOPPER, f"Cart {cart.pk} begun: {cart.get_door_display()}", ""
    yield Source.ABANDONED, cart.first_abandoned_at, Kind.SHOPPER, f"Cart abandoned, worth {worth}", ""
    if cart.abandoned_at != cart.first_abandoned_at:
        yield Source.ABANDONED_AGAIN, cart.abandoned_at, Kind.SHOPPER, "Cart abandoned again", ""
    again = ", after it had been abandoned" if cart.status == CartStatus.RECOVERED else ""
    yield Source.BOUGHT, cart.bought_at, Kind.SHOPPER, f"Cart bought{again}", ""
    if cart.status == CartStatus.EXPIRED:  # it was last changed then; of one that came back the moment is not kept
        yield (
            *(Source.EXPIRED, cart.updated_at, Kind.SHOPPER),
            *("Cart expired: nobody is written to about it any more", ""),
        )


def _of_checkout(checkout: Checkout) -> Iterator[_Fact]:
    yield Source.CHECKOUT, checkout.created_at, Kind.SHOPPER, f"Checkout {checkout.pk} begun", ""
    yield from _last_change(checkout)
    yield Source.COMPLETED, checkout.completed_at, Kind.SHOPPER, f"Checkout {checkout.pk} completed", ""


def _last_change(checkout: Checkout) -> Iterator[_Fact]:
    """Of one that waits for its shopper, or waited in vain. Once it is being paid its order says what it came to."""
    shown = f"total last shown: {money(checkout.shown_total_amount, checkout.cart.currency)}"
    if checkout.status == CheckoutStatus.EXPIRED:
        title = f"Checkout {checkout.pk} ended, not bought; {shown}"
        yield Source.CHECKOUT_CHANGED, checkout.updated_at, Kind.PRICE, title, ""
    elif checkout.status == CheckoutStatus.ACTIVE and checkout.updated_at != checkout.created_at:
        title = f"Checkout {checkout.pk} last changed; {shown}"
        yield Source.CHECKOUT_CHANGED, checkout.updated_at, Kind.PRICE, title, ""


def _of_order(order: Order) -> Iterator[_Fact]:
    """Its sums may change until it is accepted: the shopper tries again with another basket."""
    sums = _sums_of(order)
    agreed = "" if order.accepted_at else today(sums)
    sent = " ".join(filter(None, (order.carrier, order.tracking_number)))
    yield Source.PLACED, order.created_at, Kind.SHOPPER, "Order placed", agreed
    taken = "" if order.takes_parts else f"{_TAKEN_OFF}."
    yield Source.ACCEPTED, order.accepted_at, Kind.PRICE, f"Order accepted as {order.number}: {sums}", taken
    if order.takes_parts:  # of others it says when they were sent
        yield Source.TAKEN_OFF, order.fulfilled_at, Kind.HOLD, _TAKEN_OFF, ""
    yield Source.SHIPPED, order.shipped_at, Kind.SHOPPER, "Sent to the shopper", today(sent)
    yield Source.CANCELED, order.canceled_at, Kind.HOLD, "Order canceled: what was held for it is free", ""


_TAKEN_OFF = "The goods were taken off the shelf"


def _sums_of(order: Order) -> str:
    sums = f"{money(order.total_amount, order.currency)}, of it shipping {money(order.shipping_amount, order.currency)}"
    off = f", off {money(order.discount_amount, order.currency)}" if order.discount_amount else ""
    return f"{sums}{off}{f' ({order.discount_code})' if order.discount_code else ''}"


def _of_payment(payment: Payment) -> Iterator[_Fact]:
    asked = money(payment.asked_amount, payment.currency)
    title = f"Payment #{payment.pk} of {asked} begun, by {payment.provider}"
    yield Source.PAYMENT, payment.created_at, Kind.SHOPPER, title, ""
