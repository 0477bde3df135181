"""An order's lines on its page add up to its total, to the cent."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Order
from tests.checkouts.pages.shopper import Shopper
from tests.dashboard.pressed import page
from tests.factories import LARGE_BLUE_ID, demo_shop


@pytest.fixture
def order(db, client: Client) -> Order:
    """Three and one of two things, with a quarter off that does not divide evenly."""
    demo_shop()
    shopper = Shopper(client)
    shopper.add(quantity=3)
    shopper.add(variant=LARGE_BLUE_ID)
    shopper.client.post("/cart/", {"action": "apply_code", "code": "SUMMER25"})
    shopper.buy()
    return Order.objects.get()


def column(html: str, heading: str) -> list[str]:
    """What the lines say under it."""
    cells = re.findall(rf'data-label="{re.escape(heading)}">(.*?)</td>', html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def cents(text: str) -> int:
    return int(re.sub(r"[^\d−]", "", text).replace("−", "-"))


def test_each_line_says_what_it_costs_what_is_off_and_what_that_leaves(admin_client, order):
    html = page(admin_client, order)
    assert sorted(column(html, "Unit price × quantity")) == ["$24.99 × 1 = $24.99", "$24.99 × 3 = $74.97"]
    for before, off, total in zip(
        column(html, "Unit price × quantity"), column(html, "Discount"), column(html, "Line total"), strict=True
    ):
        assert off.startswith("−$")
        assert cents(before.partition("= ")[2]) + cents(off) == cents(total)


def test_the_lines_totals_and_shipping_are_the_orders_total(admin_client, order):
    totals = [cents(total) for total in column(page(admin_client, order), "Line total")]
    assert (order.discount_amount, len(totals)) == (2499, 2)
    assert sum(totals) + order.shipping_amount + order.tax_amount == order.total_amount


def test_an_order_without_a_discount_has_nothing_off(admin_client, order):
    order.lines.update(discount_amount=0)
    html = page(admin_client, order)
    assert column(html, "Discount") == ["$0.00", "$0.00"]
    assert [
        f"= {total}" in before
        for before, total in zip(column(html, "Unit price × quantity"), column(html, "Line total"), strict=True)
    ] == [True, True]


def test_more_lines_take_no_more_queries(admin_client, order):
    few = queries_of(admin_client, order)
    for line in order.lines.all():
        for _ in range(5):
            line.pk = None
            line.save()
    assert queries_of(admin_client, order) == few


def queries_of(client: Client, order: Order) -> int:
    page(client, order)  # fills what is kept between requests
    with CaptureQueriesContext(connection) as captured:
        page(client, order)
    return len(captured)
