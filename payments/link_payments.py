"""What a payment link shows, and the payment that its button begins.

Looking changes nothing. Pressing: a session that somebody left is voided, the cart becomes its order, and the order's
next payment is made on the gateway's own page. An order has one open payment at a time, so many clicks are one charge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from carts import refusals
from carts.models import Cart
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders.models import Order
from orders.states import OrderStatus
from payments import links, one_purchase, owed, services
from payments.gateways import registry
from payments.link_orders import DraftOf, goods_of, is_open, must_be_open, place
from payments.models import Payment, PaymentLink
from payments.owed import Owed
from payments.states import IN_DOUBT, LinkState, PaymentStatus

_IN_DOUBT = Q(payments__status__in=(*IN_DOUBT, PaymentStatus.REVIEW), payments__is_reported=False)


@dataclass(frozen=True)
class LinkView:
    """How a link stands at this moment. `owed` only while it is open; `order` is where it leads when it is not."""

    link: PaymentLink
    state: LinkState
    owed: Owed | None = None
    order: Order | None = None
    last_payment: Payment | None = None


def look(token: str, *, draft_of: DraftOf = goods_of) -> LinkView | None:
    """None for a token that no link has. A constant number of queries; nothing changes."""
    link = links.find(token)
    return None if link is None else _view(link, draft_of, timezone.now())


def _view(link: PaymentLink, draft_of: DraftOf, now: datetime) -> LinkView:
    asked = orders_of(link)
    bought = asked.filter(status=OrderStatus.ACCEPTED).order_by("-id").first()
    if bought is not None:
        return LinkView(link, LinkState.PAID, order=bought)
    doubtful = asked.filter(_IN_DOUBT, status=OrderStatus.PENDING).order_by("-id").first()
    if doubtful is not None:
        return LinkView(link, LinkState.ASKING, order=doubtful)
    state = links.state_of(link, now=now)
    if state != LinkState.OPEN:
        return LinkView(link, state)
    cart_id = links.cart_id_of(link)
    return _of_order(link, now) if cart_id is None else _of_cart(link, cart_id, draft_of)


def orders_of(link: PaymentLink) -> QuerySet[Order]:
    """The order it is for, or all that its cart has become."""
    cart_id = links.cart_id_of(link)
    return Order.objects.filter(links=link.pk) if cart_id is None else Order.objects.filter(cart_id=cart_id)


def _of_cart(link: PaymentLink, cart_id: int, draft_of: DraftOf) -> LinkView:
    cart = Cart.objects.filter(pk=cart_id).first()
    if cart is None or not is_open(cart):
        return LinkView(link, LinkState.CLOSED)
    if links.part_order_of(cart.pk) is not None:
        return LinkView(link, LinkState.CHANGED)
    try:
        asked = owed.of_draft(draft_of(cart))
    except DomainError:  # one of its things is no longer for sale
        return LinkView(link, LinkState.CHANGED)
    return _if_unchanged(link, asked)


def _of_order(link: PaymentLink, now: datetime) -> LinkView:
    order = link.order
    if order is None or order.status != OrderStatus.PENDING or order.is_over(now):
        return LinkView(link, LinkState.CLOSED)
    return _if_unchanged(link, owed.of_order(order))


def _if_unchanged(link: PaymentLink, asked: Owed) -> LinkView:
    if asked.version != link.owner_version:
        return LinkView(link, LinkState.CHANGED)
    last = Payment.objects.filter(order_id=link.order_id).first() if link.order_id else None
    return LinkView(link, LinkState.OPEN, owed=asked, last_payment=last)


# --- paying ---------------------------------------------------------------------------------------
def pay(
    link: PaymentLink,
    *,
    provider: str,
    instrument: str = services.HOSTED,
    draft_of: DraftOf = goods_of,
    client_address: str = "",
) -> Payment:
    """A fresh session on the gateway's own page for what the link asks, or a charge at once where there is an
    instrument. A no is no error: it is the payment's status.

    Raises DomainError: PAYMENT_PROVIDER_UNKNOWN, LINK_DEAD, CART_CLOSED, CHECKOUT_COMPLETED (bought already),
    ORDER_NOT_PAYABLE, PAYMENT_IN_PROGRESS, SOLD_OUT, DISCOUNT_GONE, VARIANT_NOT_FOR_SALE, TOO_MANY_DECLINES, BUSY.
    """
    registry.gateway_name_for(provider)
    one_purchase.void_waiting(orders_of(link).filter(status=OrderStatus.PENDING))
    order_id = _order_to_pay(link.pk, draft_of)
    return services.pay_order(order_id, provider=provider, instrument=instrument, client_address=client_address)


def _cart_of_link(link_id: int) -> int | None:
    return links.cart_id_of(PaymentLink.objects.get(pk=link_id))


@in_transaction
@refusals.noted_on(_cart_of_link)
def _order_to_pay(link_id: int, draft_of: DraftOf) -> int:
    """The owner's row is locked first, then the link's: neither a newer link nor a change slips in between."""
    owner = PaymentLink.objects.get(pk=link_id)
    cart = links.locked_cart(links.cart_id_of(owner))
    order = links.locked_order(owner.order_id) if cart is None else None
    link = PaymentLink.objects.select_for_update(no_key=True).get(pk=link_id)
    if link.ended_at is not None or link.expires_at <= timezone.now():
        raise DomainError(ErrorCode.LINK_DEAD)
    if cart is not None:
        return _order_of_cart(link, cart, draft_of)
    if order is None or links.cart_id_of(link) or owed.of_order(order).version != link.owner_version:
        raise DomainError(ErrorCode.LINK_DEAD)
    return order.pk


def _order_of_cart(link: PaymentLink, cart: Cart, draft_of: DraftOf) -> int:
    must_be_open(cart)
    draft = draft_of(cart)
    if owed.of_draft(draft).version != link.owner_version:
        raise DomainError(ErrorCode.LINK_DEAD)
    order = place(cart, draft)
    PaymentLink.objects.filter(pk=link.pk).update(order=order)
    return order.pk
