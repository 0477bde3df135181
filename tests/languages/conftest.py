import pytest
from django.test import Client

from tests.checkouts.pages.shopper import Shopper
from tests.factories import DemoShop, demo_shop


@pytest.fixture
def shop(db) -> DemoShop:
    return demo_shop()


@pytest.fixture
def shopper(shop: DemoShop, client: Client) -> Shopper:
    return Shopper(client)
