"""A payment link that staff sends by mail: to whose cart or order it is for, once a press, and never a dead one."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail

from carts.models import Cart
from orders.models import Order
from payments import links
from payments.models import PaymentLink
from tests.admin_rows import staff_with
from tests.dashboard.pressed import address_of, after, deliver, has_button, noted, page, press
from tests.payments.linked import let_link_run_out, link_to, shop_cart, told_cart


@pytest.fixture
def link(order) -> PaymentLink:
    return links.for_order(order.pk)[0]


def sent() -> list[mail.EmailMessage]:
    deliver()
    return mail.outbox


def test_it_goes_to_whose_order_it_is_for(admin_client, order, link):
    assert f"The link is on its way to {order.email}." in after(admin_client, link, "send_by_mail")
    (message,) = sent()
    assert (message.to, message.subject) == ([order.email], "Your payment of $55.97 to Demo Shop")
    for form in (message.body, message.alternatives[0].content):
        assert links.address_of(link) in form
        assert "$55.97" in form
        assert "Organic Cotton T-Shirt" in form


@pytest.mark.parametrize("make", [shop_cart, told_cart])
def test_it_goes_to_whose_cart_it_is_for(admin_client, order, make):
    cart = make()
    after(admin_client, link_to(cart), "send_by_mail")
    assert [message.to for message in sent()] == [[cart.email]]


def test_it_is_noted_on_the_link_and_on_what_it_is_for(admin_client, order, link):
    after(admin_client, link, "send_by_mail")
    assert noted() == [f"Sent payment link {link.pk} to {order.email}."] * 2
    assert noted()[0] in page(admin_client, order)


def test_a_second_click_is_the_same_mail_and_a_second_press_another(admin_client, link):
    key = {"request_key": str(uuid.uuid4())}
    after(admin_client, link, "send_by_mail", **key)
    assert "That was done already" in after(admin_client, link, "send_by_mail", **key)
    assert len(sent()) == 1
    after(admin_client, link, "send_by_mail")
    assert len({message.extra_headers["Message-ID"] for message in sent()}) == 2


@pytest.mark.parametrize("end", [lambda link: links.end(link.pk), let_link_run_out])
def test_a_dead_one_is_not_sent(admin_client, link, end):
    end(link)
    assert not has_button(page(admin_client, link), link, "send_by_mail")
    assert "can no longer be used" in after(admin_client, link, "send_by_mail")
    assert sent() == []


def test_one_that_died_meanwhile_is_not_sent(admin_client, link):
    after(admin_client, link, "send_by_mail")
    links.end(link.pk)
    assert sent() == []


def test_one_whose_cart_changed_meanwhile_is_not_sent(admin_client, order):
    cart = shop_cart()
    after(admin_client, link_to(cart), "send_by_mail")
    cart.lines.update(quantity=3)
    assert sent() == []


def test_without_an_address_it_cannot_be_sent(admin_client, order, link):
    Order.objects.update(email="")
    Cart.objects.update(email="")
    assert "no e-mail address" in after(admin_client, link, "send_by_mail")
    assert (sent(), noted()) == ([], [])


def test_it_is_written_in_the_carts_language(admin_client, order):
    cart = shop_cart()
    Cart.objects.update(language="de")
    after(admin_client, link_to(cart), "send_by_mail")
    (message,) = sent()
    assert '<html lang="de"' in message.alternatives[0].content


def test_only_who_may_act_sends_it(client, order, link):
    client.force_login(staff_with("payments.view_paymentlink"))
    assert press(client, link, "send_by_mail").status_code == 403
    assert client.get(address_of(link)).status_code == 200
    assert sent() == []


def test_one_that_is_not_there_is_404(admin_client, order):
    assert press(admin_client, PaymentLink(pk=999), "send_by_mail").status_code == 404
