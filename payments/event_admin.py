"""What gateways told us, and what became of it: to be looked at."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst
from unfold.decorators import display

from common.admin import ReadOnlyAdmin, ReadOnlyInline, link_to, status_column, tab
from payments import words
from payments.gateways import hints
from payments.gateways.registry import GATEWAY_NAMES
from payments.models import GatewayEvent
from payments.states import EventStatus

STATUS_COLORS = {
    EventStatus.RECEIVED: "info",
    EventStatus.WAITING: "warning",
    EventStatus.DONE: "success",
    EventStatus.IGNORED: "info",
}


class GatewayFilter(admin.SimpleListFilter):
    title = "gateway"
    parameter_name = "gateway"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(sender, GATEWAY_NAMES[sender]) for sender in hints.SENDERS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(gateway=self.value()) if self.value() else queryset


class _SaysWhatAbout:
    @display(description="About")
    def about(self, event: GatewayEvent) -> str:
        """In plain words, beside the gateway's own."""
        return capfirst(words.of_event(event.type))


class GatewayEventInline(_SaysWhatAbout, ReadOnlyInline):
    """Of a payment's page."""

    model = GatewayEvent
    fields = ("page", "about", "type", "status", "outcome", "received_at")
    readonly_fields = fields
    follows_parent = False
    verbose_name_plural = "gateway events"

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayEvent]:
        return super().get_queryset(request).defer("raw")

    @display(description="Event")
    def page(self, event: GatewayEvent) -> Any:
        return link_to(event, event.event_id)


class GatewayEventAdmin(_SaysWhatAbout, ReadOnlyAdmin):
    """Registered in dashboard.admin, with the replay."""

    list_display = (*("id", "gateway", "type", "status_label", "reference", "payment_link", "outcome", "received_at"),)
    list_select_related = ("payment",)
    list_filter = ("status", GatewayFilter)
    ordering = ("-id",)
    exact_fields = ("event_id", "reference")
    search_help_text = "The gateway's event id, a payment's reference there, or id"
    fieldsets = (
        (None, {"fields": (("about", "status_label"), ("type", "outcome"), ("payment_link", "reference"))}),
        tab("What was said", "said"),
        tab("When", ("created_at", "received_at"), "done_at"),
        tab("For the gateway's support", ("gateway", "event_id"), "payment_key"),
    )
    readonly_fields = ("status_label", "about", "payment_link", "said")
    status_label = status_column(STATUS_COLORS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GatewayEvent]:
        return super().get_queryset(request).defer("raw")

    def text_condition(self, term: str) -> Q:
        """With the gateway's name, or no index would serve."""
        return Q(gateway__in=hints.SENDERS) & super().text_condition(term)

    @display(description="Payment")
    def payment_link(self, event: GatewayEvent) -> Any:
        return link_to(event.payment)

    @display(description="The event, without secrets")
    def said(self, event: GatewayEvent) -> Any:
        if event.raw is None:
            return "Removed: it is older than PERSONAL_DATA_RETENTION_DAYS."
        text = json.dumps(event.raw, indent=2, ensure_ascii=False)
        return format_html('<pre class="overflow-x-auto text-xs">{}</pre>', text)
