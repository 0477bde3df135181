from collections.abc import Iterator

import pytest

from orders.models import Order
from tests.factories import demo_shop
from tests.payments.builders import make_order
from tests.standins.at_paypal import empty_paypal, shop_with_paypal
from tests.standins.paypal_server import PayPalStandIn


@pytest.fixture
def order(db) -> Order:
    demo_shop()
    return make_order()


@pytest.fixture
def paypal() -> Iterator[PayPalStandIn]:
    """A stand-in for PayPal, and the settings that lead to it."""
    server = empty_paypal()
    with shop_with_paypal(server):
        yield server
