from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.outbox import handlers as test_handlers


@pytest.fixture(autouse=True)
def handlers(settings: object) -> Iterator[ModuleType]:
    settings.OUTBOX_HANDLERS = "tests.outbox.handlers.HANDLERS"
    test_handlers.CALLS.clear()
    test_handlers.SAID.clear()
    test_handlers.FAILING.clear()
    yield test_handlers
    test_handlers.FAILING.clear()
