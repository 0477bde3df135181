"""Cells of CSV files that people open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from csv import writer
from datetime import datetime

from common.money import exponent, to_major

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> str:
    """As text; what a spreadsheet would take for a formula gets an apostrophe before it, whoever wrote it."""
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if _is_formula(text) else text


def text_of(cell: str) -> str:
    """What `cell` was made of."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell[1:]) else cell


def _is_formula(text: str) -> bool:
    """Also behind spaces, and behind apostrophes: so that none that was there before is ever taken off."""
    return text.lstrip(" '").startswith(_BEGINS_A_FORMULA)


def amount(minor: int, currency: str) -> str:
    """Minor units as an exact decimal of the currency's places: 2499 USD -> "24.99". Never an exponent, no signs of
    grouping; its currency stands in a cell of its own."""
    return f"{to_major(minor, currency):.{exponent(currency)}f}"


class _Line:
    """What csv writes to: it keeps nothing but the newest line."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV, a line at a time as the rows come."""
    line = _Line()
    out = writer(line)
    for row in rows:
        out.writerow([cell(value) for value in row])
        yield line.text
