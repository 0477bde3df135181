"""How many of something, as staff reads it: one is one, several are several, and nobody is left to choose."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.admin import COUNT_CAP, CappedCount, several

ROOT = Path(__file__).parents[2]
NOT_SHOWN = {".git", ".venv", "tests", "bench", "scripts", "var", "docs"}
UNDECIDED = re.compile(r"(?<!http)(?<=[a-z])\(s\)[ .:,]")


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 mails"), (1, "1 mail"), (2024, "2,024 mails"), (CappedCount(COUNT_CAP), "10,000+ mails")]
)
def test_one_is_not_several(count, said):
    assert several(count, "mail", "mails") == said


def _shown() -> list[Path]:
    """What the shop's pages are made of."""
    rooms = [room for room in ROOT.iterdir() if room.is_dir() and room.name not in NOT_SHOWN]
    return [path for room in rooms for kind in ("*.py", "*.html") for path in room.rglob(kind)]


def test_no_page_leaves_the_plural_to_its_reader():
    lines = [line.strip() for path in _shown() for line in path.read_text().splitlines()]
    assert [line for line in lines if UNDECIDED.search(line)] == []
