import pytest

from tests.factories import DemoShop, demo_shop


@pytest.fixture
def shop(db) -> DemoShop:
    return demo_shop()


@pytest.fixture
def small_shop(db) -> DemoShop:
    """Ten shirts of each size."""
    return demo_shop(on_hand=10)
