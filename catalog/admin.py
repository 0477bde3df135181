"""Products with their variants, prices and stock on one page; discount codes with their terms and uses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import display

from catalog import low_stock
from catalog.admin_forms import (
    DiscountForm,
    DiscountTermsForm,
    PriceForm,
    TermsFormSet,
    VariantForm,
    VariantFormSet,
    as_percent,
    has_shelf,
    price_field,
    variant_row_form,
)
from catalog.models import Discount, DiscountTerms, Price, Product, Reservation, StockAdjustment, Variant
from catalog.states import ReservationStatus
from common import moments
from common.admin import BoundedListMixin, EditedInline, ReadOnlyAdmin, asked_once, link_to, table
from common.money import signed
from common.templatetags.shop import money

_NEWEST = 20


def currencies_of(request: HttpRequest) -> tuple[str, ...]:
    """The shop's currency and every one that has a price; asked once a request."""
    found: tuple[str, ...] | None = getattr(request, "_currencies", None)
    if found is None:
        priced = Price.objects.order_by().values_list("currency", flat=True).distinct()
        found = tuple(sorted({settings.SHOP_CURRENCY, *priced}))
        request._currencies = found  # type: ignore[attr-defined]
    return found


class CurrencyFilter(admin.SimpleListFilter):
    """Offers the catalog's currencies: asking a long table which ones it holds would read all of it."""

    title = "currency"
    parameter_name = "currency"
    currency_path = "currency"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(code, code) for code in currencies_of(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(**{self.currency_path: self.value()}) if self.value() else queryset


# --- what a variant's row shows -------------------------------------------------------------------
class VariantColumns:
    """Columns of a variant, in the product's page and in the list of variants; a dash where there is none yet."""

    @display(description="On hand")
    def on_hand(self, variant: Variant) -> int | str:
        return variant.stock.on_hand if has_shelf(variant) else "-"

    @display(description="Reserved")
    def reserved(self, variant: Variant) -> int | str:
        return variant.stock.reserved if has_shelf(variant) else "-"

    @display(description="Available")
    def available(self, variant: Variant) -> int | str:
        return variant.stock.available if has_shelf(variant) else "-"

    @display(description="Prices")
    def price_list(self, variant: Variant) -> str:
        prices = variant.prices.all() if variant.pk else []
        return ", ".join(money(price.amount, price.currency) for price in prices) or "-"


class VariantInline(VariantColumns, EditedInline):
    model = Variant
    formset = VariantFormSet
    can_delete = False  # a variant that was sold stays; one that is no longer sold is taken off sale
    readonly_fields = ("on_hand", "reserved", "price_list", "more")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock").prefetch_related("prices")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        prices = tuple(map(price_field, self._currencies(request, obj))) or ("price_list",)
        received = ("received", "seen_on_hand") if self._takes_stock(request, obj) else ()
        own = ("weight_grams", "is_active", "more")
        return ("name", "sku", *prices, "on_hand", "reserved", *received, *own)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["form"] = variant_row_form(
            self._currencies(request, obj),
            takes_stock=self._takes_stock(request, obj),
            by=request.user.get_username(),
        )
        return super().get_formset(request, obj, **kwargs)

    @display(description="More")
    def more(self, variant: Variant) -> Any:
        return link_to(variant, "Open") if variant.pk else "-"

    def _currencies(self, request: HttpRequest, product: Any) -> tuple[str, ...]:
        return currencies_of(request) if self._may_edit(request, product, "catalog.change_price") else ()

    def _takes_stock(self, request: HttpRequest, product: Any) -> bool:
        return self._may_edit(request, product, "catalog.change_stock")

    def _may_edit(self, request: HttpRequest, product: Any, permission: str) -> bool:
        of_page = "catalog.change_product" if product else "catalog.add_product"
        user = request.user
        return user.has_perm(permission) and user.has_perm(of_page) and self.has_change_permission(request, product)


class ProductAdmin(BoundedListMixin, ModelAdmin):
    """Registered in dashboard.admin, with its import."""

    list_display = ("name", "id", "variant_count", "is_active", "updated_at")
    list_display_links = ("name",)
    list_filter = ("is_active",)
    sortable_by = ("name", "id")
    exact_fields = ("slug",)
    prefix_fields = ("name",)
    uuid_fields = ("public_id",)
    search_help_text = "Name (its beginning), SKU or id"
    prepopulated_fields = {"slug": ("name",)}
    inlines = (VariantInline,)
    fieldsets = ((None, {"fields": (("name", "slug"), "description", "is_active")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        own = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
        return super().get_queryset(request).annotate(_variants=Subquery(own.annotate(n=Count("pk")).values("n")))

    def text_condition(self, term: str) -> Q:
        """By SKU through ids: a join would show a product once a variant."""
        owners = Variant.objects.filter(sku=term).values_list("product_id", flat=True)
        return super().text_condition(term) | Q(pk__in=list(owners))

    @display(description="Variants")
    def variant_count(self, product: Any) -> int:
        return product._variants or 0


class PriceInline(EditedInline):
    model = Price
    form = PriceForm


class StockFilter(admin.SimpleListFilter):
    title = "stock"
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("low", f"On sale, and at most {low_stock.LOW} left")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(pk__in=low_stock.variants().values("pk")) if self.value() == "low" else queryset


class VariantAdmin(VariantColumns, BoundedListMixin, ModelAdmin):
    """The list is the stock list; a variant is added on its product's page. Registered in dashboard.admin."""

    form = VariantForm
    list_display = ("sku", "product_link", "name", "price_list", "on_hand", "reserved", "available", "is_active")
    list_select_related = ("product", "stock")
    list_filter = ("is_active", StockFilter)
    sortable_by = ("sku",)
    exact_fields = ("product__slug",)
    prefix_fields = ("sku",)
    search_help_text = "SKU (its beginning) or id"
    inlines = (PriceInline,)
    readonly_fields = ("product_link", "on_hand", "reserved", "available", "history")
    fieldsets = (
        (None, {"fields": (("product_link", "name"), ("sku", "weight_grams"), "options", ("position", "is_active"))}),
        ("Stock", {"fields": (("on_hand", "reserved", "available"), "history")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).prefetch_related("prices")

    @display(description="Product")
    def product_link(self, variant: Variant) -> Any:
        return link_to(variant.product)

    @display(description="Changed by staff")
    @asked_once
    def history(self, variant: Variant) -> Any:
        rows = [
            (
                moments.written(row.created_at),
                signed(row.pieces, "d"),
                row.on_hand_before,
                row.on_hand_after,
                row.get_reason_display(),
                row.note or "-",
                row.by or "-",
            )
            for row in variant.adjustments.all()[:_NEWEST]
        ]
        return table(("When", "Pieces", "Before", "After", "Why", "Note", "By"), rows)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


@admin.register(StockAdjustment)
class StockAdjustmentAdmin(ReadOnlyAdmin):
    """What staff did to the stock; what shoppers did is in the reservations."""

    list_display = (
        *("id", "variant_link", "change", "on_hand_before", "on_hand_after", "reason", "note", "by", "created_at"),
    )
    list_select_related = ("variant",)
    list_filter = ("reason", "created_at")
    fields = ("variant_link", "change", "on_hand_before", "on_hand_after", "reason", "note", "by", "created_at")
    readonly_fields = ("variant_link", "change")
    exact_fields = ("variant__sku",)
    search_help_text = "SKU or id"

    @display(description="Variant")
    def variant_link(self, row: StockAdjustment) -> Any:
        return link_to(row.variant)

    @display(description="Pieces")
    def change(self, row: StockAdjustment) -> str:
        return signed(row.pieces, "d")


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    """Who was promised what. Not deletable, and so neither is a product that was ever ordered."""

    list_display = ("id", "holder", "variant", "quantity", "status_label", "created_at")
    list_select_related = ("stock__variant",)
    list_filter = ("status", "created_at")
    fields = ("holder", "variant", "quantity", "status", "created_at")
    readonly_fields = ("variant", "created_at")
    exact_fields = ("holder",)
    ordering = ("-id",)
    search_help_text = "Holder, like checkout:123, or id"

    @display(description="Variant")
    def variant(self, reservation: Reservation) -> Any:
        return link_to(reservation.stock.variant)

    @display(
        description="Status",
        label={
            ReservationStatus.HELD: "warning",
            ReservationStatus.COMMITTED: "success",
            ReservationStatus.RELEASED: "info",
        },
    )
    def status_label(self, reservation: Reservation) -> str:
        return str(reservation.status)


# --- discounts ------------------------------------------------------------------------------------
class TermsInline(EditedInline):
    model = DiscountTerms
    form = DiscountTermsForm
    formset = TermsFormSet
    verbose_name_plural = "terms: what it gives, and from which basket on, in each currency"


class DiscountAdmin(BoundedListMixin, ModelAdmin):
    """Registered in dashboard.admin, with what the code brought."""

    form = DiscountForm
    list_display = ("code", "gives", "usage", "starts_at", "ends_at", "is_active")
    list_filter = ("is_active", "method")
    sortable_by = ("code",)
    ordering = ("code",)
    prefix_fields = ("code",)
    search_help_text = "Code (its beginning) or id"
    inlines = (TermsInline,)
    readonly_fields: tuple[str, ...] = ("usage",)
    fieldsets = (
        (None, {"fields": (("code", "is_active"), ("kind", "method"), "percent")}),
        ("When and how often", {"fields": ("starts_at", "ends_at", ("usage_limit", "usage"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discount]:
        return super().get_queryset(request).prefetch_related("terms")

    def text_condition(self, term: str) -> Q:
        return super().text_condition(term.upper())

    @display(description="Gives")
    def gives(self, discount: Discount) -> str:
        if discount.method == Discount.Method.PERCENTAGE:
            return f"{as_percent(discount.basis_points)} %"
        return ", ".join(money(terms.off_amount, terms.currency) for terms in discount.terms.all()) or "-"

    @display(description="Used")
    def usage(self, discount: Discount) -> str:
        used, limit = discount.used_count, discount.usage_limit
        if limit is not None:
            return f"{used} of {limit}"
        return "once" if used == 1 else f"{used} times"

    def save_model(self, request: HttpRequest, obj: Discount, form: Any, change: bool) -> None:
        """Never writes `used_count`: shoppers move it while this page is open."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        written = [field.name for field in obj._meta.concrete_fields if not field.primary_key]
        obj.save(update_fields=[name for name in written if name not in {"used_count", "created_at"}])
