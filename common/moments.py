"""How staff is told a moment inside a sentence or a table of our own: as lists and pages write it."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


def written(moment: datetime | None) -> str:
    """28 Nov 2026, 01:00, in the shop's time zone; a dash where there was none."""
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else "-"
