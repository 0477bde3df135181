"""Mails and enrolments as recovery shows them, with what came of them; and the page of the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from analytics import comparison, credits
from analytics.figures_admin import ShowsFigures
from common.shows_sums import ShowsSums
from recovery.message_admin import MessageAdmin
from recovery.models import Enrolment, Message
from recovery.people_admin import EnrolmentAdmin

_CAME = {"clicked": credits.clicked, "direct": credits.direct, "assisted": credits.assisted}


class CameFilter(admin.SimpleListFilter):
    """The rows behind the figures: the same conditions that are counted."""

    title = "what came of it"
    parameter_name = "came"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("clicked", "Button pressed"), ("direct", "Bought by its link"), ("assisted", "Bought soon after it")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        chosen = _CAME.get(self.value() or "")
        return chosen(queryset) if chosen else queryset


class CodeFilter(admin.SimpleListFilter):
    title = "code"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        known = {credits.NO_CODE: "None", credits.FIXED: "An amount off"}
        chosen = request.GET.get(self.parameter_name, "")
        return [*known.items(), *([] if chosen in known or not chosen else [(chosen, credits.named(chosen))])]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return credits.with_code(queryset, self.value() or "") if self.value() else queryset


class BoughtFilter(admin.SimpleListFilter):
    title = "bought in their time"
    parameter_name = "bought"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("yes", "Compared, and bought")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return comparison.who_bought(queryset) if self.value() == "yes" else queryset


@admin.register(Message)
class MessageWithResultsAdmin(ShowsFigures, ShowsSums, MessageAdmin):
    list_filter = (*MessageAdmin.list_filter, CameFilter, CodeFilter)
    list_before_template = MessageAdmin.list_before_template  # has the sums in it
    sums_title = "What was paid for their carts and stays"

    def has_sums(self, narrowed: Mapping[str, Sequence[str]]) -> bool:
        """Of the mails that carts are put down to: each cart to one, so that none is added up twice."""
        return narrowed.get(CameFilter.parameter_name, [""])[-1] in {"direct", "assisted"}

    def sums_of(self, rows: QuerySet[Message]) -> list[tuple[str, int]]:
        return sorted(credits.paid_for(rows).items())


@admin.register(Enrolment)
class ComparedEnrolmentAdmin(EnrolmentAdmin):
    list_filter = (*EnrolmentAdmin.list_filter, BoughtFilter)
