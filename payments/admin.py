"""Money that moved or was to move: every attempt with its trail. Nobody edits any of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action, display

from catalog.admin import CurrencyFilter
from common.admin import ReadOnlyAdmin, ReadOnlyInline, asked_once, link_to, money_column, status_column, tab
from common.templatetags.shop import money
from orders.admin import OrderAdmin
from payments import links
from payments.difference_admin import DifferenceAdmin
from payments.event_admin import GatewayEventInline
from payments.gateways.registry import LABELS, UNVERIFIED
from payments.link_admin import MakesLinks, dialog
from payments.models import Difference, Payment, PaymentEntry, Refund, TestCharge
from payments.needs_admin import ShowsNeeds
from payments.part_admin import GoodsFilter, PaysBackByHand, ShowsParts
from payments.queries import money_without_order
from payments.refunds import surplus_gone
from payments.review_admin import SettlesReview
from payments.states import PaymentStatus as S

STATUS_COLORS = {
    S.CREATED: "info",
    S.PROCESSING: "warning",
    S.REQUIRES_ACTION: "warning",
    S.AUTHORIZED: "info",
    S.CAPTURED: "success",
    S.DECLINED: "danger",
    S.VOIDED: "danger",
    S.REVIEW: "danger",
}


class ProviderFilter(admin.SimpleListFilter):
    title = "provider"
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return list(LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(provider=self.value()) if self.value() else queryset


class MoneyWithoutOrderFilter(admin.SimpleListFilter):
    """Should find nothing: such money goes back by itself within minutes."""

    title = "money without order"
    parameter_name = "without_order"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("1", "not yet paid back")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset & money_without_order() if self.value() else queryset


@display(description="Provider")
def provider_of(payment: Payment) -> str:
    """Says so where a provider is played by the test gateway, or where nobody vouches for the payment."""
    if payment.gateway == UNVERIFIED:
        return f"{payment.provider} (unverified)"
    return f"{payment.provider} (played by test)" if payment.is_played_by_test else payment.provider


def surplus_of(payment: Payment) -> str:
    """What the order has no use for, and how far that is on its way back."""
    gone = surplus_gone(payment)
    total, back, left = (
        money(each, payment.currency) for each in (payment.surplus_amount, gone, payment.surplus_amount - gone)
    )
    if not payment.surplus_amount:
        return total
    if 0 < gone < payment.surplus_amount:
        return f"{total}: {back} went back, {left} to go back"
    return f"{total}: {'went back' if gone else 'to go back'}"


class PaymentEntryInline(ReadOnlyInline):
    model = PaymentEntry
    fields = ("at", "heard_from", "outcome", "status_before", "status_after", "captured", "refunded", "note")
    readonly_fields = fields
    verbose_name_plural = "trail"
    captured = money_column("captured_amount", "Captured", currency="payment__currency")
    refunded = money_column("refunded_amount", "Refunded", currency="payment__currency")


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ("created_at", "amount_back", "reason", "status", "created_by", "gateway_reference", "message")
    readonly_fields = fields
    amount_back = money_column("amount", "Amount", currency="payment__currency")


class PaymentAdmin(SettlesReview, ShowsNeeds, PaysBackByHand, ReadOnlyAdmin):
    list_display = (
        *("id", "order_link", "provider_label", "amount_asked", "captured", "refunded", "status_label"),
        *("gateway_reference", "created_at"),
    )
    list_select_related = ("order",)
    list_filter = ("status", MoneyWithoutOrderFilter, ProviderFilter, CurrencyFilter, "created_at")
    actions = ("paid_back_by_hand",)
    inlines = (RefundInline, PaymentEntryInline, GatewayEventInline)
    fieldsets = (
        (None, {"fields": (("order_link", "status_label"), ("amount_asked", "captured"), ("refunded", "surplus"))}),
        tab("Gateway", ("provider_label", "gateway_reference"), ("decline_code", "message"), "instrument"),
        tab("When", ("created_at", "updated_at"), ("asked_at", "ask_again_at"), "times_asked"),
        tab("For the gateway's support", "idempotency_key", "public_id"),
    )
    readonly_fields = (
        *("order_link", "status_label", "amount_asked", "captured", "refunded", "surplus", "provider_label"),
        *("updated_at", "taken_as_ours", "asked_at_first"),
    )
    status_label = status_column(STATUS_COLORS)
    amount_asked = money_column("amount", "Amount")
    captured = money_column("captured_amount", "Captured")
    refunded = money_column("refunded_amount", "Refunded")

    @display(description="Not for its order")
    @asked_once
    def surplus(self, payment: Payment) -> str:
        return surplus_of(payment)

    @display(description="Order")
    def order_link(self, payment: Payment) -> Any:
        return link_to(payment.order)

    @display(description="Provider")
    def provider_label(self, payment: Payment) -> str:
        return provider_of(payment)


class PaymentInline(ReadOnlyInline):
    model = Payment
    fields = (
        *("page", "provider_label", "amount_asked", "captured", "refunded", "status", "gateway_reference"),
        "created_at",
    )
    readonly_fields = fields
    follows_parent = False
    amount_asked = money_column("amount", "Amount")
    captured = money_column("captured_amount", "Captured")
    refunded = money_column("refunded_amount", "Refunded")

    @display(description="Payment")
    def page(self, payment: Payment) -> Any:
        return link_to(payment, f"#{payment.pk}")

    @display(description="Provider")
    def provider_label(self, payment: Payment) -> str:
        return provider_of(payment)


class OrderWithPaymentsAdmin(MakesLinks, ShowsParts, OrderAdmin):
    """The order's page with its payments: a page of rows of two apps belongs to the upper one. Registered, as the
    payment's, in dashboard.admin, with what can be done to it."""

    actions: tuple[str, ...] = ("take_goods",)
    actions_detail: tuple[str, ...] = ("create_payment_link",)
    list_filter = (*OrderAdmin.list_filter, GoodsFilter)
    inlines = (*OrderAdmin.inlines, PaymentInline)
    fieldsets = (
        *OrderAdmin.fieldsets,
        tab("Paid in parts", ("takes_parts", "reference"), ("unverified", "replaced_by")),
    )
    readonly_fields = (*OrderAdmin.readonly_fields, "unverified", "replaced_by")

    @action(
        description="Create payment link",
        permissions=["act"],
        url_path="payment-link",
        dialog=dialog(
            "Create payment link",
            "An address under which what this order still owes can be paid once. The order and its goods wait for it.",
        ),
    )
    def create_payment_link(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self.make_link(request, object_id, lambda order_id, who: links.for_order(order_id, created_by=who))


admin.site.register(Difference, DifferenceAdmin)


@admin.register(TestCharge)
class TestChargeAdmin(ReadOnlyAdmin):
    """The books of the gateway that plays the others in the demo; no real money."""

    list_display = ("id", "reference", "provider", "asked", "captured", "refunded", "outcome", "created_at")
    list_filter = ("outcome", ProviderFilter, "created_at")
    exact_fields = ("reference", "key")
    ordering = ("-id",)
    search_help_text = "Reference, key or id"
    fieldsets = (
        (None, {"fields": (("reference", "outcome"), ("asked", "captured"), ("refunded", "provider"), "decline_code")}),
        ("Keys", {"fields": ("key", "done_keys", "captures_at_once", "return_url", "created_at")}),
    )
    readonly_fields = ("asked", "captured", "refunded")
    asked = money_column("amount", "Amount")
    captured = money_column("captured_amount", "Captured")
    refunded = money_column("refunded_amount", "Refunded")
