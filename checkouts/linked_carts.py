"""What a cart's payment link asks for, with all that a checkout knows of it: where, how and with which code."""

from __future__ import annotations

from carts.models import Cart, Door
from carts.queries import basket
from catalog.models import DiscountRedemption
from checkouts import completion
from checkouts.models import Checkout
from checkouts.queries import CheckoutView, with_terms
from orders.services import Draft
from payments.link_orders import from_cart, goods_of, must_be_for_sale


def draft_of(cart: Cart) -> Draft:
    """The cart as an order at the prices of this moment; a cart that has had no checkout is its things alone.

    The newest checkout counts, also when its time is over: the shopper has said so once. Raises
    DomainError(VARIANT_NOT_FOR_SALE).
    """
    checkout = None if cart.door == Door.TRACKER else _newest_checkout(cart)
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
    if method is None or not method.is_active or checkout.rate_amount is None:  # type: ignore[attr-defined]
        checkout.shipping_method = None  # no longer on offer: nothing is asked for it
    if checkout.discount_id is not None:
        # The last use of a code may be the one that the link's own order took.
        own = DiscountRedemption.objects.filter(discount=checkout.discount_id, holder__startswith=f"cart:{cart.pk}:v")
        checkout.has_redeemed = checkout.has_redeemed or own.exists()  # type: ignore[attr-defined]
    return checkout
