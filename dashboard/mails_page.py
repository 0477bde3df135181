"""The page "Mails": every mail to shoppers, in every language, of a sample or of an order that is there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from dashboard import mail_samples
from orders.models import Order

_MOST_DIGITS = 18  # of a 64 bit number


class MailForm(forms.Form):
    kind = forms.ChoiceField(label="Mail", widget=UnfoldAdminSelectWidget)
    language = forms.ChoiceField(label="Language", widget=UnfoldAdminSelectWidget, choices=lambda: settings.LANGUAGES)
    order = forms.CharField(
        label="Order (number or id; empty: a sample)",
        max_length=30,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def clean_order(self) -> Order | None:
        typed = self.cleaned_data["order"].strip()
        if not typed:
            return None
        is_id = typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS
        wanted = Q(pk=int(typed)) if is_id else Q(number=typed)
        order = Order.objects.filter(wanted).prefetch_related("lines").first()
        if order is None:
            raise forms.ValidationError("There is no such order.")
        return order


class ShowsMails:
    """Of the orders' admin: adds the page."""

    def get_urls(self) -> list[URLPattern]:
        model_admin: Any = self
        page = model_admin.admin_site.admin_view(require_safe(self.mails))
        return [path("mails/", page, name="dashboard_mails"), *super().get_urls()]  # type: ignore[misc]

    def mails(self, request: HttpRequest) -> HttpResponse:
        model_admin: Any = self
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        user = request.user
        sees_steps = user.has_perm("recovery.view_step") or user.has_perm("recovery.change_step")
        kinds = mail_samples.kinds(with_recovery=sees_steps)
        first = {"kind": kinds[0][0], "language": _shops_language()}
        form = MailForm({**first, **request.GET.dict()}, kinds=kinds)
        shown = mail_samples.write(**form.cleaned_data) if form.is_valid() else None
        context = {**model_admin.admin_site.each_context(request), "title": "Mails", "form": form, "letter": shown}
        context |= {"html": shown.html, "text": shown.text} if shown else {}
        return TemplateResponse(request, "admin/mails.html", context)


def _shops_language() -> str:
    known = dict(settings.LANGUAGES)
    base = settings.LANGUAGE_CODE.partition("-")[0]
    return settings.LANGUAGE_CODE if settings.LANGUAGE_CODE in known else base
