"""What every test may use. Keep it generic: fixtures of one behaviour live beside its tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from django.test import TransactionTestCase

ROOT = Path(__file__).resolve().parent.parent
# Hypothesis would otherwise keep its examples in the folder of the sources.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(ROOT / ".venv" / ".cache" / "hypothesis"))

# Few tests that take long: begun first, so that no process is left with one of them while the other has nothing to do.
_LONGEST = ("proofs", "checkout_project", "browser", "races", "bench", "languages")


@pytest.fixture(scope="session", autouse=True)
def _emptied_quickly() -> Iterator[None]:
    from tests.emptying import empty_after  # noqa: PLC0415 - models can be imported from here on

    with mock.patch.object(TransactionTestCase, "_fixture_teardown", empty_after):
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if note := os.environ.get("ONCE_LEFT_OUT"):  # of `make test`: the file that is to tell how many there are
        once = [item for item in items if item.get_closest_marker("once")]
        items[:] = [item for item in items if not item.get_closest_marker("once")]
        Path(note).write_text(str(len(once)))
        config.hook.pytest_deselected(items=once)
    items.sort(key=lambda item: _turn(item.path.relative_to(ROOT / "tests").parts[0]))


def _turn(folder: str) -> int:
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)
