"""What the nightly comparison found: looked at, settled by the gateway's word, or left as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action, display

from common.admin import ReadOnlyAdmin, link_to
from common.errors import DomainError
from dialects.staff_sentences import told_to_staff
from payments import comparison
from payments.link_admin import dialog, moved_to
from payments.models import Difference

MOST_AT_ONCE = 20  # the gateway is asked about each


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("open", "open"), ("settled", "settled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(settled_at__isnull=self.value() == "open") if self.value() else queryset


class DifferenceAdmin(ReadOnlyAdmin):
    list_display = ("id", "payment_link", "kind", "ours", "theirs", "state", "found_at", "seen_at")
    list_select_related = ("payment",)
    list_filter = (OpenFilter, "found_at")
    exact_fields = ("payment__gateway_reference",)
    search_help_text = "Gateway reference or id"
    actions = ("take_word_selected", "leave_selected")
    actions_detail = ("take_word", "leave")
    fieldsets = (
        (None, {"fields": (("payment_link", "kind"), ("ours", "theirs"), "state")}),
        ("When", {"fields": (("found_at", "seen_at"), ("settled_at", "settled_by"))}),
    )
    readonly_fields = ("payment_link", "state")

    @display(description="Payment")
    def payment_link(self, difference: Difference) -> Any:
        return link_to(difference.payment, f"#{difference.payment_id}")

    @display(description="State", label={"open": "danger", "settled": "success"})
    def state(self, difference: Difference) -> str:
        return "settled" if difference.settled_at else "open"

    # --- acts ---
    @admin.action(description="Take the gateway's word", permissions=["act"])
    def take_word_selected(self, request: HttpRequest, chosen: QuerySet[Difference]) -> None:
        self._do(request, chosen.order_by("pk")[:MOST_AT_ONCE], comparison.take_their_word, "settled")

    @admin.action(description="Leave as it is", permissions=["act"])
    def leave_selected(self, request: HttpRequest, chosen: QuerySet[Difference]) -> None:
        self._do(request, chosen.order_by("pk")[:MOST_AT_ONCE], comparison.leave, "left as it is")

    @action(
        description="Take the gateway's word",
        permissions=["act"],
        url_path="take-word",
        dialog=dialog("Take the gateway's word", "The gateway is asked again, and what it says becomes what we know."),
    )
    def take_word(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self._do_one(request, object_id, comparison.take_their_word, "settled")

    @action(
        description="Leave as it is",
        permissions=["act"],
        url_path="leave",
        dialog=dialog("Leave as it is", "It is not told again as long as both sides go on saying the same."),
    )
    def leave(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        return self._do_one(request, object_id, comparison.leave, "left as it is")

    def _do_one(self, request: HttpRequest, object_id: str, verb: Callable[..., None], done: str) -> HttpResponse:
        difference = self.get_object(request, object_id)
        if difference is None:
            raise Http404
        self._do(request, [difference], verb, done)
        return moved_to(request, reverse("admin:payments_difference_change", args=[difference.pk]))

    def _do(self, request: HttpRequest, chosen: Iterable[Difference], verb: Callable[..., None], done: str) -> None:
        for difference in chosen:
            try:
                verb(difference.pk, by=str(request.user))
            except comparison.NotPossible as no:
                self.message_user(request, f"Difference {difference.pk}: {no}", messages.ERROR)
            except DomainError as error:
                self.message_user(request, f"Difference {difference.pk}: {told_to_staff(error)}", messages.ERROR)
            else:
                self.log_change(request, difference, f"Made {done}.")
                self.message_user(request, f"Difference {difference.pk} is {done}.", messages.SUCCESS)
