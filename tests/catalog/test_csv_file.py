"""The catalog as a file: what a cell may say, and that every line that cannot be read says why."""

from __future__ import annotations

import csv

import pytest

from catalog.csv_file import MOST_LINES, read, write
from catalog.importing import plan
from catalog.models import Price, Product, Variant
from common import csv_cells
from tests.factories import demo_shirt

HEAD = "sku,variant,price USD,price JPY,on hand,weight grams,for sale,slug"


def problems(text: str) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.sentence) for each in read(text).problems]


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("price USD", "24.99", 2499),
        ("price USD", "0", 0),
        ("price USD", "none", None),
        ("price USD", "123456789.01", 12345678901),
        ("price JPY", "2500", 2500),
        ("price KWD", "1.234", 1234),
        ("on hand", "0", 0),
        ("for sale", "no", False),
        ("variant", "'=1+1", "=1+1"),
        ("variant", '"a ""quoted"" name"', 'a "quoted" name'),
    ],
)
def test_a_cell_is_what_the_row_keeps(column, cell, value):
    file = read(f"sku,{column}\nA,{cell}\n")
    assert file.problems == []
    assert file.lines[0].cells == {"sku": "A", column: value}


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("price USD", "24.999", "at most 2 decimals"),
        ("price JPY", "25.5", "no decimals"),
        ("price USD", "-1", "An amount like"),
        ("price USD", '"1,000.00"', "An amount like"),
        ("price USD", "1e3", "An amount like"),
        ("price USD", "NaN", "An amount like"),
        ("price USD", "٣", "An amount like"),
        ("price USD", "9" * 40, "An amount like"),
        ("on hand", "-1", "A whole number"),
        ("on hand", "1.5", "A whole number"),
        ("on hand", "9" * 12, "A whole number"),
        ("on hand", "²", "A whole number"),
        ("for sale", "true", "yes or no"),
        ("slug", "a b", "valid"),
        ("variant", "x" * 201, "At most 200"),
        ("variant", "a\0b", "cannot be kept"),
    ],
)
def test_a_cell_that_cannot_be_says_why(column, cell, said):
    ((line, where, sentence),) = problems(f"sku,{column}\nA,{cell}\n")
    assert (line, where) == (2, column)
    assert said in sentence


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "is needed"),
        ("sku\n", 1, "no line below"),
        ("slug\na\n", 1, "is needed"),
        ("sku,price usd\n", 1, "no such column"),
        ("sku,price\n", 1, "no such column"),
        ("sku,sku\nA,B\n", 1, "twice"),
        ("sku\nA\nB,more\n", 3, "more cells"),
        ("sku,slug\n,a\n", 2, "Which variant"),
        ("sku\nA\nA\n", 3, "was in line 2 already"),
        ('sku\n"A\n', 2, "no CSV"),
        ("sku\n" + "x" * 200_000 + "\n", 2, "no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text, line, said):
    found = problems(text)
    assert any(number == line and said in sentence for number, _, sentence in found), found


def test_a_file_that_is_too_long_says_so():
    text = "sku\n" + "".join(f"A{number}\n" for number in range(MOST_LINES + 1))
    assert problems(text)[0][2] == f"A file has at most {MOST_LINES} lines below its head."


def test_every_problem_of_a_file_is_told_at_once():
    assert len(problems(f"{HEAD}\nA,,x,x,x,x,x,a b\nB,,x,x,x,x,x,a b\n")) == 12


def test_what_was_written_is_read_again_and_changes_nothing(db):
    shirt = demo_shirt(on_hand=10)
    Product.objects.update(name="=1+1", description='Two lines,\r\nand a "quote" ')
    Variant.objects.filter(pk=7).update(name="'=x")
    Price.objects.create(variant_id=8, currency="JPY", amount=2500)
    text = "".join(write(Variant.objects.all(), ["USD", "EUR", "JPY"]))
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert [(row["sku"], row["price USD"], row["price JPY"]) for row in rows] == [
        ("TS-BL-M", "24.99", ""),
        ("TS-BL-L", "24.99", "2500"),
    ]
    assert rows[0]["product"] == "'=1+1"
    made = plan(text.replace("\r\n", "\n"))
    assert (made.file.problems, made.changes) == ([], []), shirt


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "plain", "'plain", " =1", "' =1", "", "'", "-"])
def test_a_cell_is_what_it_was_made_of(text):
    assert csv_cells.text_of(csv_cells.cell(text)) == text
