"""Who is in a sequence, who is never written to, who agreed, and the links that were given out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import display

from common import csv_cells
from common.admin import ReadOnlyAdmin, ReadOnlyInline, link_to, several
from recovery import suppression
from recovery.admin_forms import SuppressForm
from recovery.message_admin import ByPerson, MessageInline
from recovery.models import Click, Consent, Enrolment, RecoveryLink, Suppression
from recovery.states import SuppressedBecause


class RunningFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("running", "Running"), ("ended", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        wanted = {"running": {"ended_at__isnull": True}, "ended": {"ended_at__isnull": False}}
        return queryset.filter(**wanted.get(self.value() or "", {}))


class EnrolmentAdmin(ByPerson, ReadOnlyAdmin):
    """Registered in analytics.admin, with who of the compared people bought."""

    list_display = ("id", "state", "email", "cart_number", "sequence", "spell_at", "next_look", "reason")
    list_select_related = ("cart", "sequence")
    list_filter: tuple[Any, ...] = (RunningFilter, "sequence", "is_held_out", "ended_because")
    uuid_fields = ("cart__public_id",)
    search_help_text = "The whole e-mail address, or id"
    inlines = (MessageInline,)
    fields = (
        *("state", "email", "cart_link", "sequence", "spell_at", "is_held_out", "due_at", "waits", "why_ended"),
        *("created_at", "ended_at", "drawn_percent", "compared_at"),
    )
    readonly_fields = ("state", "email", "cart_link", "waits", "why_ended")
    ordering = ("-id",)

    @display(description="State", label={"running": "info", "ended": "success"})
    def state(self, enrolment: Enrolment) -> str:
        return "ended" if enrolment.ended_at else "running"

    @display(description="E-mail")
    def email(self, enrolment: Enrolment) -> str:
        return enrolment.cart.email if enrolment.cart else "-"

    @display(description="Cart")
    def cart_link(self, enrolment: Enrolment) -> Any:
        return link_to(enrolment.cart)

    @display(description="Cart")
    def cart_number(self, enrolment: Enrolment) -> Any:
        return link_to(enrolment.cart, f"Cart {enrolment.cart_id}") if enrolment.cart else "-"

    @display(description="Due at")
    def next_look(self, enrolment: Enrolment) -> Any:
        """Of one that runs: in one that has ended nothing is due any more."""
        return None if enrolment.ended_at else enrolment.due_at

    @display(description="Why")
    def reason(self, enrolment: Enrolment) -> str:
        return self.why_ended(enrolment) if enrolment.ended_at else self.waits(enrolment)

    @display(description="Waits for")
    def waits(self, enrolment: Enrolment) -> str:
        return str(enrolment.get_waits_for_display()) if enrolment.waits_for else "-"

    @display(description="Ended because")
    def why_ended(self, enrolment: Enrolment) -> str:
        if not enrolment.ended_at:
            return "-"
        return str(enrolment.get_ended_because_display()) if enrolment.ended_because else "No step was left"


class SuppressionAdmin(ByPerson, ReadOnlyAdmin):
    """Addresses are added by hand and taken off again; nothing of a row can be edited."""

    list_display = ("hint", "id", "reason", "source", "created_at")
    list_display_links = ("hint",)
    list_filter = ("reason", "created_at")
    exact_fields = ("source",)
    search_help_text = "The whole e-mail address, or id"
    fields = ("hint", "reason", "source", "created_at")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("recovery.add_suppression")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("recovery.delete_suppression")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else ((None, {"fields": ("email", "note")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else _NewSuppression

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:
        if change:
            return
        note = form.cleaned_data["note"]
        source = f"{request.user}: {note}" if note else str(request.user)
        suppression.suppress(form.cleaned_data["email"], SuppressedBecause.BY_STAFF, source=source)
        obj.pk = suppression.of_address(form.cleaned_data["email"]).values_list("pk", flat=True).get()
        obj.refresh_from_db()


class _NewSuppression(SuppressForm):
    """A plain form where the admin expects one of a model."""

    class _Meta:
        model = Suppression
        exclude = ()

    _meta = _Meta()

    def __init__(self, *args: Any, instance: Suppression | None = None, **kwargs: Any) -> None:
        self.instance = instance or Suppression()
        super().__init__(*args, **kwargs)

    def save(self, commit: bool = True) -> Suppression:  # noqa: ARG002 - save_model does it
        return self.instance

    def save_m2m(self) -> None:
        pass


class ConsentAdmin(ByPerson, ReadOnlyAdmin):
    list_display = ("hint", "id", "text_version", "given_at", "network", "source", "withdrawn_at")
    list_display_links = ("hint",)
    list_filter = ("source", "given_at")
    exact_fields = ("text_version",)
    search_help_text = "The whole e-mail address, the text's version, or id"
    fields = ("hint", "text_version", "text", "given_at", "network", "source", "withdrawn_at", "person")
    ordering = ("-id",)
    actions = ("export_proof",)

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_proof(self, request: HttpRequest, consents: QuerySet[Consent]) -> HttpResponse:  # noqa: ARG002
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="consents.csv"'
        names = ("person", "hint", "text_version", "text", "given_at", "network", "source", "withdrawn_at")
        response.writelines(csv_cells.lines([names, *consents.order_by("id").values_list(*names)]))
        return response


class ClickInline(ReadOnlyInline):
    model = Click
    fields = ("at", "checkout")
    readonly_fields = fields


class RecoveryLinkAdmin(ReadOnlyAdmin):
    list_display = ("id", "cart_link", "state", "discount", "created_at", "expires_at")
    list_select_related = ("cart", "discount")
    list_filter = ("created_at",)
    exact_fields = ("cart__email",)
    search_help_text = "The cart's e-mail address, or the link's id"
    fields = ("cart_link", "state", "discount", "created_at", "expires_at", "revoked_at")
    readonly_fields = ("cart_link", "state")
    inlines = (ClickInline,)
    actions = ("revoke_selected",)
    ordering = ("-id",)

    @display(description="Cart")
    def cart_link(self, link: RecoveryLink) -> Any:
        return link_to(link.cart)

    @display(description="State", label={"open": "success", "expired": "warning", "revoked": "danger"})
    def state(self, link: RecoveryLink) -> str:
        if link.revoked_at:
            return "revoked"
        return "expired" if link.expires_at <= timezone.now() else "open"

    @admin.action(description="Revoke: they lead nowhere from now on", permissions=["act"])
    def revoke_selected(self, request: HttpRequest, links: QuerySet[RecoveryLink]) -> None:
        chosen = list(links.filter(revoked_at__isnull=True))
        RecoveryLink.objects.filter(pk__in=[link.pk for link in chosen]).update(revoked_at=timezone.now())
        for link in chosen:
            self.log_change(request, link, "Revoked.")
        self.message_user(request, f"{several(len(chosen), 'link', 'links')} revoked.", messages.SUCCESS)
