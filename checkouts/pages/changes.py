"""What is not as the shopper saw it last: told before anybody pays."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from checkouts.queries import CheckoutView
from common.templatetags.shop import money


def tell(request: HttpRequest, view: CheckoutView) -> None:
    """Once, on the page that this request leads to."""
    if view.moved_amount:
        way = "more" if view.moved_amount > 0 else "less"
        difference = money(abs(view.moved_amount), view.currency)
        words = f"Prices have changed since you last looked: your order costs {difference} {way} now."
        messages.warning(request, words)
