"""The shop's pages in the made-up language: whoever looks at one sees to it that no word of it is English only."""

from __future__ import annotations

from django.conf import settings as shops
from django.template.loader import render_to_string
from django.utils import timezone

from catalog.models import Product, Variant
from checkouts.models import ShippingMethod
from orders.models import Order
from tests.checkouts.pages.shopper import Shopper
from tests.factories import ADDRESS, CUSTOMER
from tests.languages import pseudo

NAMES = {
    "PayPal",
    "MobilePay",
    "Stripe",
    "UTC",
    "OZY123",
    "UPS",
    "SUMMER25",
    "NOPE",
    "name@example.com",
    "United States",
}


class Pages:
    def __init__(self, shopper: Shopper) -> None:
        self.shopper = shopper

    def data(self) -> set[str]:
        """What the merchant or the shopper wrote."""
        found = {*NAMES, shops.SHOP_NAME, *ADDRESS.values(), *CUSTOMER.values()}
        for rows, fields in (
            (Product, ("name", "description")),
            (Variant, ("name",)),
            (ShippingMethod, ("name", "description")),
            (Order, ("number", "carrier", "tracking_number")),
        ):
            for values in rows.objects.values_list(*fields):
                found |= {line for value in values if value for line in str(value).splitlines()}
        moments = [timezone.now(), *Order.objects.values_list("shipped_at", flat=True)]
        return found | {f"{one:%B}" for one in moments if one} | {value for value in found if value}

    def see(self, response):
        """The page, or the one that it leads to. No word of it is English only."""
        while response.status_code in {301, 302}:
            response = self.shopper.client.get(response["Location"])
        html = response.content.decode()
        assert f'lang="{pseudo.CODE}"' in html
        assert pseudo.plain_words_of_page(html, self.data()) == []
        return response

    def show(self, template: str, **context: object) -> None:
        html = render_to_string(template, context)
        assert (context, pseudo.plain_words_of_page(html, self.data())) == (context, [])
