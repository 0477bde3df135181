"""What the walks look for is seen where it is there."""

import pytest

from tests.browser.chromium import PHONE
from tests.browser.hands import Keyboard
from tests.browser.sight import check_fit, where_focus_is

pytestmark = pytest.mark.once

GOOD = """
<style>:focus-visible { outline: 3px solid }</style>
<main><h1>Shop</h1><p>Some words.</p><p><a href="#here" style="display: inline-block; min-height: 24px">On</a></p>
<div style="height: 900px"></div><button id="here" style="min-width: 90px; min-height: 30px">Pay</button></main>
"""
WRONG = {
    "scrolls sideways": '<div style="width:600px">wide</div>',
    "cut off": '<div style="overflow:hidden;width:40px;white-space:nowrap">much more than fits</div>',
    "one over the other": '<p>Some other words.</p><p style="margin-top:-40px">and more of these</p>',
    "takes too much": '<div style="position:fixed;bottom:0;height:300px">bar</div>',
    "too small": '<button style="width:10px;height:10px;padding:0;overflow:hidden"></button>',
}


@pytest.fixture
def page(open_page):
    with open_page(PHONE) as one:
        yield one


def test_a_page_on_which_all_is_well(page):
    page.set_content(GOOD)
    check_fit(page, "good")
    page.focus("#here")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert where_focus_is(page)["box"][3] <= PHONE[1]


@pytest.mark.parametrize(("fault", "html"), WRONG.items(), ids=list(WRONG))
def test_what_does_not_fit(page, fault, html):
    page.set_content(GOOD.replace("</main>", f"{html}</main>"))
    with pytest.raises(AssertionError, match=fault):
        check_fit(page, "wrong")


@pytest.mark.parametrize(
    ("fault", "style"),
    [
        ("no ring", "main :focus { outline: none }"),
        ("covered", "main::after { content: ''; position: fixed; inset: 50% 0 0 0; background: white }"),
    ],
)
def test_a_place_of_the_keyboard_that_nobody_sees(page, fault, style):
    page.set_content(f"<style>{style}</style>{GOOD}")
    with pytest.raises(AssertionError, match=fault):
        Keyboard(page).press("Pay")


def test_a_place_of_the_keyboard_that_is_lost(page):
    page.set_content(GOOD.replace("<a ", "<a onfocus=this.remove() "))
    with pytest.raises(AssertionError, match="lost"):
        Keyboard(page).press("Pay")


def test_an_error_that_the_focus_is_not_on(page):
    page.set_content(GOOD)
    with pytest.raises(AssertionError, match="the focus is on"):
        Keyboard(page).has_focus_on("Some words.")
    with pytest.raises(AssertionError, match="no focus on"):
        Keyboard(page).has_error_summary("On", "#here")
