"""How far one checkout came, by the conditions that the funnel counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, QuerySet, Value, When

from analytics.definitions import STEPS
from checkouts.models import Checkout


def passed(checkouts: QuerySet[Checkout]) -> dict[str, bool]:
    """{step: whether the newest of them passed it}; {} where there is none. One query."""
    answers = {name: Case(When(condition, then=True), default=False) for name, condition in STEPS.items() if condition}
    newest: Mapping[str, Any] | None = checkouts.order_by("-id").values(**answers, begun=Value(True)).first()
    return {name: bool(newest[name]) for name in STEPS} if newest else {}
