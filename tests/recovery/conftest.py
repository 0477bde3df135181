from __future__ import annotations

import pytest

from tests.factories import DemoShop, demo_shop


@pytest.fixture
def shop(db) -> DemoShop:
    return demo_shop()
