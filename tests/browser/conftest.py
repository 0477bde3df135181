"""A real Chromium against a live server. Skipped, saying so, where there is no Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.browser.gateways import paypal_in_the_browser, stripe_in_the_browser
from tests.factories import DemoShop, demo_shop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = (390, 844), (1280, 900)
# Chromium writes a failed form (422) or a busy answer to its console; everything else there is a fault of ours.
_EXPECTED = ("status of 422", "status of 409")
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation",
  (event) => console.error(`Policy: ${event.violatedDirective} forbids ${event.blockedURI}`));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(120))


@pytest.fixture(scope="package")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, and Django takes that for an asynchronous caller.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


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
    """open_page(size, javascript=, dark=, expected=) as a context: a page of a fresh browser profile, and when it is
    closed nothing that our policy forbids and no fault in its console, save those with words of `expected`."""

    @contextmanager
    def opened(
        size: tuple[int, int] = DESKTOP, *, javascript: bool = True, dark: bool = False, expected: tuple[str, ...] = ()
    ) -> Iterator:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        context.add_init_script(TELL_VIOLATIONS)
        faults: list[str] = []
        context.on("console", lambda message: _note(faults, message, (*_EXPECTED, *expected)))
        page = context.new_page()
        try:
            yield page
        finally:
            context.close()
        assert faults == []

    return opened


def _note(faults: list[str], message, expected: tuple[str, ...]) -> None:
    if message.type in {"error", "warning"} and not any(words in message.text for words in expected):
        faults.append(message.text)
