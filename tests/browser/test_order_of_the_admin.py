"""An order's page in a real browser: on a phone what matters stands first and the rest can be unfolded."""

from __future__ import annotations

import pytest

from payments import services as payments
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.sight import OVERFLOWS
from tests.browser.test_acts_in_the_admin import check, sign_in
from tests.dashboard.pressed import address_of
from tests.payments.builders import make_order

pytestmark = pytest.mark.once
PARTS = ("Details", "Lines (1)", "Payments (1)")


@pytest.fixture
def order(shop):
    return payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order


def part(page, name: str):
    return page.locator("details.fold").filter(has=page.locator("summary", has_text=name))


def is_open(page, name: str) -> bool:
    return part(page, name).evaluate("each => each.open")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_phone_status_acts_and_timeline_are_on_the_first_screen(open_page, order, dark):
    with open_page(PHONE, dark=dark) as page:
        sign_in(page)
        page.goto(address_of(order))
        assert page.get_by_role("button", name="Actions").is_visible()
        for seen in ("Status", "Total", "Still owed"):
            assert page.get_by_text(seen, exact=True).first.bounding_box()["y"] < PHONE[1] / 2, seen
        assert page.get_by_role("heading", name="Timeline").bounding_box()["y"] < PHONE[1] * 3 / 4
        assert not page.evaluate(OVERFLOWS)
        check(page, "main", "an order, folded")


def test_on_a_phone_each_part_is_unfolded_by_the_keyboard(open_page, order):
    with open_page(PHONE) as page:
        sign_in(page)
        page.goto(address_of(order))
        for name in PARTS:
            assert not is_open(page, name)
            part(page, name).locator("summary").focus()
            page.keyboard.press("Enter")
            assert is_open(page, name)
        for seen in ("$24.99 × 2 = $49.98", "stripe (played by test)", "Standard Shipping"):
            assert page.get_by_text(seen).first.is_visible(), seen
        assert not page.evaluate(OVERFLOWS)
        check(page, "#content-main details.fold", "an order, unfolded")


def test_at_a_desk_everything_is_there_without_a_click(open_page, order):
    with open_page(DESKTOP) as page:
        sign_in(page)
        page.goto(address_of(order))
        assert all(is_open(page, name) for name in PARTS)
        for seen in ("$24.99 × 2 = $49.98", "stripe (played by test)", "Standard Shipping"):
            assert page.get_by_text(seen).first.is_visible(), seen
        check(page, "main", "an order at a desk")
