"""A confirmation that staff sends once more: a mail of its own, and one a press."""

from __future__ import annotations

import uuid

from django.core import mail

from orders import mails
from orders.models import Order
from tests.dashboard.pressed import after, deliver, has_button, noted, page


def ids() -> list[str]:
    deliver()
    return [message.extra_headers["Message-ID"] for message in mail.outbox]


def test_it_goes_out_once_more_as_a_mail_of_its_own(admin_client, paid):
    assert f"The confirmation is on its way to {paid.email}." in after(admin_client, paid, "resend_confirmation")
    first, again = ids()
    assert first == mails.confirmation_id(paid)
    assert again != first
    assert [message.body for message in mail.outbox][0] == mail.outbox[1].body


def test_a_second_click_is_the_same_mail(admin_client, paid):
    key = {"request_key": str(uuid.uuid4())}
    after(admin_client, paid, "resend_confirmation", **key)
    assert "That was done already" in after(admin_client, paid, "resend_confirmation", **key)
    assert (len(ids()), len(noted())) == (2, 1)


def test_a_second_press_is_another_mail(admin_client, paid):
    for _ in range(2):
        after(admin_client, paid, "resend_confirmation")
    assert len(set(ids())) == 3


def test_one_that_is_tried_again_keeps_its_id(paid):
    for _ in range(2):
        mails.send_confirmation(paid.pk, again="wish")
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1


def test_it_is_on_the_timeline(admin_client, paid):
    html = after(admin_client, paid, "resend_confirmation")
    assert noted() == [f"Sent the confirmation again, to {paid.email}."]
    assert noted()[0] in html
    assert "Order confirmation once more: to be sent" in html


def test_an_unpaid_order_has_nothing_to_confirm(admin_client, order):
    assert "This order is not paid" in after(admin_client, order, "resend_confirmation")
    assert not has_button(page(admin_client, order), order, "resend_confirmation")


def test_who_left_no_address_cannot_be_written_to(admin_client, paid):
    Order.objects.update(email="")
    assert "This order has no e-mail address." in after(admin_client, paid, "resend_confirmation")
    assert noted() == []
