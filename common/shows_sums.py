"""Above a list what all of its rows come to, by currency: so a figure that leads to the list can be held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse

from common.admin import CappedCount
from common.templatetags.shop import money

ListSum = tuple[str, list[tuple[str, int]]]  # what it is the sum of, and [(currency, minor units)]


def summed(rows: QuerySet[Any], name: str) -> list[tuple[str, int]]:
    """[(currency, minor units)] of an amount of their own."""
    sums = rows.order_by().values_list("currency").annotate(amount=Sum(name))
    return sorted((currency, int(amount)) for currency, amount in sums)


class ShowsSums:
    """Of an admin. Where more than COUNT_CAP rows are found nothing is said: a list has to stay quick."""

    list_before_template = "admin/list_sums.html"
    sums_title = ""

    def sums_of(self, rows: QuerySet[Any]) -> list[tuple[str, int]]:
        """[(currency, minor units)] of all these rows."""
        raise NotImplementedError

    def all_sums(self, rows: QuerySet[Any], narrowed: Mapping[str, Sequence[str]]) -> list[ListSum]:  # noqa: ARG002
        return [(self.sums_title, self.sums_of(rows))]

    def has_sums(self, narrowed: Mapping[str, Sequence[str]]) -> bool:
        """Of a list that is narrowed like that: {parameter of its address: values}. The last value counts."""
        return bool(narrowed)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: Any = super().changelist_view(request, extra_context)  # type: ignore[misc]
        found = getattr(answer, "context_data", None) or {}
        if "cl" in found and self._adds_up(found["cl"]):
            shown = found["cl"]
            found["sums"] = [
                (title, ", ".join(money(amount, currency) for currency, amount in sums) or "-")
                for title, sums in self.all_sums(shown.queryset, shown.get_filters_params())
            ]
        return answer

    def _adds_up(self, shown: Any) -> bool:
        return self.has_sums(shown.get_filters_params()) and not isinstance(shown.result_count, CappedCount)
