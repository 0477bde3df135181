"""What every test may use. Keep it generic: fixtures of one behaviour live beside its tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Hypothesis would otherwise keep its examples in the folder of the sources.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".venv" / ".cache" / "hypothesis"))

# Few tests that take long: begun first, so that no process is left with one of them while the other has nothing to do.
_LONGEST = ("proofs", "checkout_project", "browser", "races", "bench", "languages")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _turn(item.path.relative_to(ROOT / "tests").parts[0]))


def _turn(folder: str) -> int:
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)
