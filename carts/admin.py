"""Carts as they are: to be looked at, never edited by hand."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from carts.models import Cart, CartItem, CartLine, Door
from carts.states import CartStatus
from catalog.admin import CurrencyFilter
from common.admin import ReadOnlyAdmin, ReadOnlyInline, money_column, status_column
from common.templatetags.shop import money

STATUS_COLORS = {
    CartStatus.ACTIVE: "info",
    CartStatus.ABANDONED: "warning",
    CartStatus.RECOVERED: "success",
    CartStatus.CONVERTED: "success",
    CartStatus.EXPIRED: "danger",
}


class CartLineInline(ReadOnlyInline):
    model = CartLine
    fields = ("product", "variant_name", "sku", "quantity", "price_now", "updated_at")
    readonly_fields = fields
    verbose_name_plural = "lines"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CartLine]:
        return super().get_queryset(request).select_related("variant__product").prefetch_related("variant__prices")

    @display(description="Product")
    def product(self, line: CartLine) -> str:
        return line.variant.product.name

    @display(description="Variant")
    def variant_name(self, line: CartLine) -> str:
        return line.variant.name

    @display(description="SKU")
    def sku(self, line: CartLine) -> str:
        return line.variant.sku

    @display(description="Price now")
    def price_now(self, line: CartLine) -> str:
        own = [price for price in line.variant.prices.all() if price.currency == line.cart.currency]
        return money(own[0].amount, own[0].currency) if own else "not for sale"


class CartItemInline(ReadOnlyInline):
    """What another store told us is in its cart."""

    model = CartItem
    fields = ("name", "quantity", "price")
    readonly_fields = fields
    verbose_name_plural = "items of another store"
    price = money_column("unit_amount", "Price", currency="cart__currency")


class CartAdmin(ReadOnlyAdmin):
    """The page of one cart. Registered in dashboard.admin, with its acts and its timeline."""

    list_display: tuple[str, ...] = (
        *("id", "status_label", "who", "pieces", "door"),
        *("last_activity_at", "created_at"),
    )
    list_filter: tuple[Any, ...] = ("status", "door", CurrencyFilter, "created_at")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *(("id", "status_label"), ("email", "full_name"), ("phone", "currency")),
                    *(("door", "abandoned_value"), "public_id"),
                )
            },
        ),
        (
            "When",
            {"fields": (("created_at", "last_activity_at"), ("first_abandoned_at", "bought_at"))},
        ),
    )
    readonly_fields = ("id", "status_label", "abandoned_value")
    status_label = status_column(STATUS_COLORS)

    @display(description="Who")
    def who(self, cart: Cart) -> SafeString | str:
        """One column: with two the list reaches over the edge of a small desk."""
        return (
            format_html_join(SafeString("<br>"), "{}", ((each,) for each in (cart.email, cart.full_name) if each))
            or "-"
        )

    @display(description="Worth when first abandoned")
    def abandoned_value(self, cart: Cart) -> str:
        return money(cart.abandoned_amount, cart.currency) if cart.first_abandoned_at else "-"

    def get_inlines(self, request: HttpRequest, obj: Cart | None = None) -> list[type[ReadOnlyInline]]:  # noqa: ARG002
        return [CartItemInline if obj and obj.door == Door.TRACKER else CartLineInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        pieces = [
            Subquery(rows.filter(cart=OuterRef("pk")).order_by().values("cart").annotate(n=Sum("quantity")).values("n"))
            for rows in (CartLine.objects.all(), CartItem.objects.all())
        ]
        return super().get_queryset(request).annotate(_pieces=Coalesce(*pieces, 0))

    @display(description="Pieces")
    def pieces(self, cart: Any) -> int:
        count: int = cart._pieces
        return count
