"""Orders as they were agreed. What can be done to one is an act of its own (dashboard.order_page)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from catalog.admin import CurrencyFilter
from common.admin import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    address_lines,
    link_to,
    money_column,
    off_column,
    status_column,
    tab,
)
from common.templatetags.shop import money
from orders.fulfilment import TO_BE_SENT, sending_of
from orders.models import Order, OrderLine
from orders.states import OrderStatus, Sending

STATUS_COLORS = {OrderStatus.PENDING: "warning", OrderStatus.ACCEPTED: "success", OrderStatus.CANCELED: "danger"}


SENDING_COLORS = {
    Sending.GOODS_MISSING.label: "danger",
    Sending.TO_BE_SENT.label: "warning",
    Sending.SENT.label: "success",
}


class SendingFilter(admin.SimpleListFilter):
    title = "sending"
    parameter_name = "sending"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(each.value, str(each.label).capitalize()) for each in (Sending.TO_BE_SENT, Sending.SENT)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        conditions: dict[str | None, Q] = {
            Sending.TO_BE_SENT: TO_BE_SENT,
            Sending.SENT: Q(shipped_at__isnull=False),
        }
        return queryset.filter(conditions.get(self.value(), Q()))


class OrderLineInline(ReadOnlyInline):
    """Each row adds up, and their totals with shipping and tax are the order's."""

    model = OrderLine
    fields = ("thing", "sku_of_it", "pieces", "off", "total")
    readonly_fields = fields
    verbose_name_plural = "lines"
    off = off_column("discount_amount", "Discount", currency="order__currency")
    total = money_column("total_amount", "Line total", currency="order__currency")

    @display(description="Product")
    def thing(self, line: OrderLine) -> str:
        return ", ".join(filter(None, (line.product_name, line.variant_name)))

    @display(description="SKU")
    def sku_of_it(self, line: OrderLine) -> str:
        return line.sku

    @display(description="Unit price × quantity")
    def pieces(self, line: OrderLine) -> str:
        currency = line.order.currency
        return f"{money(line.unit_amount, currency)} × {line.quantity} = {money(line.amount, currency)}"


class OrderAdmin(ReadOnlyAdmin):
    """The page of one order. Registered in dashboard.admin, with what was paid for it (payments.admin)."""

    list_display = ("number_or_id", "email", "total", "paid", "refunded", "status_label", "sending", "created_at")
    list_filter: tuple[Any, ...] = (
        "status",
        CurrencyFilter,
        SendingFilter,
        "created_at",
    )
    sortable_by = ("number_or_id",)
    inlines: tuple[type[ReadOnlyInline], ...] = (OrderLineInline,)
    fieldsets: tuple[Any, ...] = (
        (None, {"fields": ("number_or_id", ("status_label", "sending"), ("total", "paid"), ("refunded", "due"))}),
        tab("Sums", ("items", "discount"), ("shipping", "tax"), ("discount_code", "shipping_method_name")),
        tab("Who and where", ("full_name", "email"), ("phone", "user", "buyer"), ("ships_to", "bills_to")),
        tab("Shipping", "shipped_at", ("carrier", "tracking_number")),
        tab("When", ("created_at", "accepted_at"), ("fulfilled_at", "canceled_at"), "expires_at"),
        tab("Where from", ("source", "cart_link"), "public_id"),
    )
    readonly_fields: tuple[str, ...] = (
        *("number_or_id", "status_label", "total", "paid", "refunded", "due", "items", "discount", "shipping", "tax"),
        *("ships_to", "bills_to", "cart_link", "sending"),
    )
    status_label = status_column(STATUS_COLORS)
    total = money_column("total_amount", "Total")
    paid = money_column("captured_amount", "Paid")
    refunded = money_column("refunded_amount", "Refunded")
    due = money_column("owed_amount", "Still owed")
    items = money_column("items_amount", "Items")
    discount = off_column("discount_amount", "Discount")
    shipping = money_column("shipping_amount", "Shipping")
    tax = money_column("tax_amount", "Tax")

    @display(description="Order", ordering="id")
    def number_or_id(self, order: Order) -> str:
        return order.number or f"No number (id {order.pk})"

    @display(description="Sending", label=SENDING_COLORS)
    def sending(self, order: Order) -> str:
        found = sending_of(order)
        return str(found.label) if found else "-"

    @display(description="Ships to")
    def ships_to(self, order: Order) -> Any:
        return address_lines(order.shipping_address)

    @display(description="Bills to")
    def bills_to(self, order: Order) -> Any:
        return address_lines(order.billing_address)

    @display(description="Cart")
    def cart_link(self, order: Order) -> Any:
        return link_to(order.cart)
