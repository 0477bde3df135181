"""What shoppers were refused, in the merchant's words, and the list of carts on which something was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import is_naive, now

from carts.models import Cart, Refusal
from common import moments
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


class RefusedFilter(SimpleListFilter):
    """Carts on which something of a kind was refused, first in the time from `refused_from` to `refused_until`, or
    lately: of all times they may be too many to be added up while somebody waits."""

    title = f"refused in {LATELY.days} days"
    parameter_name = "refused"
    _times = {"refused_from": "first_at__gte", "refused_until": "first_at__lt"}

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self._times:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name, *self._times]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(kind.value, str(kind.label)) for kind in Refusal.Kind]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Each without the time that a figure's address brought along."""
        value, own = self.value(), self.expected_parameters()
        yield {"selected": value is None, "query_string": changelist.get_query_string(remove=own), "display": "All"}
        for kind, name in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: kind}, remove=[*self._times])
            yield {"selected": value == kind, "query_string": query, "display": name}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cart]) -> QuerySet[Cart]:  # noqa: ARG002
        kind = self.value()
        if not kind:
            return queryset
        if kind not in Refusal.Kind:
            raise IncorrectLookupParameters(kind)
        given = {name: _moment(self.used_parameters[name]) for name in self._times if name in self.used_parameters}
        times = {self._times[name]: moment for name, moment in given.items()} or {"first_at__gte": now() - LATELY}
        return queryset.filter(Exists(Refusal.objects.filter(cart=OuterRef("pk"), kind=kind, **times)))


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        if moment is None or is_naive(moment):
            raise IncorrectLookupParameters(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise IncorrectLookupParameters(error) from error
