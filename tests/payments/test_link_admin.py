"""The merchant makes a payment link from an order or a cart, copies it, and ends it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from orders.models import Order
from payments import links
from payments.models import PaymentLink
from tests.admin_rows import staff_with
from tests.factories import demo_shop
from tests.payments.builders import make_order
from tests.payments.linked import link_to, press, shop_cart, told_cart


@pytest.fixture(autouse=True)
def shop(db):
    return demo_shop()


def page(client, row, what: str = "change") -> str:
    name = f"{row._meta.app_label}_{row._meta.model_name}"
    return client.get(reverse(f"admin:{name}_{what}", args=[row.pk])).content.decode()


def act(client, row, what: str, **headers: str):
    name = f"{row._meta.app_label}_{row._meta.model_name}"
    return client.post(reverse(f"admin:{name}_{what}", args=[row.pk]), {"_form_submitted": "1"}, headers=headers)


def test_an_orders_link_is_made_on_its_page_and_shown_to_be_copied(admin_client):
    order = make_order()
    assert "Create payment link" in page(admin_client, order)
    response = act(admin_client, order, "create_payment_link")
    link = PaymentLink.objects.get()
    assert response["Location"] == reverse("admin:payments_paymentlink_change", args=[link.pk])
    assert links.address_of(link) in page(admin_client, link)
    assert (link.owner, link.created_by) == (f"order:{order.pk}", "admin")
    assert LogEntry.objects.get().change_message == f"Made payment link {link.pk}."


@pytest.mark.parametrize("make", [shop_cart, told_cart])
def test_a_carts_link_is_made_on_its_page(admin_client, make):
    cart = make()
    answer = act(admin_client, cart, "create_payment_link", **{"HX-Request": "true"})
    link = PaymentLink.objects.get()
    assert answer["HX-Redirect"] == reverse("admin:payments_paymentlink_change", args=[link.pk])
    assert f"Cart {cart.pk}" in page(admin_client, link)


def test_asking_first_changes_nothing_and_a_second_press_gives_the_same_link(admin_client):
    cart = shop_cart()
    assert "can be paid once" in page(admin_client, cart, "create_payment_link")
    assert not PaymentLink.objects.exists()
    for _ in range(2):
        act(admin_client, cart, "create_payment_link")
    assert (PaymentLink.objects.count(), LogEntry.objects.count()) == (1, 1)


def test_what_cannot_have_a_link_says_why(admin_client):
    empty, order = shop_cart(pieces=0), make_order()
    Order.objects.update(status="canceled")
    for row, words in ((empty, "There is nothing to pay."), (order, "This order can no longer be paid.")):
        response = act(admin_client, row, "create_payment_link")
        assert f"No payment link: {words}" in admin_client.get(response["Location"]).content.decode()
    assert act(admin_client, Order(pk=999), "create_payment_link").status_code == 404


def test_the_list_shows_how_each_link_stands(admin_client):
    opened, ended = link_to(told_cart()), link_to(told_cart())
    links.end(ended.pk)
    expired, paid = link_to(told_cart()), link_to(told_cart())
    PaymentLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    press(paid)
    Order.objects.update(status="accepted", number="ORD-1")
    address = reverse("admin:payments_paymentlink_changelist")
    html = admin_client.get(address).content.decode()
    for word in ("open", "ended", "expired", "paid"):
        assert f">{word}<" in html.replace("\n", "").replace(" ", ""), word
    for state, rows in (("open", {opened, paid}), ("over", {ended, expired})):
        assert set(admin_client.get(address, {"state": state}).context["cl"].result_list) == rows
    found = admin_client.get(address, {"q": opened.owner}).context["cl"].result_list
    assert list(found) == [opened]


def test_a_link_is_ended_on_its_page_and_from_the_list(admin_client):
    first, second = link_to(told_cart()), link_to(told_cart())
    act(admin_client, first, "end")
    data = {"action": "end_selected", "_selected_action": [second.pk]}
    admin_client.post(reverse("admin:payments_paymentlink_changelist"), data)
    assert not PaymentLink.objects.filter(ended_at=None).exists()
    for link in (first, second):
        assert links.address_of(link) not in page(admin_client, link)


def test_nobody_edits_a_link(admin_client):
    link = link_to(told_cart())
    for name, args in (("add", []), ("change", [link.pk]), ("delete", [link.pk])):
        assert admin_client.post(reverse(f"admin:payments_paymentlink_{name}", args=args)).status_code == 403


def test_who_may_only_look_sees_no_address_and_makes_no_link(client):
    cart = told_cart()
    link = link_to(cart)
    order = make_order()
    client.force_login(staff_with("payments.view_paymentlink", "carts.view_cart", "orders.view_order"))
    assert links.address_of(link) not in page(client, link)
    for row, what in ((cart, "create_payment_link"), (order, "create_payment_link"), (link, "end")):
        assert act(client, row, what).status_code == 403
    assert PaymentLink.objects.get().ended_at is None
