"""Card data that can be told from everything else, and a search for it in all that a shop keeps or writes."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core import mail
from django.db import connections

from common.logs import Lines

CVV = "7391"
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])(?:[ .\-_+\u00a0]|%20)+(?=[0-9])")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CVV = re.compile(rf"(?<![0-9A-Za-z.]){CVV}(?![0-9A-Za-z])")


class Cards:
    """Another number for each place, so that one that is found says where it was sent: `places[number]`."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def new(self, place: str) -> str:
        body = f"453957{len(self.places):09d}"
        doubled = (sum(divmod(2 * int(digit), 10)) for digit in body[-1::-2])
        number = f"{body}{-(sum(map(int, body[-2::-2])) + sum(doubled)) % 10}"
        self.places[number] = place
        return number

    def found_in(self, text: str, where: str) -> list[str]:
        plain = _BETWEEN_DIGITS.sub("", text)
        found = [f"{self.places[number]}: {where}" for number in re.findall(r"453957[0-9]{10}", plain)
                 if number in self.places]  # fmt: skip
        return found + ([f"cvv: {where}"] if _CVV.search(_UUID.sub("", text)) else [])

    def found_anywhere(self, log: str) -> list[str]:
        """In every column of every table, in the log, in the mails."""
        places = [*_rows(), *((f"log: {line[:200]}", line) for line in log.splitlines())]
        places += [(f"mail to {message.to}", str(message.message())) for message in mail.outbox]
        return [found for where, text in places for found in self.found_in(text, where)]


def _rows() -> Iterator[tuple[str, str]]:
    """(table and column, value as text) of everything that is stored."""
    for connection in connections.all():
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                names = [column[0] for column in cursor.description or ()]
                for row in cursor.fetchall():
                    held = zip(names, row, strict=True)
                    yield from ((f"{table}.{name}", _text(value)) for name, value in held if not _counts(name, value))


def _counts(name: str, value: Any) -> bool:
    """A row's own number, or another row's: one of them is the security code, sooner or later."""
    return isinstance(value, int) and (name == "id" or name.endswith("_id"))


def _text(value: Any) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


@contextmanager
def whole_log() -> Iterator[io.StringIO]:
    """All that is logged, as the shop writes its lines."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(_formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield written
    finally:
        root.removeHandler(handler)


def _formatter() -> logging.Formatter:
    """The one that the settings name."""
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    return next(formatter for formatter in formatters if isinstance(formatter, Lines))
