"""A fresh checkout on a cart that was left: on whatever device, with nothing but what is in the cart and how it was to
travel. Where it was to go stays where it was typed."""

from __future__ import annotations

import uuid

from django.utils import timezone

from carts import services as carts
from carts.models import Cart
from carts.queries import basket
from carts.states import BOUGHT
from catalog.models import Discount
from checkouts.models import Checkout
from checkouts.queries import CheckoutView, latest_of_session
from checkouts.services import expiry
from checkouts.states import LIVE, CheckoutStatus
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from payments import one_purchase


@in_transaction
def begin_again(cart_id: int, *, discount: Discount | None = None) -> CheckoutView:
    """Its session is a new one: what was open on this cart elsewhere is over. The cart is active again.

    `discount`: takes the place of the code that was chosen before; it counts as far as it may be used. Raises
    DomainError: CART_NOT_FOUND, CART_CLOSED (bought), PAYMENT_IN_PROGRESS, CHECKOUT_COMPLETED, BUSY.
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
        discount=discount or (last.discount if last else None),
        created_at=now,
        updated_at=now,
        expires_at=expiry(now),
    )
    one_purchase.take_the_place(cart.pk, source=checkout.source)
    carts.touch(cart, now=now)
    return _shown(checkout)


def _locked_cart(cart_id: int) -> Cart:
    cart = Cart.objects.select_for_update(no_key=True).filter(pk=cart_id).first()
    if cart is None:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    if cart.status in BOUGHT:
        raise DomainError(ErrorCode.CART_CLOSED, status=cart.status)
    return cart


def _shown(checkout: Checkout) -> CheckoutView:
    """With its terms, and the total that completion will hold it to."""
    known = latest_of_session(checkout.session_key).get(pk=checkout.pk)
    if known.shipping_method_id and getattr(known, "rate_amount", None) is None:
        known.shipping_method = None  # no longer on offer in this currency
    view = CheckoutView(known, basket(known.cart_id, known.cart.currency))
    known.shown_total_amount = view.totals.total_amount
    known.save(update_fields=["shown_total_amount", "shipping_method"])
    return view
