"""An order on its way: the shopper hears of it once, and sees it on the order's page."""

from __future__ import annotations

import pytest
from django.core import mail

from orders.links import token_of
from orders.models import Order
from orders.states import OrderStatus
from payments import refunds
from tests.dashboard.pressed import after, deliver, has_button, noted, page, press, refused

WITH = {"carrier": "Royal Mail", "tracking_number": "RM123"}


def mails() -> list[mail.EmailMessage]:
    deliver()
    return [message for message in mail.outbox if "on its way" in message.subject]


def test_it_is_sent_and_the_shopper_hears_of_it(admin_client, paid):
    assert "The order is on its way." in after(admin_client, paid, "ship", **WITH)
    assert (paid.carrier, paid.tracking_number, paid.shipped_at is not None) == ("Royal Mail", "RM123", True)
    (message,) = mails()
    assert message.to == [paid.email]
    assert "Royal Mail" in message.body
    assert "RM123" in message.body


def test_the_orders_page_tells_the_shopper(admin_client, client, paid):
    after(admin_client, paid, "ship", **WITH)
    html = client.get(f"/orders/{token_of(paid)}").content.decode()
    assert "with Royal Mail" in html
    assert "Tracking number RM123" in html


def test_neither_carrier_nor_number_is_needed(admin_client, paid):
    after(admin_client, paid, "ship")
    assert paid.shipped_at is not None
    assert len(mails()) == 1


def test_a_second_click_changes_nothing(admin_client, paid):
    after(admin_client, paid, "ship", **WITH)
    assert "That was done already" in after(admin_client, paid, "ship", **WITH)
    assert (len(mails()), len(noted())) == (1, 1)


def test_a_mistyped_number_is_put_right_and_nobody_is_written_to_again(admin_client, paid):
    after(admin_client, paid, "ship", **WITH)
    sent_at = paid.shipped_at
    after(admin_client, paid, "ship", carrier="Royal Mail", tracking_number="RM124")
    assert (paid.tracking_number, paid.shipped_at, len(mails())) == ("RM124", sent_at, 1)
    assert noted()[1] == "Fulfilled. Before: Royal Mail RM123. After: Royal Mail RM124."


def test_a_mail_that_is_tried_again_is_still_one(admin_client, paid):
    from orders import mails as letters

    after(admin_client, paid, "ship", **WITH)
    (first,) = mails()
    letters.send_shipped(paid.pk)
    assert mail.outbox[-1].extra_headers["Message-ID"] == first.extra_headers["Message-ID"]


def test_who_left_no_address_gets_no_mail(admin_client, paid):
    Order.objects.update(email="")
    after(admin_client, paid, "ship", **WITH)
    assert mails() == []


def test_it_is_on_the_timeline(admin_client, paid):
    html = after(admin_client, paid, "ship", **WITH)
    assert noted() == ["Fulfilled. Before: not sent. After: Royal Mail RM123."]
    assert noted()[0] in html
    assert "Mail that it is on its way: to be sent" in html
    mails()
    assert "Mail that it is on its way: sent" in page(admin_client, paid)


def test_the_timeline_says_of_a_mail_that_was_left_out_that_it_was(admin_client, paid):
    Order.objects.update(email="")
    after(admin_client, paid, "ship", **WITH)
    mails()
    assert "Mail that it is on its way: left out: the order has no e-mail address" in page(admin_client, paid)


def test_an_unpaid_one_is_not_sent(admin_client, order):
    assert "This order is not paid" in refused(admin_client, order, "ship", **WITH)
    assert (order.shipped_at, noted()) == (None, [])
    assert not has_button(page(admin_client, order), order, "ship")


def test_one_that_was_paid_back_is_not_sent(admin_client, paid):
    refunds.refund_order(paid.pk, reason="Too small", request_key="1")
    assert "all of it was paid back" in refused(admin_client, paid, "ship", **WITH)
    assert paid.shipped_at is None


def test_one_whose_goods_are_missing_is_not_sent(admin_client, paid):
    Order.objects.update(takes_parts=True, fulfilled_at=None, status=OrderStatus.ACCEPTED)
    assert "are not on the shelf" in refused(admin_client, paid, "ship", **WITH)
    assert paid.shipped_at is None


@pytest.mark.parametrize("typed", [{"carrier": "x" * 61}, {"tracking_number": "4242424242424242"}])
def test_what_cannot_be_a_carrier_or_a_number_is_refused(admin_client, paid, typed):
    assert press(admin_client, paid, "ship", **typed).status_code == 200
    paid.refresh_from_db()
    assert paid.shipped_at is None
