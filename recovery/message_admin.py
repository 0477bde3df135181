"""What became of each mail, and why: the log a merchant opens when somebody says that nothing came."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display

from common.admin import COUNT_CAP, ReadOnlyAdmin, ReadOnlyInline, asked_once, link_to, several
from common.persons import email_key
from recovery import report
from recovery.models import Click, Message
from recovery.states import Outcome, Reason

OUTCOME_COLORS = {
    Outcome.HANDING_OVER: "info",
    Outcome.WAITING: "warning",
    Outcome.SENT: "success",
    Outcome.SKIPPED: "info",
    Outcome.FAILED: "danger",
    Outcome.UNKNOWN: "warning",
}
REPORTED_DAYS = 30


class ReasonFilter(admin.SimpleListFilter):
    title = "reason"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(reason.value, str(reason.label)) for reason in Reason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(outcome=Outcome.SKIPPED, reason=self.value()) if self.value() else queryset


class DecidedFilter(admin.SimpleListFilter):
    title = "decided"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("1", "in a day"), ("7", "in a week"), (str(REPORTED_DAYS), f"in {REPORTED_DAYS} days")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() not in {"1", "7", str(REPORTED_DAYS)}:
            return queryset
        return queryset.filter(decided_at__gte=timezone.now() - timedelta(days=int(self.value() or 0)))


class ByPerson:
    """Found by the whole address, whose digest is on the row."""

    def text_condition(self, term: str) -> Q:
        person = email_key(term)
        found: Q = super().text_condition(term)  # type: ignore[misc]
        return found | Q(person=person) if person else found


class MessageAdmin(ByPerson, ReadOnlyAdmin):
    """Registered in analytics.admin, with what came of each mail."""

    list_display = ("id", "outcome_label", "said", "email", "cart_number", "step", "decided_at")
    list_select_related = ("enrolment__cart", "step__sequence")
    list_filter: tuple[Any, ...] = ("outcome", ReasonFilter, DecidedFilter, "enrolment__sequence")
    list_before_template = "admin/recovery_outcomes.html"
    uuid_fields = ("public_id",)
    search_help_text = "The whole e-mail address, id or Message-ID's digits"
    fields = (
        *("outcome_label", "why", "email", "cart", "step", "subject", "language", "decided_at", "finished_at"),
        *("attempts", "error", "clicks", "public_id"),
    )
    readonly_fields = ("outcome_label", "why", "email", "cart", "clicks")
    ordering = ("-id",)

    @display(description="Outcome", label=OUTCOME_COLORS)
    def outcome_label(self, message: Message) -> str:
        return str(message.outcome)

    @display(description="Why not")
    def why(self, message: Message) -> str:
        return str(message.get_reason_display()) if message.reason else message.error[:80] or "-"

    @display(description="Subject, or why not")
    def said(self, message: Message) -> str:
        """In one column of the list: what was sent needs no reason, and what was not has hardly a subject."""
        why = self.why(message)
        return message.subject or "-" if why == "-" else why

    @display(description="Cart")
    def cart_number(self, message: Message) -> Any:
        cart = message.enrolment.cart
        return link_to(cart, f"Cart {cart.pk}") if cart else "-"

    @display(description="E-mail")
    def email(self, message: Message) -> str:
        return message.enrolment.cart.email if message.enrolment.cart else "-"

    @display(description="Cart")
    def cart(self, message: Message) -> Any:
        return link_to(message.enrolment.cart)

    @display(description="Clicks")
    @asked_once
    def clicks(self, message: Message) -> int:
        return Click.objects.filter(link__message=message).count()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        since = timezone.now() - timedelta(days=REPORTED_DAYS)
        lines = [(line, _list_of(line)) for line in report.outcomes_since(since)]
        total = sum(line.count for line, _ in lines)
        mails = several(total, "mail", "mails")
        shown = {"lines": lines, "mails": mails, "is_cut": total >= COUNT_CAP, "reported_days": REPORTED_DAYS}
        if never := report.never_considered(since):
            carts = _never_considered(since) if request.user.has_perm("carts.view_cart") else ""
            shown |= {
                "never": never,
                "most": f"{report.LOOKED_AT:,}",
                "why_never": report.why_never(),
                "never_address": carts,
            }
        return super().changelist_view(request, {**(extra_context or {}), **shown})


def _never_considered(since: datetime) -> str:
    """The list of just these carts."""
    chosen = {"no_sequence": 1, "first_abandoned_at__gte": since.isoformat()}
    return f"{reverse('admin:carts_cart_changelist')}?{urlencode(chosen)}"


def _list_of(line: report.Line) -> str:
    chosen = {"reason": line.reason} if line.reason else {"outcome__exact": line.outcome}
    return f"{reverse('admin:recovery_message_changelist')}?{urlencode({**chosen, 'days': REPORTED_DAYS})}"


class MessageInline(ReadOnlyInline):
    model = Message
    fields = ("step", "outcome", "reason", "decided_at", "attempts", "error")
    readonly_fields = fields
    verbose_name_plural = "what became of its mails"
