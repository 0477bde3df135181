"""Staff whose browser runs no script: the theme's pages would be empty."""

from __future__ import annotations

import pytest

from payments import services as payments
from payments.models import Refund
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.sight import OVERFLOWS
from tests.browser.test_acts_in_the_admin import sign_in
from tests.dashboard.pressed import address_of
from tests.payments.builders import make_order

pytestmark = pytest.mark.once


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_an_order_is_found_read_and_paid_back(open_page, shop, size):
    order = payments.pay_order(make_order().pk, provider="stripe", instrument="tok_visa").order
    with open_page(size, javascript=False) as page:
        sign_in(page)
        page.get_by_role("heading", name="Figures").wait_for()
        page.get_by_role("link", name="Orders", exact=True).first.click()
        page.get_by_role("link", name="Accepted", exact=True).click()
        page.get_by_role("link", name=order.number).click()
        page.get_by_role("heading", name="Timeline").wait_for()
        assert not page.evaluate(OVERFLOWS)
        page.get_by_role("link", name="Refund", exact=True).click()
        page.get_by_label("Amount").fill("10")
        page.get_by_label("Reason").fill("Too small")
        page.get_by_role("button", name="Refund").click()
        page.get_by_text("$10.00 went back.").wait_for()
        assert page.url.endswith(address_of(order))
        page.get_by_role("button", name="Log out").click()
    assert Refund.objects.get().amount == 1000
