"""A discount code's page with what the code brought, by currency: each figure opens the orders it counts."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from analytics import rows
from catalog.admin import DiscountAdmin
from catalog.models import Discount
from common.admin import CappedCount, asked_once, counted, link_to_list, table
from common.templatetags.shop import money
from orders.models import Order
from payments.net import net_by_currency

_WHAT_IT_MEANS = (
    "Orders accepted with this code, whatever became of them since. Paid is what was paid for them and stays: a refund "
    "makes it less. The uses below count orders that still wait for their money, too."
)


class DiscountPage(DiscountAdmin):
    readonly_fields = (*DiscountAdmin.readonly_fields, "brought")

    def get_fieldsets(self, request: HttpRequest, obj: Discount | None = None) -> Any:
        first, *rest = super().get_fieldsets(request, obj)
        if obj is None or not request.user.has_perm("orders.view_order"):
            return [first, *rest]
        return [first, ("What it brought", {"fields": ("brought",), "description": _WHAT_IT_MEANS}), *rest]

    @display(description="So far")
    @asked_once
    def brought(self, discount: Discount) -> SafeString | str:
        """A page has to stay quick: beyond COUNT_CAP orders nothing is added up."""
        orders = Order.objects.filter(discount_code=discount.code, accepted_at__isnull=False).order_by()
        count = counted(orders)
        if not count:
            return "No order yet."
        if isinstance(count, CappedCount):
            return link_to_list(f"{count} orders", rows.orders_with_code(discount.code))
        paid = net_by_currency(orders)
        found = orders.values_list("currency").annotate(n=Count("pk"), off=Sum("discount_amount")).order_by("currency")
        return table(
            ("Orders", "Paid", "Taken off"),
            (
                [
                    link_to_list(said, rows.orders_with_code(discount.code, currency=currency))
                    for said in (f"{n:,}", money(paid.get(currency, 0), currency), money(off, currency))
                ]
                for currency, n, off in found
            ),
        )
