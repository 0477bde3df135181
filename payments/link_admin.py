"""Payment links as the merchant sees them: made from an order or a cart, looked at, copied, ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.decorators import action, display

from carts.models import Cart
from common.admin import ReadOnlyAdmin, link_to, money_column
from common.errors import DomainError
from dialects.staff_sentences import told_to_staff
from payments import links
from payments.models import PaymentLink
from payments.states import LinkState

MOST_AT_ONCE = 100
STATE_COLORS = {
    LinkState.OPEN: "info",
    LinkState.PAID: "success",
    LinkState.EXPIRED: "warning",
    LinkState.ENDED: "danger",
}


def dialog(title: str, description: str) -> dict[str, Any]:
    return {"title": title, "description": description, "form_class": None, "form_submit_text": title}


def moved_to(request: HttpRequest, address: str) -> HttpResponse:
    """The answer to a dialog: the page that it was opened on moves on."""
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def page_of(link: PaymentLink) -> str:
    return reverse("admin:payments_paymentlink_change", args=[link.pk])


class MakesLinks:
    """Of the admin of something that can be paid by a link: the act that makes one, and leads to its page."""

    def make_link(
        self, request: HttpRequest, object_id: str, make: Callable[[int, str], tuple[PaymentLink, bool]]
    ) -> HttpResponse:
        """`make` takes the row's id and who asks."""
        model_admin: Any = self
        row = model_admin.get_object(request, object_id)
        if row is None:
            raise Http404
        try:
            link, is_new = make(row.pk, str(request.user))
        except DomainError as error:
            model_admin.message_user(request, f"No payment link: {told_to_staff(error)}", messages.ERROR)
            label = f"{row._meta.app_label}_{row._meta.model_name}"
            return moved_to(request, reverse(f"admin:{label}_change", args=[row.pk]))
        if is_new:
            model_admin.log_change(request, row, f"Made payment link {link.pk}.")
        said = "is ready to be copied" if is_new else "was there already: nothing has changed since it was made"
        model_admin.message_user(request, f"The payment link {said}.", messages.SUCCESS)
        return moved_to(request, page_of(link))


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("open", "can be paid"), ("over", "over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() == "open":
            return queryset.filter(ended_at__isnull=True, expires_at__gt=timezone.now())
        return queryset.exclude(ended_at__isnull=True, expires_at__gt=timezone.now()) if self.value() else queryset


class PaymentLinkAdmin(ReadOnlyAdmin):
    list_display = ("id", "for_what", "asked", "state_label", "created_by", "created_at", "expires_at")
    list_select_related = ("order",)
    list_filter = (StateFilter, "created_at")
    exact_fields = ("owner",)
    search_help_text = "cart:7, order:12 or id"
    actions = ("end_selected",)
    actions_detail: ClassVar[tuple[str, ...]] = ("end",)
    fieldsets = (
        (None, {"fields": (("for_what", "asked"), ("state_label", "expires_at"), "address")}),
        ("When", {"fields": (("created_at", "created_by"), "ended_at")}),
    )
    readonly_fields = ("for_what", "asked", "state_label", "address")
    asked = money_column("amount", "Amount")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whoever has the address may pay and sees the order: it is for those who may act."""
        shown = super().get_fieldsets(request, obj)
        return shown if self.has_act_permission(request) else _without_address(shown)

    @display(description="For")
    def for_what(self, link: PaymentLink) -> Any:
        cart_id = links.cart_id_of(link)
        return link_to(link.order) if cart_id is None else link_to(Cart(pk=cart_id), f"Cart {cart_id}")

    @display(description="State", label=STATE_COLORS)
    def state_label(self, link: PaymentLink) -> str:
        return str(links.state_of(link, now=timezone.now()))

    @display(description="Address")
    def address(self, link: PaymentLink) -> Any:
        if links.state_of(link, now=timezone.now()) != LinkState.OPEN:
            return "-"
        if not links.is_ours(link):
            return "Made under an earlier SECRET_KEY: it still works, but cannot be shown. A new one takes its place."
        return format_html('<code class="select-all break-all">{}</code>', links.address_of(link))

    # --- acts ---
    @admin.action(description="End", permissions=["act"])
    def end_selected(self, request: HttpRequest, chosen: QuerySet[PaymentLink]) -> None:
        for link in chosen.order_by("pk")[:MOST_AT_ONCE]:
            self._end(request, link)

    @action(
        description="End",
        permissions=["act"],
        url_path="end",
        dialog=dialog("End this link", "Nobody can begin to pay by it any more. A payment that is under way goes on."),
    )
    def end(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:  # noqa: ARG002
        link = self.get_object(request, object_id)
        if link is None:
            raise Http404
        self._end(request, link)
        return moved_to(request, page_of(link))

    def _end(self, request: HttpRequest, link: PaymentLink) -> None:
        try:
            links.end(link.pk)
        except DomainError as error:
            self.message_user(request, f"Link {link.pk}: {told_to_staff(error)}", messages.ERROR)
        else:
            self.log_change(request, link, "Ended.")
            self.message_user(request, f"Link {link.pk} is ended.", messages.SUCCESS)


def _without_address(fieldsets: Any) -> list[Any]:
    (title, first), *rest = fieldsets
    kept = tuple(field for field in first["fields"] if field != "address")
    return [(title, {**first, "fields": kept}), *rest]
