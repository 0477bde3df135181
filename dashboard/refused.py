"""What shoppers were refused, in the merchant's words, and the list of carts on which something was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import is_naive, now
from unfold.decorators import display

from carts.models import Cart, Refusal
from common import moments
from common.admin import CappedPaginator
from common.errors import ErrorCode
from common.templatetags.shop import country

LATELY = timedelta(days=30)

_WHY_NO_CODE = {
    "unknown": "there is none like it",
    "not_yet": "not valid yet",
    "expired": "it has ended",
    "used_up": "it is used up",
    "below_minimum": "the basket was too small for it",
}


def _code(refusal: Refusal) -> str:
    return f"code {refusal.subject}: {_WHY_NO_CODE.get(refusal.reason, 'not valid')}"


_SAID: dict[str, Callable[[Refusal], str]] = {
    ErrorCode.DISCOUNT_INVALID: _code,
    ErrorCode.DISCOUNT_GONE: lambda refusal: f"code {refusal.subject}: used up when the order was placed",
    ErrorCode.NOT_ENOUGH_STOCK: lambda refusal: f"{refusal.subject}: not enough in stock",
    ErrorCode.SOLD_OUT: lambda refusal: f"{refusal.subject}: not enough left when the order was placed",
    ErrorCode.VARIANT_NOT_FOR_SALE: lambda refusal: f"{refusal.subject}: not for sale",
    ErrorCode.SHIPPING_METHOD_NOT_FOUND: lambda refusal: f"shipping to {country(refusal.subject)}",
    ErrorCode.TOTAL_CHANGED: lambda _: "the order: its total had changed since it was shown",
    ErrorCode.TOO_MANY_DECLINES: lambda _: "another payment: too many were declined",
}


def words(refusal: Refusal) -> str:
    """What was wanted, and why not; the same for as long as the row is there."""
    return _SAID[refusal.code](refusal)


def again(refusal: Refusal) -> str:
    """'' of what was met once."""
    return f"{refusal.times} times, last {moments.written(refusal.last_at)}" if refusal.times > 1 else ""


def lines(cart: Cart) -> SafeString:
    """All that was refused on a cart, oldest first, '' where nothing was. One query."""
    said = [(" · ".join(filter(None, (words(row), again(row)))),) for row in cart.refusals.order_by("first_at", "id")]
    return format_html_join(SafeString("<br>"), "{}", said)


class ShortPaginator(CappedPaginator):
    """Which of so many carts are bought, say, only each cart can tell."""

    most = 2_000


class TellsRefusals:
    """Of the list of carts: where it is narrowed to refusals, what was refused in place of the last activity."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = list(super().get_list_display(request))  # type: ignore[misc]
        if RefusedFilter.parameter_name in request.GET:
            columns[columns.index("last_activity_at")] = "was_refused"
        return columns

    def get_paginator(self, request: HttpRequest, queryset: QuerySet[Cart], per_page: int, *args: Any) -> Paginator:
        if RefusedFilter.parameter_name in request.GET:
            return ShortPaginator(queryset, per_page, *args)
        found: Paginator = super().get_paginator(request, queryset, per_page, *args)  # type: ignore[misc]
        return found

    def has_sums(self, narrowed: Mapping[str, Sequence[str]]) -> bool:
        """Not of these: the figure that leads here counts carts, and adding up their worth reads each of them."""
        shown: bool = super().has_sums(narrowed)  # type: ignore[misc]
        return shown and RefusedFilter.parameter_name not in narrowed

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        rows: QuerySet[Cart] = super().get_queryset(request)  # type: ignore[misc]
        return rows.prefetch_related("refusals") if RefusedFilter.parameter_name in request.GET else rows

    @display(description="Refused")
    def was_refused(self, cart: Cart) -> SafeString:
        return format_html_join(SafeString("<br>"), "{}", ((words(row),) for row in cart.refusals.all()))


class RefusedFilter(SimpleListFilter):
    """Carts on which something of a kind was refused, first in the time from `refused_from` to `refused_until`, or
    lately: of all times they may be too many to be added up while somebody waits."""

    title = f"refused in the last {LATELY.days} days"
    parameter_name = "refused"
    _times = {"refused_from": "first_at__gte", "refused_until": "first_at__lt"}

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self._times:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]
        times = self._given()
        if len(times) == len(self._times):
            self.title = "refused from {} to {}".format(*map(moments.written, times.values()))

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name, *self._times]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(kind.value, str(kind.label)) for kind in Refusal.Kind]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Each kind in the time that a figure's address brought along; all of them without it."""
        value, own = self.value(), self.expected_parameters()
        yield {"selected": value is None, "query_string": changelist.get_query_string(remove=own), "display": "All"}
        for kind, name in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: kind})
            yield {"selected": value == kind, "query_string": query, "display": name}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cart]) -> QuerySet[Cart]:  # noqa: ARG002
        kind = self.value()
        if not kind:
            return queryset
        if kind not in Refusal.Kind:
            raise IncorrectLookupParameters(kind)
        times = self._given() or {"first_at__gte": now() - LATELY}
        return queryset.filter(Exists(Refusal.objects.filter(cart=OuterRef("pk"), kind=kind, **times)))

    def _given(self) -> dict[str, datetime]:
        """The conditions of the address, the earlier first. Raises IncorrectLookupParameters."""
        given = self.used_parameters
        return {lookup: _moment(given[name]) for name, lookup in self._times.items() if name in given}


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        if moment is None or is_naive(moment):
            raise IncorrectLookupParameters(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters(error) from error
