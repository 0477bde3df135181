"""The page "What they bring": the recovery figures of a while, their definitions beside them, each figure a link to the
rows it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe
from unfold.widgets import UnfoldAdminSelectWidget

from analytics import figures
from analytics.cuts import Cut
from analytics.days_form import DaysForm
from analytics.definitions import Period
from analytics.figures_tables import sections

DAYS = 90


class PeriodForm(DaysForm):
    by = forms.ChoiceField(label="Mails by", choices=Cut.choices, widget=UnfoldAdminSelectWidget)


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
