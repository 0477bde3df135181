"""What agents bought, and what became of what they asked for. Nobody edits any of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from unfold.decorators import display

from common.admin import ReadOnlyAdmin, ReadOnlyInline, link_to, status_column, tab
from common.templatetags.shop import money
from orders.models import Order
from prepaid.models import Account, Entry
from purchases.account_admin import AccountAdmin, EntryAdmin
from purchases.models import Purchase, PurchaseEvent
from purchases.states import PurchaseStatus

STATUS_COLORS = {
    PurchaseStatus.PROCESSING: "info",
    PurchaseStatus.COMPLETED: "success",
    PurchaseStatus.FAILED: "danger",
}
_SHOWN = 60

admin.site.register(Account, AccountAdmin)
admin.site.register(Entry, EntryAdmin)


class PurchaseEventInline(ReadOnlyInline):
    model = PurchaseEvent
    fields = ("at", "step", "note")
    readonly_fields = fields
    verbose_name_plural = "timeline"


@admin.register(Purchase)
class PurchaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "status_label", "client", "what", "charged", "order_reference", "created_at", "ended_at")
    list_select_related = ("key",)
    list_filter = ("status", "step", "created_at")
    uuid_fields = ("public_id",)
    exact_fields = ("order_reference",)
    search_help_text = "Checkout id, order number or id"
    inlines = (PurchaseEventInline,)
    fieldsets = (
        (None, {"fields": (("status_label", "client"), ("charged", "order_link"), "url", "notes")}),
        tab("How far", ("step", "quoted"), ("created_at", "deadline_at"), "ended_at"),
        tab("For its agent", "public_id"),
    )
    readonly_fields = ("status_label", "client", "what", "charged", "quoted", "order_link")
    status_label = status_column(STATUS_COLORS)

    @display(description="Client")
    def client(self, purchase: Purchase) -> Any:
        return purchase.key.name

    @display(description="What")
    def what(self, purchase: Purchase) -> str:
        url = purchase.url.partition("://")[2]
        return url if len(url) <= _SHOWN else f"{url[:_SHOWN]}..."

    @display(description="Charged")
    def charged(self, purchase: Purchase) -> str:
        return "-" if purchase.amount is None else money(purchase.amount, purchase.currency)

    @display(description="Quoted")
    def quoted(self, purchase: Purchase) -> str:
        return "-" if purchase.quoted_amount is None else money(purchase.quoted_amount, purchase.currency)

    @display(description="Order")
    def order_link(self, purchase: Purchase) -> Any:
        """Ours; another shop's is told by its number."""
        ours = Order.objects.filter(number=purchase.order_reference).first() if purchase.order_reference else None
        return link_to(ours) if ours else purchase.order_reference or "-"
