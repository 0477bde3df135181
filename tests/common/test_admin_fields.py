"""A field of a record's page that asks the database does so once, however often the theme reads it."""

from __future__ import annotations

from types import SimpleNamespace

from common.admin import asked_once


class Page:
    def __init__(self) -> None:
        self.asked = 0

    @asked_once
    def field(self, row: SimpleNamespace) -> str:
        self.asked += 1
        return f"{row.name}, asked {self.asked}"


def test_the_same_record_is_asked_about_once():
    page, mug = Page(), SimpleNamespace(name="mug")
    assert [page.field(mug), page.field(mug)] == ["mug, asked 1", "mug, asked 1"]


def test_each_record_has_an_answer_of_its_own():
    page = Page()
    assert [page.field(SimpleNamespace(name=name)) for name in ("mug", "cup")] == ["mug, asked 1", "cup, asked 2"]
