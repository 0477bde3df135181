"""The catalog as a CSV file: a line a variant, with its product's own cells on each of its lines.

A cell is read into what the row keeps (minor units, whole numbers), or into a sentence that says what is wrong with it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db.models import QuerySet

from catalog.models import Variant, currency_code
from catalog.stock import MOST_ON_HAND
from common import csv_cells
from common.forms import MAX_DIGITS, in_minor_units

MOST_LINES = 2000
MOST_CHARACTERS = 1_000_000
NO_PRICE = "none"  # in a price's cell: not for sale in that currency
PRICE = "price "  # and a currency
_MOST_GRAMS = 1_000_000
_WHOLE = re.compile(r"\d{1,10}", re.ASCII)
_DECIMAL = re.compile(r"\d+(\.\d+)?", re.ASCII)
_PAGE = 500


@dataclass(frozen=True)
class Problem:
    """Lines are counted as a spreadsheet does: the head is 1. `column`: '' where it is about the whole line."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class Line:
    """`cells`: {column: value} of the cells that say something; a price's value is minor units, or None for none."""

    number: int
    cells: dict[str, Any]


@dataclass
class File:
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, line: int, column: str, sentence: str) -> None:
        self.problems.append(Problem(line, column, sentence))


# --- what a cell may say --------------------------------------------------------------------------
def _text(limit: int) -> Callable[[str], str]:
    def read_text(cell: str) -> str:
        if len(cell) > limit:
            raise ValidationError(f"At most {limit} characters.")
        return cell

    return read_text


def _slug(cell: str) -> str:
    validate_slug(cell)
    return _text(200)(cell)


def _whole(most: int) -> Callable[[str], int]:
    def read_whole(cell: str) -> int:
        if not _WHOLE.fullmatch(cell) or int(cell) > most:
            raise ValidationError(f"A whole number up to {most}.")
        return int(cell)

    return read_whole


def _yes(cell: str) -> bool:
    if cell not in {"yes", "no"}:
        raise ValidationError("yes or no.")
    return cell == "yes"


COLUMNS: dict[str, Callable[[str], Any]] = {
    "slug": _slug,
    "product": _text(200),
    "description": _text(10_000),
    "product for sale": _yes,
    "sku": _text(64),
    "variant": _text(200),
    "weight grams": _whole(_MOST_GRAMS),
    "for sale": _yes,
    "on hand": _whole(MOST_ON_HAND),
}


def _price(cell: str, currency: str) -> int | None:
    if cell.lower() == NO_PRICE:
        return None
    if not _DECIMAL.fullmatch(cell) or len(cell.partition(".")[0]) > MAX_DIGITS - 3:
        raise ValidationError("An amount like 24.99, without signs of grouping; or none.")
    return in_minor_units(Decimal(cell), currency)


def _value(column: str, cell: str) -> Any:
    """Raises ValidationError."""
    if "\0" in cell:
        raise ValidationError("It has a character that cannot be kept.")
    if column.startswith(PRICE):
        return _price(cell, column.removeprefix(PRICE))
    return COLUMNS[column](cell)


# --- reading --------------------------------------------------------------------------------------
def read(text: str) -> File:
    file = File()
    rows = _rows(text, file)
    head = next(rows, (1, []))[1]
    if not _judge_head(head, file):
        return file
    seen: dict[str, int] = {}
    for number, row in rows:
        if any(row):
            _read_line(number, dict(zip(head, row, strict=False)), len(row) > len(head), seen, file)
    if not file.lines and not file.problems:
        file.complain(1, "", "There is no line below the head.")
    return file


def _rows(text: str, file: File) -> Iterator[tuple[int, list[str]]]:
    """Each with its number; nothing behind what cannot be read, nor behind the last line that is taken."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for row in reader:
            number += 1
            if number > MOST_LINES + 1:
                file.complain(number, "", f"A file has at most {MOST_LINES} lines below its head.")
                return
            yield number, [csv_cells.text_of(cell).strip() for cell in row]
    except csv.Error as error:
        file.complain(number + 1, "", f"This is no CSV: {error}.")


def _judge_head(head: list[str], file: File) -> bool:
    for column in sorted({column for column in head if head.count(column) > 1}):
        file.complain(1, column, "This column is there twice.")
    for column in head:
        if column not in COLUMNS and not _is_price(column):
            file.complain(1, column, "There is no such column.")
    if "sku" not in head:
        file.complain(1, "sku", "This column is needed: it says which variant a line is about.")
    return not file.problems


def _is_price(column: str) -> bool:
    try:
        currency_code(column.removeprefix(PRICE))
    except ValidationError:
        return False
    return column.startswith(PRICE)


def _read_line(number: int, row: dict[str, str], is_too_long: bool, seen: dict[str, int], file: File) -> None:
    if is_too_long:
        file.complain(number, "", "This line has more cells than the head.")
    sku = row.get("sku", "")
    if not sku:
        file.complain(number, "sku", "Which variant is this line about?")
    elif sku in seen:
        file.complain(number, "sku", f"{sku} was in line {seen[sku]} already.")
    seen.setdefault(sku, number)
    file.lines.append(Line(number, dict(_cells(number, row, file))))


def _cells(number: int, row: dict[str, str], file: File) -> Iterator[tuple[str, Any]]:
    """An empty cell says nothing: what it is about stays as it is."""
    for column, cell in row.items():
        if not cell:
            continue
        try:
            yield column, _value(column, cell)
        except ValidationError as error:
            file.complain(number, column, " ".join(error.messages))


# --- writing --------------------------------------------------------------------------------------
def write(variants: QuerySet[Variant], currencies: Iterable[str]) -> Iterator[str]:
    """The file, a line at a time; read again at once, it changes nothing."""
    priced = tuple(currencies)
    yield from csv_cells.lines([[*COLUMNS, *(PRICE + currency for currency in priced)]])
    for variant in _by_page(variants):
        yield from csv_cells.lines([_written(variant, priced)])


def _by_page(variants: QuerySet[Variant]) -> Iterator[Variant]:
    ordered = variants.select_related("product", "stock").prefetch_related("prices").order_by("pk")
    last = 0
    while page := list(ordered.filter(pk__gt=last)[:_PAGE]):
        yield from page
        last = page[-1].pk


def _written(variant: Variant, currencies: tuple[str, ...]) -> list[object]:
    product = variant.product
    prices = {price.currency: csv_cells.amount(price.amount, price.currency) for price in variant.prices.all()}
    stock = getattr(variant, "stock", None)
    return [
        *(product.slug, product.name, product.description, _as_word(product.is_active)),
        *(variant.sku, variant.name, variant.weight_grams, _as_word(variant.is_active)),
        stock.on_hand if stock else 0,
        *(prices.get(currency, "") for currency in currencies),
    ]


def _as_word(is_so: bool) -> str:
    return "yes" if is_so else "no"
