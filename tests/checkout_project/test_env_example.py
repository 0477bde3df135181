"""`.env.example` names exactly what is read, and marks what is not read yet."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

READ = re.compile(r"env\.[a-z_]+\(\s*\"([A-Z_]+)\"")
NAMED = re.compile(r"^([A-Z_]+)=", re.MULTILINE)
RESERVED = "=== Reserved"


def names() -> tuple[set[str], set[str], set[str]]:
    """(read by the settings, named as read, named as reserved)"""
    root = Path(settings.ROOT)
    read = set(READ.findall((root / "checkout_project" / "settings.py").read_text()))
    now, _, later = (root / ".env.example").read_text().partition(RESERVED)
    return read, set(NAMED.findall(now)), set(NAMED.findall(later))


def test_every_variable_that_is_read_is_listed():
    read, now, _ = names()
    assert read == now


def test_no_reserved_variable_is_read_already():
    read, _, later = names()
    assert read & later == set()


def test_the_file_as_it_is_changes_nothing():
    """Every line repeats the default or is empty."""
    lines = (Path(settings.ROOT) / ".env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if NAMED.match(line))
    assert {name: given[name] for name in ("PORT", "DATA_DIR", "DEBUG", "DEMO")} == {
        "PORT": "8000",
        "DATA_DIR": "var",
        "DEBUG": "0",
        "DEMO": "",
    }
    assert [int(part) for part in given["RECONCILE_DELAYS_SECONDS"].split(",")] == settings.RECONCILE_DELAYS_SECONDS
    assert given["SHOP_NAME"] == settings.SHOP_NAME
