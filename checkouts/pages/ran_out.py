"""A session whose time ran out: said plainly, and everything that was in it is one press away."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from carts.queries import basket
from checkouts import again
from checkouts.models import Checkout
from checkouts.pages.basket_form import BasketForm, Row
from checkouts.pages.refusals import WENT_ON
from checkouts.pages.shop import personal_page, remember
from checkouts.queries import CheckoutView, newest_of_session
from checkouts.states import CheckoutStatus
from common.errors import DomainError, ErrorCode
from dialects.guest import session_from

CARRY_ON = "carry_on"
BACK = _("Everything is back in your cart. Prices and stock are those of this moment.")
TYPED_IS_KEPT = _(
    "Your session had ended meanwhile. Nothing was charged, and everything you typed is here: "
    "have a look at prices and stock, then place the order."
)
# It cannot go on: it did so somewhere else, was bought, or is gone.
_OVER = (*WENT_ON, ErrorCode.ILLEGAL_MOVE, ErrorCode.CART_CLOSED, ErrorCode.CART_NOT_FOUND)
ELSEWHERE = _("That cart went on somewhere else: it was bought, or opened on another device.")


def empty_cart(request: HttpRequest) -> HttpResponse:
    """No cart; where there was one, what became of it, and what was in it."""
    latest = _newest(request)
    can_go_on = latest is not None and again.can_go_on(latest)
    context = {
        "has_expired": latest is not None and latest.status in {CheckoutStatus.ACTIVE, CheckoutStatus.EXPIRED},
        "rows": _rows(latest) if latest is not None and can_go_on else [],
        "currency": latest.cart.currency if latest else "",
        "seconds": settings.CHECKOUT_EXPIRES_AFTER_SECONDS,
    }
    return personal_page(request, "checkouts/cart_empty.html", context | {"cart_pieces": 0})


def _newest(request: HttpRequest) -> Checkout | None:
    """The session's newest checkout; the caller has seen that it is not usable."""
    session_key = session_from(request)
    return newest_of_session(session_key) if session_key else None


def _rows(checkout: Checkout) -> list[Row]:
    return BasketForm(CheckoutView(checkout, basket(checkout.cart_id, checkout.cart.currency))).rows


def carry_on(request: HttpRequest) -> HttpResponse:
    """The button on the cart's page."""
    try:
        view = again.carry_on(session_from(request))
    except DomainError as error:
        if error.code not in _OVER:
            raise
        messages.warning(request, ELSEWHERE)
        return redirect("cart")
    messages.success(request, BACK)
    return remember(redirect("cart"), view)


def carried_on(request: HttpRequest, checkout_id: int | None) -> CheckoutView | None:
    """For a page that was filled in until the session's time was over: the same checkout, going on. None where it is
    not that page's, has nothing in it, or cannot go on."""
    latest = _newest(request)
    if latest is None or latest.pk != checkout_id:
        return None
    try:
        view = again.carry_on(session_from(request))
    except DomainError as error:
        if error.code not in _OVER:
            raise
        return None
    return view if view.lines else None
