"""What is not as the shopper saw it last: told before anybody pays."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from checkouts.queries import CheckoutView
from common.templatetags.shop import money

_DEARER = _("Prices have changed since you last looked: your order costs %(difference)s more now.")
_CHEAPER = _("Prices have changed since you last looked: your order costs %(difference)s less now.")


def tell(request: HttpRequest, view: CheckoutView) -> None:
    """Once, on the page that this request leads to."""
    if view.moved_amount:
        difference = money(abs(view.moved_amount), view.currency)
        words = _DEARER if view.moved_amount > 0 else _CHEAPER
        messages.warning(request, words % {"difference": difference})
