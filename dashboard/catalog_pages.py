"""The pages of products and variants with what staff does there: stock moved with a reason, the catalog as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget

from catalog import csv_file, importing
from catalog.admin import ProductAdmin, VariantAdmin, currencies_of
from catalog.models import Variant
from common.admin import several
from common.errors import DomainError
from dashboard import acts
from dashboard.act_forms import AdjustStockForm
from dashboard.pressing import Presses, asks, may
from dialects.staff_sentences import told_to_staff

IMPORTS = tuple(
    f"catalog.{verb}_{model}"
    for verb, model in (
        *(("add", "product"), ("change", "product"), ("add", "variant"), ("change", "variant")),
        *(("add", "price"), ("change", "price"), ("delete", "price"), ("change", "stock")),
    )
)
SHOWN = 500  # changes and problems on the page; the count says how many there are
_TOO_LONG = f"A file has at most {csv_file.MOST_CHARACTERS:,} characters."


class VariantPage(Presses, VariantAdmin):
    actions_detail = ("adjust_stock",)

    has_change_stock_permission = may("catalog.change_stock")

    @action(
        description="Adjust stock",
        permissions=["change_stock"],
        url_path="adjust-stock",
        dialog=asks("Adjust stock", "Never below what is promised to orders.", AdjustStockForm),
    )
    def adjust_stock(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        given = form.cleaned_data

        def act(variant: Variant) -> str:
            row, is_new = acts.adjust_stock(
                variant,
                pieces=given["pieces"],
                reason=given["reason"],
                words=given["note"],
                wish=form.wish,
                by=request.user,  # type: ignore[arg-type]
            )
            done = f"{row.on_hand_after} are on hand."
            return done if is_new else "That was done already: nothing has changed."

        return self.press(request, form, object_id, act)


# --- the catalog as a file ------------------------------------------------------------------------
class FileForm(forms.Form):
    file = forms.FileField(label="CSV file", required=False, widget=UnfoldAdminFileFieldWidget)
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)  # of the file that was looked at
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)  # the plan that was shown

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            text = _decoded(given["file"]) if given.get("file") else given["text"]
            if not text.strip():
                raise forms.ValidationError("Choose a file with something in it.")
            if len(text) > csv_file.MOST_CHARACTERS:
                raise forms.ValidationError(_TOO_LONG)
            given["text"] = text.replace("\r\n", "\n").replace("\r", "\n")  # a form sends other line ends than it got
        return given


def _decoded(file: Any) -> str:
    if file.size > 4 * csv_file.MOST_CHARACTERS:
        raise forms.ValidationError(_TOO_LONG)
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise forms.ValidationError("The file is not in UTF-8: save it as CSV UTF-8.") from error


class ProductPage(ProductAdmin):
    actions_list = ("import_csv", "export_csv")

    def has_import_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        """Whatever a line may do is to be permitted, or the page would have to say which of them are not."""
        return request.user.has_perms(IMPORTS)

    has_export_permission = may("dashboard.export_list")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(require_http_methods(["GET", "POST"])(self.import_page)), name="catalog_import"),
            path("export/", view(require_safe(self.export_page)), name="catalog_export"),
            *super().get_urls(),
        ]

    @action(description="Import CSV", permissions=["import"], url_path="to-import")
    def import_csv(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        return HttpResponseRedirect(reverse("admin:catalog_import"))

    @action(description="Export CSV", permissions=["export"], url_path="to-export")
    def export_csv(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        return HttpResponseRedirect(reverse("admin:catalog_export"))

    def export_page(self, request: HttpRequest) -> StreamingHttpResponse:
        if not self.has_export_permission(request) or not self.has_view_permission(request):
            raise PermissionDenied
        lines = csv_file.write(Variant.objects.all(), currencies_of(request))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="catalog.csv"'
        return answer

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """A file is looked at first; the page that shows what it would do carries it on to be done."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
        if not form.is_bound or not form.is_valid():
            return self._show(request, form, None)
        text, seen = form.cleaned_data["text"], form.cleaned_data["seen"]
        if not seen:
            return self._show(request, form, importing.plan(text))
        return self._carry_out(request, form, text, seen)

    def _carry_out(self, request: HttpRequest, form: FileForm, text: str, seen: str) -> HttpResponse:
        who: Any = request.user
        try:
            plan, is_done = acts.import_catalog(text, seen=seen, by=who)
        except DomainError as error:
            self.message_user(request, told_to_staff(error), messages.ERROR)
            return self._show(request, form, importing.plan(text))
        if is_done:
            done = several(len(plan.changes), "change is", "changes are")
            self.message_user(request, f"{done} done.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:catalog_product_changelist"))
        if plan.can_be_done:
            said = "The shop has changed since you looked: nothing was done. This is what the file would do now."
            self.message_user(request, said, messages.WARNING)
        return self._show(request, form, plan)

    def _show(self, request: HttpRequest, form: FileForm, plan: importing.Plan | None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "Import the catalog",
            "form": form,
            "plan": plan,
            "text": form.cleaned_data.get("text", "") if plan else "",
            "problems": plan.file.problems[:SHOWN] if plan else [],
            "changes": plan.changes[:SHOWN] if plan else [],
            "columns": [*csv_file.COLUMNS, "price USD"],
            "most_lines": csv_file.MOST_LINES,
        }
        return TemplateResponse(request, "admin/catalog_import.html", context)
