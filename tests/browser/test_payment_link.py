"""A payment link on a phone and on a desk: no script, no session, no rule of accessibility broken."""

import pytest

from carts.models import Cart
from common import pay_links
from orders.models import Order
from payments import links
from payments.models import PaymentLink
from tests.browser.chromium import LOOKS
from tests.browser.test_accessibility import check
from tests.payments.builders import make_order
from tests.payments.linked import link_to, shop_cart, told_cart

pytestmark = pytest.mark.once


def path_of(link: PaymentLink) -> str:
    return f"/pay/{pay_links.token_of(link.salt)}"


@LOOKS
def test_a_link_is_paid_without_a_script_and_each_of_its_pages_is_accessible(open_page, shop, size, dark):
    link = link_to(shop_cart(pieces=2))
    seen: list[str] = []
    with open_page(size, javascript=False, dark=dark) as page:
        page.goto(path_of(link))
        page.get_by_role("button", name="Go on to pay $49.98").click()
        page.get_by_role("button", name="Approve").click()
        page.get_by_text("Your order is confirmed.").wait_for()
    with open_page(size, dark=dark, expected=("status of 404", "status of 410")) as page:
        page.goto(path_of(link))
        check(page, seen, "paid")
        page.get_by_role("link", name="See the order").click()
        page.wait_for_url("**/orders/*")
        for name, another in (("another store's cart", link_to(told_cart())), ("a part-paid order", _part_paid())):
            page.goto(path_of(another))
            check(page, seen, name)
        Cart.objects.filter(door="tracker").update(status="expired")
        links.end(another.pk)
        for gone in (PaymentLink.objects.get(owner__startswith="cart:", order=None), another):
            page.goto(path_of(gone))
            check(page, seen, "gone")
        page.goto("/pay/unknown")
        check(page, seen, "unknown")
    assert len(seen) == 6


def _part_paid() -> PaymentLink:
    order = make_order()
    Order.objects.filter(pk=order.pk).update(takes_parts=True, captured_amount=1000)
    return links.for_order(order.pk)[0]
