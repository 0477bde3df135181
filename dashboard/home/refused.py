"""The home page's table of what shoppers were refused: each figure opens the carts it counts."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString

from analytics import definitions, refused, rows
from analytics.definitions import Period
from common.admin import link_to_list, table


@dataclass(frozen=True)
class Refusals:
    """`table`: '' where nobody was refused anything."""

    title: str
    definition: str
    table: SafeString | str


def refusals(period: Period) -> Refusals:
    lines = [
        (
            found.kind.label,
            link_to_list(f"{found.carts:,}", rows.refused(period, found.kind)),
            link_to_list("Not bought so far", rows.refused(period, found.kind, are_unbought=True)),
        )
        for found in refused.counted(period)
    ]
    shown = table(("What", "Carts", "Of them"), lines) if lines else ""
    return Refusals("What shoppers were refused", definitions.REFUSED, shown)
