"""Above the lists of carts, checkouts, orders and payments: filters to come back to, and CSV to take away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from common.forms import refuse_card_number
from dashboard import exports
from dashboard.bulk import PressesMany
from dashboard.models import SavedFilter
from dashboard.search import FoundByAnything
from dashboard.staff_log import note_on_list

MOST_SAVED = 30
_OF_ONE_LOOK = ("p", "e", "all")  # the page, an error: not what the list was narrowed to


class SaveForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=60, validators=[refuse_card_number], widget=UnfoldAdminTextInputWidget
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1000, validators=[refuse_card_number])

    def clean_query(self) -> str:
        return _kept(str(self.cleaned_data["query"]))


def _kept(query: str) -> str:
    """The part of a list's address that narrows it."""
    given = QueryDict(query, mutable=True)
    for name in _OF_ONE_LOOK:
        given.pop(name, None)
    return given.urlencode()


class ListPage(FoundByAnything, PressesMany):
    """Of the admin of such a list."""

    list_before_template = "admin/list_tools.html"
    ready_filters: tuple[tuple[str, str], ...] = ()  # (name, the part of the address that narrows), for everybody

    def get_urls(self) -> list[URLPattern]:
        model_admin: Any = self
        view = model_admin.admin_site.admin_view
        own = [
            path("saved/", view(require_POST(self.save_filter)), name=self._name("saved")),
            path("saved/<int:filter_id>/", view(require_GET(self.open_filter)), name=self._name("saved_one")),
            path("saved/<int:filter_id>/forget/", view(require_POST(self.forget_filter)), name=self._name("forget")),
            path("export/", view(require_http_methods(["GET", "POST"])(self.export)), name=self._name("export")),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        query = _kept(request.GET.urlencode())
        saved = [
            (row.name, self._address("saved_one", row.pk), self._address("forget", row.pk), row.query == query)
            for row in self._own(request)[:MOST_SAVED]
        ]
        export = self._address("export") + (f"?{query}" if query else "")
        tools = {
            "before_that": getattr(super(), "list_before_template", None),
            "ready_filters": [(name, f"?{own}", own == query) for name, own in self.ready_filters],
            "saved_filters": saved,
            "save_form": SaveForm(initial={"query": query}),
            "save_address": self._address("saved"),
            "export_address": export if self.has_export_permission(request) else "",
        }
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **tools})  # type: ignore[misc]
        return answer

    # --- filters ---
    def save_filter(self, request: HttpRequest) -> HttpResponse:
        """Under a name that is there already: in its place."""
        self._must_see(request)
        model_admin: Any = self
        form = SaveForm(request.POST)
        if not form.is_valid():
            said = " ".join(
                f"{name.capitalize()}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()
            )
            model_admin.message_user(request, f"Not saved. {said}", messages.ERROR)
            return HttpResponseRedirect(self._list_address(""))
        name, query = form.cleaned_data["name"], form.cleaned_data["query"]
        if self._own(request).exclude(name=name).count() >= MOST_SAVED:
            model_admin.message_user(request, f"Not saved: {MOST_SAVED} are kept at most.", messages.ERROR)
            return HttpResponseRedirect(self._list_address(query))
        self._own(request).update_or_create(
            owner=request.user, list=model_admin.opts.label_lower, name=name, defaults={"query": query}
        )
        model_admin.message_user(request, f"Saved as {name}.", messages.SUCCESS)
        return HttpResponseRedirect(self._list_address(query))

    def open_filter(self, request: HttpRequest, filter_id: int) -> HttpResponse:
        """Anybody's, for whoever sees this list."""
        self._must_see(request)
        row = self._saved().filter(pk=filter_id).first()
        if row is None:
            raise Http404
        return HttpResponseRedirect(self._list_address(row.query))

    def forget_filter(self, request: HttpRequest, filter_id: int) -> HttpResponse:
        """One's own; doing it twice is harmless."""
        self._must_see(request)
        self._own(request).filter(pk=filter_id).delete()
        return HttpResponseRedirect(self._list_address(""))

    # --- CSV ---
    def has_export_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return request.user.has_perm("dashboard.export_list")

    def export(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Everything that the list's address finds, asked first."""
        self._must_see(request)
        if not self.has_export_permission(request):
            raise PermissionDenied
        model_admin: Any = self
        try:
            found = model_admin.get_changelist_instance(request)
        except IncorrectLookupParameters:
            model_admin.message_user(request, "This list cannot be narrowed like that.", messages.ERROR)
            return HttpResponseRedirect(self._list_address(""))
        if request.method == "GET":
            return self._ask_export(request, found)
        who: Any = request.user
        name = str(model_admin.opts.verbose_name_plural)
        narrowed = f", narrowed to {_kept(request.GET.urlencode())}" if request.GET else ""
        note_on_list(model_admin.model, who, f"Took {found.result_count} {name} away as CSV{narrowed}.")
        answer = StreamingHttpResponse(exports.lines(found.queryset), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name.replace(" ", "-")}.csv"'
        return answer

    def _ask_export(self, request: HttpRequest, found: Any) -> HttpResponse:
        model_admin: Any = self
        context = {
            **model_admin.admin_site.each_context(request),
            "title": "Export as CSV",
            "opts": model_admin.opts,
            "count": found.result_count,
            "most": exports.MOST_ROWS,
            "address": request.get_full_path(),
            "back_address": self._list_address(request.GET.urlencode()),
        }
        return TemplateResponse(request, "admin/export_confirm.html", context)

    def _must_see(self, request: HttpRequest) -> None:
        model_admin: Any = self
        if not model_admin.has_view_permission(request):
            raise PermissionDenied

    def _saved(self) -> Any:
        model_admin: Any = self
        return SavedFilter.objects.filter(list=model_admin.opts.label_lower)

    def _own(self, request: HttpRequest) -> Any:
        return self._saved().filter(owner=request.user.pk)

    def _name(self, what: str) -> str:
        model_admin: Any = self
        return f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_{what}"

    def _address(self, what: str, *args: int) -> str:
        return reverse(f"admin:{self._name(what)}", args=args)
