"""A postal address: six texts, the same names everywhere."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS = ("address_line1", "address_line2", "city", "state", "postal_code", "country")
REQUIRED = ("address_line1", "city", "country")

Address = dict[str, str]


def clean(values: Mapping[str, str] | None) -> Address:
    """All six fields, absent ones as ''; other keys are dropped."""
    values = values or {}
    return {name: values.get(name, "").strip() for name in FIELDS}


def is_given(address: Mapping[str, str]) -> bool:
    return all(address.get(name) for name in REQUIRED)
