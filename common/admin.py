"""What the merchant's pages share: rows that can only be looked at, amounts with their currency, and lists that stay
quick however long the table gets (a count that stops, a search that only uses indexes, no sorting by just anything)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.paginator import Paginator
from django.db import connection, models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from common.addresses import FIELDS
from common.money import MINUS
from common.templatetags.shop import money

COUNT_CAP = 10_000
_LAST_CHARACTER = "\U0010ffff"
_MAX_ID = 2**63 - 1


# --- showing --------------------------------------------------------------------------------------
def money_column(name: str, title: str, *, currency: str = "currency") -> Callable[[Any, Any], str]:
    """A column of an amount in minor units; `currency` may walk: "cart__currency"."""

    @display(description=title)
    def column(self: Any, row: Any) -> str:  # noqa: ARG001 - called as a method of the admin
        return money(getattr(row, name), _walked(row, currency))

    return column


def off_column(name: str, title: str, *, currency: str = "currency") -> Callable[[Any, Any], str]:
    """The same of what is taken off: with a minus, as the shopper reads it."""

    @display(description=title)
    def column(self: Any, row: Any) -> str:  # noqa: ARG001
        amount = getattr(row, name)
        return f"{MINUS if amount else ''}{money(amount, _walked(row, currency))}"

    return column


def _walked(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = getattr(row, step)
    return row


def status_column(colors: Mapping[Any, str], *, title: str = "Status") -> Callable[[Any, Any], str]:
    """The row's `status` as a colored label; {status: success | info | warning | danger}."""

    @display(description=title, label=dict(colors))
    def column(self: Any, row: Any) -> str:  # noqa: ARG001
        return str(row.status)

    return column


def asked_once(method: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A field that asks the database: the theme reads each field of a record's page some five times. The answer is kept
    with the record, which lives as long as the page."""

    @functools.wraps(method)
    def field(self: Any, row: Any) -> Any:
        kept = row.__dict__.setdefault("_asked_once", {})
        if method.__name__ not in kept:
            kept[method.__name__] = method(self, row)
        return kept[method.__name__]

    return field


def link_to(row: models.Model | None, text: str = "") -> SafeString | str:
    """A link to the row's own page, or a dash."""
    if row is None:
        return "-"
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    looks = "text-primary-600 whitespace-nowrap dark:text-primary-500"
    return format_html('<a href="{}" class="{}">{}</a>', address, looks, text or row)


def link_to_list(text: object, address: str) -> SafeString:
    """A figure as a link to the rows it counts."""
    return format_html('<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', address, text)


def tab(title: str, *fields: object) -> tuple[str, dict[str, Any]]:
    """A part of a page behind a tab."""
    return title, {"fields": fields, "classes": ("tab",)}


def sight(request: HttpRequest) -> Callable[[str], bool]:
    """May they open the list of such rows: `orders.order`?"""

    def may_see(label: str) -> bool:
        app, model = label.split(".")
        return any(request.user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change"))

    return may_see


def address_lines(address: Mapping[str, str]) -> SafeString | str:
    """A postal address, one line each, or a dash."""
    lines = [(address[name],) for name in FIELDS if address.get(name)]
    return format_html_join(SafeString("<br>"), "{}", lines) or "-"


def table(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> SafeString:
    """A small table inside a page."""
    return render_to_string("admin/small_table.html", {"headers": list(headers), "rows": [list(row) for row in rows]})


# --- counting and searching -----------------------------------------------------------------------
class CappedCount(int):
    """A cap's rows or more: counts like the cap, reads "10,000+"."""

    def __str__(self) -> str:
        return f"{int(self):,}+"

    __html__ = __str__


def several(count: int, one: str, many: str) -> str:
    """1 mail; 2,024 mails; of a CappedCount 10,000+ mails."""
    number = str(count) if isinstance(count, CappedCount) else f"{count:,}"
    return f"{number} {one if count == 1 else many}"


class CappedPaginator(Paginator):
    """Counts to `most`, else COUNT_CAP, and no further; beyond it the list is to be filtered, not leafed through."""

    most: int | None = None

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return counted(rows, most=self.most)


def counted(rows: QuerySet[Any], *, most: int | None = None) -> int:
    """How many, to `most`, else COUNT_CAP, and no further. One query."""
    most = most or COUNT_CAP
    found = rows.order_by().values("pk")[: most + 1].count()
    return CappedCount(most) if found > most else found


def begins_with(field: str, term: str) -> Q:
    """`field` begins with `term` as typed or in small letters, in a form each database can answer from an index."""
    found = Q()
    for text in {term, term.lower()}:
        if connection.vendor == "sqlite":
            found |= Q(**{f"{field}__gte": text, f"{field}__lt": text + _LAST_CHARACTER})
        else:
            found |= Q(**{f"{field}__startswith": text})
    return found


class BoundedListMixin:
    """A list of a table that grows without end. What was typed decides where to look: a number is an id, a UUID one
    of `uuid_fields`, anything else is found by `text_condition`."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_disable_select_all = True
    list_per_page = 50
    sortable_by: ClassVar[tuple[str, ...]] = ("id",)
    uuid_fields: ClassVar[tuple[str, ...]] = ()
    exact_fields: ClassVar[tuple[str, ...]] = ()
    prefix_fields: ClassVar[tuple[str, ...]] = ()

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Raises IncorrectLookupParameters, which is answered with the whole list, also for what no database can be
        asked about: a zero byte, a moment before the first year."""
        chosen = [text for name, texts in request.GET.lists() if name != SEARCH_VAR for text in texts]
        if any("\0" in text for text in chosen):
            raise IncorrectLookupParameters
        try:
            return super().get_changelist_instance(request)  # type: ignore[misc]
        except OverflowError:
            raise IncorrectLookupParameters from None

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Not used to search: they make the search box appear."""
        return (*self.exact_fields, *self.prefix_fields, *self.uuid_fields)

    def text_condition(self, term: str) -> Q:
        found = Q()
        for field in self.exact_fields:
            found |= Q(**{field: term})
        for field in self.prefix_fields:
            found |= begins_with(field, term)
        return found

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()[:200]
        return (queryset.filter(self.condition(term)) if term else queryset), False

    def condition(self, term: str) -> Q:
        """Of what was typed."""
        number = term.removeprefix("#")
        if number.isascii() and number.isdigit():
            return Q(pk=min(int(number[:20]), _MAX_ID))
        key = _uuid(term)
        if key is not None and self.uuid_fields:
            found = Q()
            for field in self.uuid_fields:
                found |= Q(**{field: key})
            return found
        return self.text_condition(term) or Q(pk__in=[])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- looking without touching ---------------------------------------------------------------------
class _NobodyTouches:
    """Nobody adds, changes or deletes, superusers included."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False


class ReadOnlyAdmin(_NobodyTouches, BoundedListMixin, ModelAdmin):
    """Rows that the system writes. An act on them is an action, permitted by `change_<model>` ("act")."""

    folds_details = True  # on a phone what is behind tabs begins folded

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        """Without a choice of its own a page shows every column; no form is built for what nobody fills in."""
        return self.fields or [field.name for field in self.model._meta.concrete_fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return (*self.readonly_fields, *(field.name for field in self.model._meta.concrete_fields))

    def has_act_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        label, name = self.model._meta.app_label, self.model._meta.model_name
        return request.user.has_perm(f"{label}.change_{name}")


class EditedInline(TabularInline):
    """Rows that are typed into. Their labels are the headings of the table, which a phone and a screen reader do not
    have: each field says its own."""

    extra = 0
    hide_title = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)

        class WithNames(formset):
            def add_fields(self, form: Any, index: int | None) -> None:
                super().add_fields(form, index)
                for name, field in form.fields.items():
                    field.widget.attrs.setdefault("aria-label", str(field.label or name))

        return WithNames


class ReadOnlyInline(_NobodyTouches, TabularInline):
    """Parts of a row that only exist with it: who may see the whole may see them."""

    template = "admin/edit_inline/folding.html"
    extra = 0
    can_delete = False
    hide_title = True
    follows_parent = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the whole that each is a part of: a column may speak of it, and no row asks for it by itself."""
        wholes = [field.name for field in self.model._meta.fields if field.related_model is self.parent_model]
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(*wholes) if wholes else rows

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        if not self.follows_parent:
            return super().has_view_permission(request, obj)
        label, name = self.parent_model._meta.app_label, self.parent_model._meta.model_name
        user = request.user
        return user.has_perm(f"{label}.view_{name}") or user.has_perm(f"{label}.change_{name}")
