"""The pictures in docs/gallery, from the demo shop. `make gallery` makes all of them; the suite walks the way once.

Nothing reaches over a page's edge, and no mail breaks a rule of accessibility (the pages' own are in another file).
"""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from demo import catalog as demo_catalog
from demo import recovery as demo_recovery
from recovery.models import Sequence
from tests.browser import gallery
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.sight import OVERFLOWS

pytestmark = [pytest.mark.once, pytest.mark.timeout(600)]

DOCS = Path(__file__).resolve().parents[2] / "docs" / "gallery"
IS_MAKING = bool(os.environ.get("UPDATE_PICTURES"))
EVERY = [(size, dark) for size in (PHONE, DESKTOP) for dark in (False, True)]
NO_PAGE = {"rules": {name: {"enabled": False} for name in ("landmark-one-main", "region")}}  # a mail is shown in one
MOST_BYTES = 15_000_000
ERRORS = ("status of 404", "status of 410")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """docs/gallery, swept, where the pictures are wanted; a passing one otherwise."""
    if not IS_MAKING:
        return tmp_path_factory.mktemp("gallery")
    shutil.rmtree(DOCS, ignore_errors=True)
    DOCS.mkdir(parents=True)
    return DOCS


@pytest.mark.parametrize(("size", "dark"), EVERY if IS_MAKING else [(PHONE, True)])
def test_every_page_and_mail_has_its_picture(open_page, transactional_db, folder, size, dark):
    demo_catalog.load()
    demo_recovery.load()
    _on_for_a_month()
    taken: list[str] = []
    with open_page(size, dark=dark, expected=ERRORS) as page:

        def take(name: str) -> None:
            page.wait_for_load_state("networkidle")
            page.evaluate("scrollTo(0, 0); document.activeElement?.blur()")
            assert not page.evaluate(OVERFLOWS), name
            path = folder / f"{name}-{size[0]}-{'dark' if dark else 'light'}.jpg"
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": size[0], "height": max(size[1], height)})  # what sticks is at its place
            page.screenshot(path=path, full_page=True, animations="disabled", type="jpeg", quality=72)
            page.set_viewport_size({"width": size[0], "height": size[1]})
            taken.append(name)

        gallery.walk(page, take)
        for name, html in gallery.mails():
            page.goto("about:blank")  # a mail is not read under the shop's policy
            page.set_content(html)
            take(name)
            results = Axe().run(page, options=NO_PAGE)
            assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    assert sorted(taken) == sorted([*gallery.PAGES, *gallery.MAILS])
    _write_index(folder)


def _write_index(folder: Path) -> None:
    """Anew after each walk: whichever is the last has all of them."""
    sizes = {file.name: file.stat().st_size for file in folder.glob("*.jpg")}
    index = gallery.index(sizes)
    (folder / "README.md").write_text(index)
    assert sum(sizes.values()) < MOST_BYTES
    assert min(sizes.values()) > 5_000
    assert all(name in index for name in sizes)


def _on_for_a_month() -> None:
    Sequence.objects.update(activated_at=timezone.now() - timedelta(days=30))
