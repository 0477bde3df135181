"""The page on which staff drafts an order for somebody on the phone: it becomes a cart and a link to pay it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from common.errors import DomainError
from dashboard import acts
from dashboard.draft_forms import DraftForm, Lines
from dashboard.pressing import may
from dialects.staff_sentences import told_to_staff
from payments.link_admin import page_of


class DraftsOrders:
    """Of the carts' admin: adds the page, and a button above the list that leads to it."""

    actions_list = ("begin_draft",)
    has_add_cart_permission = may("carts.add_cart")

    def get_urls(self) -> list[URLPattern]:
        model_admin: Any = self
        page = model_admin.admin_site.admin_view(self.draft_order)
        return [path("draft/", page, name="carts_draft_order"), *super().get_urls()]  # type: ignore[misc]

    @action(description="Draft an order", permissions=["add_cart"], url_path="begin-draft")
    def begin_draft(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        return HttpResponseRedirect(reverse("admin:carts_draft_order"))

    def draft_order(self, request: HttpRequest) -> HttpResponse:
        model_admin: Any = self
        if not request.user.has_perm("carts.add_cart"):
            raise PermissionDenied
        form, lines = DraftForm(request.POST or None), Lines(request.POST or None, prefix="lines")
        if request.method == "POST" and form.is_valid() and lines.is_valid():
            answer = self._draft(request, form, lines)
            if answer is not None:
                return answer
        context = {**model_admin.admin_site.each_context(request), "title": "Draft an order"}
        context |= {"form": form, "lines": lines}
        return TemplateResponse(request, "admin/draft_order.html", context)

    def _draft(self, request: HttpRequest, form: DraftForm, lines: Any) -> HttpResponse | None:
        """None where it was refused, with a sentence on the form."""
        who: Any = request.user
        wish = f"staff:{who.pk}:{form.cleaned_data['request_key'].hex}"
        try:
            link, is_new = acts.draft_order(form.draft(lines.pieces), wish=wish, by=who)
        except DomainError as error:
            named = f"{error.values['sku']}: " if "sku" in error.values else ""
            form.add_error(None, f"{named}{told_to_staff(error)}")
            return None
        model_admin: Any = self
        said = "The payment link is ready to be copied." if is_new else "This order was drafted already."
        model_admin.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(page_of(link))
