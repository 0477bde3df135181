"""The pictures in docs/pictures, from the demo shop: `UPDATE_PICTURES=1 pytest tests/browser/test_pictures.py`."""

import os
from pathlib import Path

import pytest

from demo import catalog as demo_catalog
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.journey import fill_in
from tests.checkouts.pages.shopper import SHIRT

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parents[2] / "docs" / "pictures"
NAMES = ("home", "product", "cart", "checkout", "confirmation")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_has_its_picture(open_page, transactional_db, tmp_path, size):
    folder = DOCS if os.environ.get("UPDATE_PICTURES") else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    demo_catalog.load()
    with open_page(size) as page:

        def take(name: str) -> None:
            page.screenshot(path=folder / f"{name}-{size[0]}.png", full_page=name != "checkout", animations="disabled")

        page.goto("/")
        take("home")
        page.goto(SHIRT)
        take("product")
        page.get_by_role("button", name="Add to cart").click()
        page.goto("/products/enamel-mug")
        page.get_by_role("button", name="Add to cart").click()
        page.fill("#code", "SUMMER25")
        page.get_by_role("button", name="Apply").click()
        page.get_by_text("SUMMER25 is applied").wait_for()
        take("cart")
        page.get_by_role("button", name="Go to checkout").click()
        fill_in(page)
        page.evaluate("scrollTo(0, 0); document.activeElement.blur()")
        take("checkout")
        page.get_by_role("button", name="Place order").click()
        page.wait_for_url("**/orders/*")
        take("confirmation")
    sizes = [(folder / f"{name}-{size[0]}.png").stat().st_size for name in NAMES]
    assert min(sizes) > 10_000
