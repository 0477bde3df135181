"""A real Chromium against a live server. Skipped, saying so, where there is no Chromium."""

from __future__ import annotations

from functools import partial

import pytest

from tests.browser.chromium import launched, page_of
from tests.browser.gateways import paypal_in_the_browser, stripe_in_the_browser
from tests.factories import DemoShop, demo_shop


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(120))


@pytest.fixture(scope="package")
def chromium():
    with launched() as browser:
        yield browser


@pytest.fixture
def shop(transactional_db) -> DemoShop:
    return demo_shop()


@pytest.fixture
def stripe(shop, live_server):
    """Stripe's stand-in, its script and its pages, and a shop with Stripe's keys."""
    with stripe_in_the_browser(live_server.url) as server:
        yield server


@pytest.fixture
def paypal(shop, live_server):
    """PayPal's stand-in, and a shop with PayPal's keys."""
    with paypal_in_the_browser(live_server.url) as server:
        yield server


@pytest.fixture
def open_page(chromium, live_server):
    """open_page(size, javascript=, dark=, expected=) as a context: `page_of` at the live server."""
    return partial(page_of, chromium, live_server.url)
