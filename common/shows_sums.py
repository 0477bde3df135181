"""Above a list what all of its rows come to, by currency: so a figure that leads to the list can be held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from common.admin import CappedCount
from common.templatetags.shop import money


class ShowsSums:
    """Of an admin. Where more than COUNT_CAP rows are found nothing is said: a list has to stay quick."""

    list_before_template = "admin/list_sums.html"
    sums_title = ""

    def sums_of(self, rows: QuerySet[Any]) -> list[tuple[str, int]]:
        """[(currency, minor units)] of all these rows."""
        raise NotImplementedError

    def has_sums(self, narrowed: Mapping[str, Sequence[str]]) -> bool:
        """Of a list that is narrowed like that: {parameter of its address: values}. The last value counts."""
        return bool(narrowed)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer: Any = super().changelist_view(request, extra_context)  # type: ignore[misc]
        found = getattr(answer, "context_data", None) or {}
        if "cl" in found and self._adds_up(found["cl"]):
            sums = self.sums_of(found["cl"].queryset)
            said = ", ".join(money(amount, currency) for currency, amount in sums)
            found |= {"sums": said or "-", "sums_title": self.sums_title}
        return answer

    def _adds_up(self, shown: Any) -> bool:
        return self.has_sums(shown.get_filters_params()) and not isinstance(shown.result_count, CappedCount)
