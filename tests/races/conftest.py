import pytest

from tests.factories import DemoShop, demo_shop


@pytest.fixture
def ten_shirts(transactional_db) -> DemoShop:
    """Ten of each size, in a database where other threads see what is written."""
    return demo_shop(on_hand=10)
