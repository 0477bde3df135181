"""On with a cart that was left: in a fresh checkout on whatever device, with nothing but what is in the cart and how it
was to travel (where it was to go stays where it was typed), or in the old one, which staff opens again.

A shopper's own session whose time ran out goes on as it was, where they say so.

Either way the purchase that goes on takes the place of those that were begun elsewhere on the same cart."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.utils import timezone

from carts import services as carts
from carts.models import Cart
from carts.queries import basket
from carts.states import BOUGHT
from catalog.models import Discount
from checkouts.models import Checkout
from checkouts.queries import CheckoutView, latest_of_session, newest_of_session
from checkouts.services import expiry, is_usable, lock_by_id
from checkouts.states import LIVE, CheckoutStatus
from common import changes
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from orders.models import Order
from payments import one_purchase


@in_transaction
def begin_again(cart_id: int, *, discount: Discount | None = None) -> CheckoutView:
    """Its session is a new one: what was open on this cart elsewhere is over. The cart is active again.

    `discount`: takes the place of the code that was chosen before, unless that one takes more off. Raises DomainError:
    CART_NOT_FOUND, CART_CLOSED (bought), PAYMENT_IN_PROGRESS, CHECKOUT_COMPLETED, BUSY.
    """
    now = timezone.now()
    # Checkout before cart before order, as everywhere.
    checkouts = Checkout.objects.filter(cart=cart_id)
    live = checkouts.filter(status__in=LIVE).select_for_update(no_key=True).first()
    cart = _locked_cart(cart_id)
    if live is not None and live.status == CheckoutStatus.PAYING:
        raise DomainError(ErrorCode.PAYMENT_IN_PROGRESS)
    last = checkouts.select_related("shipping_method", "discount").order_by("-id").first()
    checkouts.filter(status=CheckoutStatus.ACTIVE).update(status=CheckoutStatus.EXPIRED, updated_at=now)
    checkout = Checkout.objects.create(
        session_key=uuid.uuid4(),
        cart=cart,
        shipping_method=last.shipping_method if last else None,
        discount=last.discount if last else None,
        created_at=now,
        updated_at=now,
        expires_at=expiry(now),
    )
    one_purchase.take_the_place(cart.pk, source=checkout.source)
    carts.touch(cart, now=now)
    return _shown(checkout, perhaps=discount)


@in_transaction
def reopen(checkout_id: int) -> None:
    """Staff gives an expired session its time again. Doing it twice is harmless.

    Raises DomainError: CHECKOUT_NOT_FOUND, CART_CLOSED (bought), CHECKOUT_COMPLETED and PAYMENT_IN_PROGRESS (by another
    order of its cart), ILLEGAL_MOVE (a paying or bought one, or its shopper or cart went on in another), BUSY.
    """
    now = timezone.now()
    checkout = lock_by_id(checkout_id)
    if not can_go_on(checkout):
        raise DomainError(
            ErrorCode.ILLEGAL_MOVE, what="checkout", current=checkout.status, target=CheckoutStatus.ACTIVE
        )
    cart = _locked_cart(checkout.cart_id)
    one_purchase.take_the_place(cart.pk, source=checkout.source)
    Checkout.objects.filter(pk=checkout_id).update(status=CheckoutStatus.ACTIVE, expires_at=expiry(now), updated_at=now)
    changes.note_checkout(checkout_id)


@in_transaction
def carry_on(session_key: uuid.UUID | None) -> CheckoutView:
    """The session's newest checkout, whose time ran out, goes on with everything that was in it; one that is still open
    (another tab was quicker) as it is.

    Raises DomainError: CHECKOUT_NOT_FOUND, and what `reopen` raises.
    """
    now = timezone.now()
    latest = newest_of_session(session_key) if session_key else None
    if latest is None:
        raise DomainError(ErrorCode.CHECKOUT_NOT_FOUND)
    if not is_usable(latest, now):
        reopen(latest.pk)
        carts.touch(_locked_cart(latest.cart_id), now=now)
    return _shown(latest)


def can_go_on(checkout: Checkout) -> bool:
    """Neither bought nor being paid, and neither its shopper nor its cart went on in another."""
    return _is_idle(checkout) and not _went_on(checkout)


def _is_idle(checkout: Checkout) -> bool:
    """A paying one is its gateway's, a bought one is over."""
    is_bought = Order.objects.filter(checkout=checkout, accepted_at__isnull=False).exists()
    return checkout.status in {CheckoutStatus.ACTIVE, CheckoutStatus.EXPIRED} and not is_bought


def _went_on(checkout: Checkout) -> bool:
    newer_of_session = Q(session_key=checkout.session_key, pk__gt=checkout.pk)
    others = Checkout.objects.filter(newer_of_session | Q(cart=checkout.cart_id, status__in=LIVE))
    return others.exclude(pk=checkout.pk).exists()


def _locked_cart(cart_id: int) -> Cart:
    cart = Cart.objects.select_for_update(no_key=True).filter(pk=cart_id).first()
    if cart is None:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    if cart.status in BOUGHT:
        raise DomainError(ErrorCode.CART_CLOSED, status=cart.status)
    return cart


def _shown(checkout: Checkout, *, perhaps: Discount | None = None) -> CheckoutView:
    """With its terms, and the total that completion will hold it to; with the code `perhaps` where that costs less."""
    view = _view_of(checkout)
    if perhaps is not None and perhaps != view.checkout.discount:
        kept, before = view.checkout.discount, view.totals.total_amount
        with_other = _with_code(checkout, perhaps)
        view = with_other if with_other.totals.total_amount < before else _with_code(checkout, kept)
    known = view.checkout
    known.shown_total_amount = view.totals.total_amount
    known.save(update_fields=["shown_total_amount", "shipping_method"])
    return view


def _with_code(checkout: Checkout, discount: Discount | None) -> CheckoutView:
    Checkout.objects.filter(pk=checkout.pk).update(discount=discount)
    return _view_of(checkout)


def _view_of(checkout: Checkout) -> CheckoutView:
    known = latest_of_session(checkout.session_key).get(pk=checkout.pk)
    if known.shipping_method_id and getattr(known, "rate_amount", None) is None:
        known.shipping_method = None  # no longer on offer in this currency
    return CheckoutView(known, basket(known.cart_id, known.cart.currency))
