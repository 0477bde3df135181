"""What a cart's payment link asks for, with all that a checkout knows of it: where, how and with which code."""

from __future__ import annotations

from dataclasses import replace

from carts.models import Cart, Door
from carts.queries import basket
from catalog.models import DiscountRedemption
from checkouts import completion
from checkouts.models import Checkout
from checkouts.queries import CheckoutView, with_terms
from orders.models import Order
from orders.parts import demand_of
from orders.services import Draft
from payments.link_orders import from_cart, goods_of, must_be_for_sale


def draft_of(cart: Cart) -> Draft:
    """The cart as an order at the prices of this moment; a cart that has had no checkout is its things alone.

    The newest checkout counts, also when its time is over: the shopper has said so once. Raises
    DomainError(VARIANT_NOT_FOR_SALE).
    """
    if cart.door == Door.INTENT:
        return _intended(cart)
    checkout = _newest_checkout(cart) if cart.door in {Door.SHOP, Door.AGENT, Door.STAFF} else None
    if checkout is None:
        return goods_of(cart)
    view = CheckoutView(checkout, basket(cart.pk, cart.currency))
    must_be_for_sale(view.lines)
    return from_cart(cart, completion.draft_of(view))


def _newest_checkout(cart: Cart) -> Checkout | None:
    checkout = with_terms(Checkout.objects.filter(cart=cart)).order_by("-id").first()
    if checkout is None:
        return None
    checkout.cart = cart
    method = checkout.shipping_method
    if method is not None and not method.is_active:
        checkout.shipping_method = None  # no longer on offer: nothing is asked for it
    if checkout.discount_id is not None:
        # The last use of a code may be the one that the link's own order took.
        own = DiscountRedemption.objects.filter(discount=checkout.discount_id, holder__startswith=f"cart:{cart.pk}:v")
        checkout.has_redeemed = checkout.has_redeemed or own.exists()  # type: ignore[attr-defined]
    return checkout


def _intended(cart: Cart) -> Draft:
    """With what its buyer wrote about each line, and theirs: their first order knows it, the cart does not."""
    draft = goods_of(cart)
    order = Order.objects.filter(cart=cart, source__startswith="intent:").order_by("id").first()
    if order is None:
        return draft
    priced = {line.variant_id: line for line in draft.lines}
    said = [line for line in order.lines.all() if line.variant_id in priced]
    lines = tuple(
        replace(priced[line.variant_id], quantity=line.quantity, customization=line.customization) for line in said
    )
    is_whole = demand_of(order) == {line.variant_id: line.quantity for line in draft.lines}
    return from_cart(cart, replace(draft, buyer=order.buyer, lines=lines if is_whole else draft.lines))
