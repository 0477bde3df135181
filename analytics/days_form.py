"""From which day to which, as merchants choose it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminDateWidget

MOST_DAYS = 366


class DaysForm(forms.Form):
    first = forms.DateField(label="From", widget=UnfoldAdminDateWidget)
    last = forms.DateField(label="To", widget=UnfoldAdminDateWidget)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not (date(1970, 1, 2) <= first <= last <= date(9000, 1, 1)):
            raise forms.ValidationError("The first day must not be after the last.")
        if first and last and (last - first).days >= MOST_DAYS:
            raise forms.ValidationError(f"At most {MOST_DAYS} days at once.")
        return given
