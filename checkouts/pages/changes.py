"""What is not as the shopper saw it last: told before anybody pays."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from checkouts.pages.sentences import not_there
from checkouts.queries import CheckoutView
from common.templatetags.shop import country, money

_DEARER = _("Prices have changed since you last looked: your order costs %(difference)s more now.")
_CHEAPER = _("Prices have changed since you last looked: your order costs %(difference)s less now.")
_FARTHER = _("Shipping to this country costs %(difference)s more: %(country)s.")
_NEARER = _("Shipping to this country costs %(difference)s less: %(country)s.")


def tell(request: HttpRequest, view: CheckoutView) -> None:
    """On the page that this request leads to: once, but for a chosen method that does not go there (any more)."""
    tell_moved(request, view)
    chosen = view.checkout.shipping_method
    if chosen is not None and view.method is None and view.country:
        messages.warning(request, not_there(chosen.name, view.country))


def tell_shipping(request: HttpRequest, moved_amount: int, view: CheckoutView) -> None:
    """The goods go elsewhere now, and that costs another sum."""
    if moved_amount:
        words = _FARTHER if moved_amount > 0 else _NEARER
        difference = money(abs(moved_amount), view.currency)
        messages.warning(request, words % {"country": country(view.country), "difference": difference})


def tell_moved(request: HttpRequest, view: CheckoutView) -> None:
    if view.moved_amount:
        difference = money(abs(view.moved_amount), view.currency)
        words = _DEARER if view.moved_amount > 0 else _CHEAPER
        messages.warning(request, words % {"difference": difference})
