"""Checkouts as staff sees them: looked at, ended and reopened; and how goods travel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from catalog.admin import CurrencyFilter
from checkouts import again, services
from checkouts.models import Checkout, ShippingMethod, ShippingRate
from checkouts.queries import CheckoutView, any_view
from checkouts.states import CheckoutStatus
from common import countries
from common.admin import (
    BoundedListMixin,
    EditedInline,
    ReadOnlyAdmin,
    address_lines,
    link_to,
    money_column,
    status_column,
    tab,
    table,
)
from common.errors import DomainError
from common.forms import MajorUnitsForm
from common.templatetags.shop import money
from dialects.staff_sentences import told_to_staff

STATUS_COLORS = {
    CheckoutStatus.ACTIVE: "info",
    CheckoutStatus.PAYING: "warning",
    CheckoutStatus.COMPLETED: "success",
    CheckoutStatus.EXPIRED: "danger",
}


class CartCurrencyFilter(CurrencyFilter):
    currency_path = "cart__currency"


def _dialog(title: str, description: str) -> Any:
    return {"title": title, "description": description, "form_class": None, "form_submit_text": title}


class CheckoutAdmin(ReadOnlyAdmin):
    """Registered in dashboard.admin, with its acts and its timeline."""

    list_display = ("id", "status_label", "email", "shown_total", "order_link", "updated_at", "expires_at")
    list_select_related = ("cart", "order")
    list_filter: tuple[Any, ...] = ("status", CartCurrencyFilter, "created_at")
    actions_detail: tuple[str, ...] = ("expire", "reopen")
    fieldsets = (
        (None, {"fields": (("id", "status_label"), ("email", "full_name"), ("cart_link", "order_link"))}),
        ("What it comes to", {"fields": ("lines", "sums")}),
        tab("Where and how", ("ships_to", "bills_to"), ("shipping_method", "discount"), "payment_provider"),
        tab("When", ("created_at", "updated_at"), ("expires_at", "completed_at")),
    )
    readonly_fields = (
        *("id", "status_label", "email", "full_name", "cart_link", "order_link", "lines", "sums"),
        *("ships_to", "bills_to"),
    )
    status_label = status_column(STATUS_COLORS)
    shown_total = money_column("shown_total_amount", "Total shown", currency="cart__currency")

    @display(description="E-mail")
    def email(self, checkout: Checkout) -> str:
        return checkout.cart.email or "-"

    @display(description="Name")
    def full_name(self, checkout: Checkout) -> str:
        return checkout.cart.full_name or "-"

    @display(description="Cart")
    def cart_link(self, checkout: Checkout) -> Any:
        return link_to(checkout.cart)

    @display(description="Order")
    def order_link(self, checkout: Checkout) -> Any:
        return link_to(checkout.order)

    @display(description="Ships to")
    def ships_to(self, checkout: Checkout) -> Any:
        return address_lines(checkout.shipping_address)

    @display(description="Bills to")
    def bills_to(self, checkout: Checkout) -> Any:
        return address_lines(checkout.billing_address) if checkout.billing_address else "the same"

    @display(description="Lines")
    def lines(self, checkout: Checkout) -> Any:
        view = _view(checkout)
        rows = [
            (
                line.offer.product_name,
                line.offer.variant_name,
                line.offer.sku,
                line.quantity,
                money(line.unit_amount, view.currency),
                money(line.amount, view.currency),
            )
            for line in view.lines
        ]
        return table(("Product", "Variant", "SKU", "Pieces", "Price", "Amount"), rows)

    @display(description="Sums")
    def sums(self, checkout: Checkout) -> Any:
        view = _view(checkout)
        totals = view.totals
        amounts = (
            totals.items_amount,
            -totals.discount_amount,
            totals.shipping_amount,
            totals.tax_amount,
            totals.total_amount,
            checkout.shown_total_amount,
        )
        headers = ("Items", "Discount", "Shipping", "Tax", "Total", "Last shown to the shopper")
        return table(headers, [[money(amount, view.currency) for amount in amounts]])

    # --- acts ---
    @action(
        description="Expire",
        permissions=["act"],
        url_path="expire",
        dialog=_dialog("Expire this checkout", "The shopper can no longer buy with it; the cart stays."),
    )
    def expire(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self._do_one(request, object_id, services.expire, "expired")

    @action(
        description="Reopen",
        permissions=["act"],
        url_path="reopen",
        dialog=_dialog("Reopen this checkout", "The shopper can go on where they stopped, for the usual time."),
    )
    def reopen(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self._do_one(request, object_id, again.reopen, "active again")

    def _do_one(self, request: HttpRequest, object_id: str, verb: Callable[[int], None], done: str) -> HttpResponse:
        checkout = self.get_object(request, object_id)
        if checkout is None:
            raise Http404
        self._do(request, [checkout], verb, done)
        address = reverse("admin:checkouts_checkout_change", args=[object_id])
        if "HX-Request" in request.headers:  # the dialog asked, the page is to move
            return HttpResponse(headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)

    def _do(self, request: HttpRequest, checkouts: Iterable[Checkout], verb: Callable[[int], None], done: str) -> None:
        """Does it to each, says what could not be done and why, and writes down who did it."""
        for checkout in checkouts:
            try:
                verb(checkout.pk)
            except DomainError as error:
                self.message_user(request, f"Checkout {checkout.pk}: {told_to_staff(error)}", messages.ERROR)
            else:
                self.log_change(request, checkout, f"Made {done} (was {checkout.status}).")
                self.message_user(request, f"Checkout {checkout.pk} is {done}.", messages.SUCCESS)


def _view(checkout: Any) -> CheckoutView:
    """The checkout priced at this moment, or as agreed; computed once a page."""
    view: CheckoutView | None = getattr(checkout, "_admin_view", None)
    if view is None:
        view = any_view(checkout.pk)
        assert view is not None, "its page is being shown"  # noqa: S101
        checkout._admin_view = view
    return view


def _countries() -> list[tuple[str, str]]:
    return [("", "All without a rate of their own"), *countries.names("en")]


class ShippingRateForm(MajorUnitsForm):
    money_fields = ("amount",)
    country = forms.ChoiceField(choices=_countries, required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = ShippingRate
        fields = ("country", "currency", "is_offered", "amount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "amount" in self.fields:
            self.fields["amount"].required = False
            self.fields["is_offered"].help_text = "Unticked: goes everywhere else, but not to this country."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("is_offered"):
            cleaned["amount"] = 0
            if not cleaned.get("country"):
                self.add_error("is_offered", "Name the country it is not shipped to, or delete this rate.")
        elif cleaned.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "What does it cost? 0 is free.")
        return cleaned


class ShippingRateInline(EditedInline):
    model = ShippingRate
    form = ShippingRateForm
    verbose_name_plural = "rates"


@admin.register(ShippingMethod)
class ShippingMethodAdmin(BoundedListMixin, ModelAdmin):
    list_display = ("name", "id", "rate_list", "description", "position", "is_active")
    list_display_links = ("name",)
    list_filter = ("is_active",)
    prefix_fields = ("name",)
    inlines = (ShippingRateInline,)
    fieldsets = ((None, {"fields": ("name", "description", ("position", "is_active"))}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        return super().get_queryset(request).prefetch_related("rates")

    @display(description="Rates")
    def rate_list(self, method: ShippingMethod) -> str:
        return ", ".join(map(_rate_text, method.rates.all())) or "-"


def _rate_text(rate: ShippingRate) -> str:
    amount = money(rate.amount, rate.currency)
    if not rate.country:
        return amount
    return f"{rate.country} {amount}" if rate.is_offered else f"not to {rate.country}"
