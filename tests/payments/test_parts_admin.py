"""Orders paid in parts on the merchant's pages: what they are called, what is unverified, what waits for a person."""

from __future__ import annotations

import pytest
from django.urls import reverse

from carts.models import Cart
from catalog import stock
from orders.models import Order
from payments import captures, needs
from payments.models import Payment
from payments.queries import money_without_order
from tests.admin_rows import staff_with
from tests.checkouts.shopping import deliver_events, shelf
from tests.factories import MEDIUM_BLUE_ID, demo_shop
from tests.payments.table import CAPTURE, DUE, PAYPAL_ORDER, Table, cart_of

ORDERS, PAYMENTS = "admin:orders_order_changelist", "admin:payments_payment_changelist"


@pytest.fixture
def cart(db) -> Cart:
    demo_shop(on_hand=10)
    return cart_of()


@pytest.fixture
def table(cart) -> Table:
    table = Table()
    table.order(cart)
    return table


def page(client, row) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return client.get(reverse(name, args=[row.pk])).content.decode()


def act(client, where: str, name: str, *rows) -> str:
    chosen = {"action": name, "_selected_action": [row.pk for row in rows]}
    return client.post(reverse(where), chosen, follow=True).content.decode()


def test_an_order_shows_its_reference_its_parts_and_what_is_unverified(table, admin_client):
    table.pay(1000, "C1")
    table.pay(2000, "C2")
    html = page(admin_client, Order.objects.get())
    for shown in (PAYPAL_ORDER, "C1", "C2", "paypal (unverified)", "$30.00", "$19.98"):
        assert shown in html, shown


def test_an_order_is_found_by_its_reference_and_by_a_capture(table, admin_client):
    table.pay(1000)
    table.order(cart_of(), "PAYPAL-2")
    order = Order.objects.get(reference=PAYPAL_ORDER)
    for term in (PAYPAL_ORDER, CAPTURE):
        assert list(admin_client.get(reverse(ORDERS), {"q": term}).context["cl"].result_list) == [order]


def test_a_replaced_order_leads_to_the_one_that_took_its_place(table, cart, admin_client):
    old = Order.objects.get()
    table.order(cart, "PAYPAL-2")
    new = Order.objects.latest("id")
    assert reverse("admin:orders_order_change", args=[new.pk]) in page(admin_client, old)


class TestGoodsThatAreMissing:
    @pytest.fixture
    def order(self, table) -> Order:
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=-10)
        table.pay(DUE)
        return Order.objects.get()

    def test_wait_for_a_person_and_are_found(self, order, admin_client):
        assert (list(needs.goods_missing()), needs.how_many(lambda _: True)) == ([order], 1)
        html = admin_client.get(reverse("admin:payments_needs_you")).content.decode()
        assert "Paid, and the goods are missing" in html
        assert order.number in html
        found = admin_client.get(reverse(ORDERS), {"goods": "missing"}).context["cl"].result_list
        assert list(found) == [order]

    def test_are_taken_when_they_have_come(self, order, admin_client):
        assert "still not enough" in act(admin_client, ORDERS, "take_goods", order)
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=5)
        assert "has its goods" in act(admin_client, ORDERS, "take_goods", order)
        assert (shelf(), needs.how_many(lambda _: True)) == ((3, 0), 0)

    def test_are_taken_by_those_who_may_act(self, order, client):
        stock.receive(variant_id=MEDIUM_BLUE_ID, pieces=5)
        client.force_login(staff_with("orders.view_order"))
        act(client, ORDERS, "take_goods", order)
        assert shelf() == (5, 0)


class TestMoneyPaidBackByHand:
    @pytest.fixture
    def payment(self, table) -> Payment:
        table.pay(DUE + 500)
        deliver_events()
        return Payment.objects.get()

    def test_is_noted_once_and_off_the_lists(self, payment, admin_client):
        assert list(needs.money_that_stays()) == [payment]
        assert "$5.00 noted as paid back" in act(admin_client, PAYMENTS, "paid_back_by_hand", payment)
        assert "nothing to be paid back by hand" in act(admin_client, PAYMENTS, "paid_back_by_hand", payment)
        payment.refresh_from_db()
        assert (payment.refunded_amount, payment.order.refunded_amount, needs.how_many(lambda _: True)) == (500, 500, 0)
        assert not money_without_order().exists()
        assert "Paid back by hand, says" in payment.entries.last().note

    def test_more_of_it_later_is_noted_too(self, payment, table, cart):
        table.pay(700, "C2")
        later = Payment.objects.get(gateway_reference="C2")
        done = [captures.note_paid_back_by_hand(row.pk, by="grace") for row in (payment, later, later)]
        assert done == [500, 700, 0]

    def test_is_for_unverified_money_alone(self, payment):
        Payment.objects.update(gateway="paypal_capture")
        assert captures.note_paid_back_by_hand(payment.pk, by="grace") == 0
        payment.refresh_from_db()
        assert payment.refunded_amount == 0
