"""A cart's page with the act that makes it a payment link: what it asks for is known up here, where checkouts are."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.decorators import action

from carts.admin import CartAdmin
from checkouts.linked_carts import draft_of
from payments import links
from payments.link_admin import MakesLinks, dialog


class CartWithLinksAdmin(MakesLinks, CartAdmin):
    actions_detail = ("create_payment_link",)

    @action(
        description="Create payment link",
        permissions=["act"],
        url_path="payment-link",
        dialog=dialog(
            "Create payment link",
            "An address under which this cart can be paid once. It asks for the things at their prices of now, with "
            "the shipping and the code that were chosen. Where no shipping was chosen, none is asked for.",
        ),
    )
    def create_payment_link(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        make = partial(links.for_cart, draft_of=draft_of)
        return self.make_link(request, object_id, lambda cart_id, who: make(cart_id, created_by=who))
