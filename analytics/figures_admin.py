"""The page "What they bring": the recovery figures of a while, their definitions beside them, each figure a link to the
rows it counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from analytics import figures
from analytics.cuts import Cut
from analytics.definitions import Period
from analytics.figures_tables import sections

DAYS = 90
MOST_DAYS = 366


class PeriodForm(forms.Form):
    first = forms.DateField(label="From", widget=UnfoldAdminDateWidget)
    last = forms.DateField(label="To", widget=UnfoldAdminDateWidget)
    by = forms.ChoiceField(label="Mails by", choices=Cut.choices, widget=UnfoldAdminSelectWidget)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not (date(1970, 1, 2) <= first <= last <= date(9000, 1, 1)):
            raise forms.ValidationError("The first day must not be after the last.")
        if first and last and (last - first).days >= MOST_DAYS:
            raise forms.ValidationError(f"At most {MOST_DAYS} days at once.")
        return given


class ShowsFigures:
    """Of the mails' admin: adds the page."""

    def get_urls(self) -> list[URLPattern]:
        model_admin: Any = self
        page = model_admin.admin_site.admin_view(require_safe(self.figures))
        return [path("figures/", page, name="recovery_figures"), *super().get_urls()]  # type: ignore[misc]

    def figures(self, request: HttpRequest) -> HttpResponse:
        model_admin: Any = self
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        usual = _usual()
        form = PeriodForm({name: request.GET.get(name) or value for name, value in usual.items()})
        given = form.cleaned_data if form.is_valid() else usual
        period = Period(given["first"], given["last"])
        context = {
            **model_admin.admin_site.each_context(request),
            "title": "What they bring",
            "form": form,
            "period": period,
            "sections": sections(period, given["by"], now=timezone.now()),
        }
        return TemplateResponse(request, "admin/recovery_figures.html", context)


def _usual() -> dict[str, Any]:
    today = figures.today()
    return {"first": today - timedelta(days=DAYS - 1), "last": today, "by": Cut.STEP.value}
