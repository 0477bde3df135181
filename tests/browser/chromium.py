"""A Chromium, and pages of fresh profiles in it: what the tests of pages and the proofs of them share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

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
# Both sizes and both themes, and no more of the four: what breaks in one theme alone does so at any size.
LOOKS = pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)], ids=["phone, dark", "desktop"])
ZOOMED = (320, 256)  # a window of 1280 by 1024 at 400 %
# Chromium writes a failed form (422) or a busy answer to its console; everything else there is a fault of ours.
_EXPECTED = ("status of 422", "status of 409")
TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation",
  (event) => console.error(`Policy: ${event.violatedDirective} forbids ${event.blockedURI}`));
"""


@contextmanager
def launched() -> Iterator[Any]:
    """Skips the test, saying so, where there is no Chromium."""
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
        connections.close_all()  # inside the loop Django has connections of its own, which would keep the test database
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
    if before is not None:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@contextmanager
def page_of(
    browser: Any,
    base_url: str,
    size: tuple[int, int] = DESKTOP,
    *,
    javascript: bool = True,
    dark: bool = False,
    expected: tuple[str, ...] = (),
) -> Iterator[Any]:
    """A page of a fresh profile, and when it is closed nothing that our policy forbids and no fault in its console,
    save those with words of `expected`."""
    context = browser.new_context(
        base_url=base_url,
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


def _note(faults: list[str], message: Any, expected: tuple[str, ...]) -> None:
    if message.type in {"error", "warning"} and not any(words in message.text for words in expected):
        faults.append(message.text)
