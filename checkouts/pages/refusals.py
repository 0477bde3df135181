"""What a page says when the domain says no, and where it leads."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from checkouts.models import Checkout
from checkouts.pages.sentences import words
from checkouts.pages.shop import keep_private, page
from checkouts.states import CheckoutStatus
from common.errors import DomainError, ErrorCode
from common.transactions import is_busy
from dialects.base import BUSY_RETRY_SECONDS
from dialects.guest import GUEST, session_from
from orders.links import token_of
from orders.models import Order

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

# Nothing is wrong with what was asked: the same may be sent again in a while.
LATER = (ErrorCode.BUSY, ErrorCode.TOO_MANY_DECLINES)
# The session's checkout went on (another tab, a second click, time): the shopper is led to where it is now.
WENT_ON = (ErrorCode.CHECKOUT_NOT_FOUND, ErrorCode.CHECKOUT_COMPLETED, ErrorCode.PAYMENT_IN_PROGRESS)


def where_it_went(
    request: HttpRequest, checkout_id: int | None = None, *, order_is_being_paid: bool = False
) -> HttpResponse:
    """To the order that the session's newest checkout (or the named one of this session) came to, if it did;
    else to the page that says how things stand. `order_is_being_paid`: from the order's own page, in another tab."""
    checkout = _checkout(session_from(request), checkout_id)
    if checkout is not None and checkout.status == CheckoutStatus.PAYING:
        return redirect("checkout")
    has_come_to_it = checkout is not None and (checkout.status == CheckoutStatus.COMPLETED or order_is_being_paid)
    if checkout is not None and has_come_to_it and checkout.order:
        return redirect("order", token_of(checkout.order))
    return redirect("cart")


def _checkout(session_key: UUID | None, checkout_id: int | None) -> Checkout | None:
    if session_key is None:
        return None
    checkouts = Checkout.objects.filter(session_key=session_key).select_related("order").order_by("-id")
    return (checkouts.filter(pk=checkout_id) if checkout_id else checkouts).first()


def busy(request: HttpRequest) -> HttpResponse:
    response = page(request, "checkouts/busy.html", {"cart_pieces": 0}, status=GUEST.error_status[ErrorCode.BUSY])
    response["Retry-After"] = str(BUSY_RETRY_SECONDS)
    return keep_private(response)


def shopper_page(view: View) -> View:
    """No refusal of the domain leaves a page as an error: what the view does not answer itself is answered here."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            if error.code is ErrorCode.BUSY:
                return busy(request)
            if error.code in WENT_ON and "order" in error.values:  # another way of paying the same cart
                return redirect("order", token_of(Order.objects.get(pk__in=[error.values["order"]])))
            if error.code in WENT_ON:
                return where_it_went(request, order_is_being_paid=error.code is ErrorCode.PAYMENT_IN_PROGRESS)
            messages.error(request, words(error))
            return redirect("cart")
        except OperationalError as error:
            if not is_busy(error):
                raise
            return busy(request)

    return answer
