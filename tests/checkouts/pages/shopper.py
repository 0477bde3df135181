"""Somebody who shops with a browser: posts forms with all their fields and follows redirects by hand."""

from __future__ import annotations

import re

from django.test import Client

from checkouts.models import Checkout
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID, STANDARD_ID

SHIRT = "/products/organic-cotton-t-shirt"


class Shopper:
    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str):
        return self.client.get(path)

    def add(self, *, variant: int = MEDIUM_BLUE_ID, quantity: int = 1, path: str = SHIRT):
        return self.client.post(path, {"variant": variant, "quantity": quantity})

    @property
    def checkout(self) -> Checkout:
        return Checkout.objects.order_by("-id").select_related("cart", "order").first()

    def form(self, **changes: object) -> dict[str, str]:
        """The checkout page's form as it stands now, filled in; None takes a field away."""
        html = self.get("/checkout/").content.decode()
        hidden = dict(re.findall(r'<input type="hidden" name="((?:total-\d+|checkout))" value="([^"]*)"', html))
        quantities = dict(re.findall(r'name="(quantity-\d+)"[^>]*? value="([^"]*)"', html))
        filled = {f"shipping-{name}": value for name, value in ADDRESS.items()} | CUSTOMER
        rest = {"shipping_method": STANDARD_ID, "provider": "stripe", "test_card": "tok_visa", "code": ""}
        rest |= {"billing_same": 1}
        fields = hidden | quantities | filled | rest | changes
        return {name: str(value) for name, value in fields.items() if value is not None}

    def press(self, action: str, form: dict[str, str] | None = None, **changes: object):
        return self.client.post("/checkout/", (form or self.form(**changes)) | {"action": action})

    def buy(self, **changes: object):
        """Presses "Place order" on a filled-in page."""
        return self.press("place", **changes)

    def shown(self, response) -> str:
        """The text of the page a redirect leads to, or of this one."""
        while response.status_code in {301, 302}:
            response = self.client.get(response["Location"])
        return text_of(response)


def text_of(response) -> str:
    html = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
