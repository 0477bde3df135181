"""Where an order goes, and whom it is billed to: changed until it is on its way."""

from __future__ import annotations

import pytest

from orders import fulfilment
from orders.models import Order
from orders.states import OrderStatus
from tests.dashboard.pressed import address_of, after, has_button, noted, page, press, refused
from tests.factories import ADDRESS, CUSTOMER

NEW = {**ADDRESS, "address_line1": "7 Mill Lane"}
TYPED = {"full_name": CUSTOMER["full_name"], **NEW}
BUTTONS = ("edit_shipping_address", "edit_billing_address")
BEFORE = "John Smith, 123 Main Street, San Francisco, CA, 94105, US"


@pytest.mark.parametrize(
    ("button", "changed", "kept"), [(*BUTTONS[:1], "shipping", "billing"), (*BUTTONS[1:], "billing", "shipping")]
)
def test_one_changes_and_the_other_stays(admin_client, paid, button, changed, kept):
    sums = paid.totals
    assert f"The {changed} address is changed." in after(admin_client, paid, button, **TYPED)
    assert getattr(paid, f"{changed}_address") == NEW
    assert getattr(paid, f"{kept}_address") == ADDRESS
    assert paid.totals == sums


def test_the_dialog_shows_what_there_is(admin_client, paid):
    html = admin_client.get(address_of(paid, BUTTONS[0])).content.decode()
    assert 'value="123 Main Street"' in html
    assert 'value="US" selected' in html


def test_before_and_after_are_on_the_timeline(admin_client, paid):
    html = after(admin_client, paid, BUTTONS[0], **TYPED | {"full_name": "Jo Smith"})
    now = "Jo Smith, 7 Mill Lane, San Francisco, CA, 94105, US"
    assert noted() == [f"Changed the shipping address. Before: {BEFORE}. After: {now}."]
    assert noted()[0] in html


@pytest.mark.parametrize("button", BUTTONS)
def test_a_second_click_changes_nothing(admin_client, paid, button):
    after(admin_client, paid, button, **TYPED)
    assert "That was done already" in after(admin_client, paid, button, **TYPED)
    assert len(noted()) == 1


def test_an_unpaid_order_may_be_changed_too(admin_client, order):
    after(admin_client, order, BUTTONS[0], **TYPED)
    assert order.shipping_address == NEW


@pytest.mark.parametrize("button", BUTTONS)
def test_one_that_is_on_its_way_stays(admin_client, paid, button):
    fulfilment.ship(paid.pk, carrier="", tracking_number="")
    assert "This order is on its way already." in refused(admin_client, paid, button, **TYPED)
    assert (paid.shipping_address, paid.billing_address) == (ADDRESS, ADDRESS)
    assert not has_button(page(admin_client, paid), paid, button)


def test_a_canceled_one_stays(admin_client, order):
    Order.objects.update(status=OrderStatus.CANCELED)
    assert "can no longer be paid" in refused(admin_client, order, BUTTONS[0], **TYPED)
    assert order.shipping_address == ADDRESS


@pytest.mark.parametrize(
    "wrong",
    [{"city": ""}, {"country": "XX"}, {"country": ""}, {"address_line1": "x" * 201}, {"state": "4242424242424242"}],
)
def test_what_is_no_address_is_refused(admin_client, paid, wrong):
    assert press(admin_client, paid, BUTTONS[0], **TYPED | wrong).status_code == 200
    paid.refresh_from_db()
    assert paid.shipping_address == ADDRESS
