"""What a discount code brought, on the code's page: uses, orders and money, and the orders behind each figure."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from catalog.models import Discount
from common import admin
from orders.models import Order
from payments import refunds
from payments import services as payments
from tests.dashboard.pressed import address_of, page
from tests.factories import make_discount
from tests.payments.builders import make_order


@pytest.fixture
def code(order) -> Discount:
    return make_discount("SPRING")


def sold(code: str = "SPRING", *, off: int = 500) -> Order:
    """An order of $55.97 of which the code took `off`."""
    order = make_order()
    total = order.total_amount - off
    Order.objects.filter(pk=order.pk).update(discount_code=code, discount_amount=off, total_amount=total)
    return payments.pay_order(order.pk, provider="stripe", instrument="tok_visa").order


def figures(html: str) -> list[tuple[str, str]]:
    """[(where it leads, what it says)] of the part that says what the code brought."""
    part = html[html.index("What it brought") :].split("When and how often")[0]
    return [
        (unescape(address), said) for address, said in re.findall(r'href="(/admin/orders/[^"]+)"[^>]*>([^<]+)', part)
    ]


def said(html: str) -> list[str]:
    return [words for _, words in figures(html)]


def test_orders_what_was_paid_and_what_was_taken_off(admin_client, code):
    sold()
    sold(off=1000)
    assert said(page(admin_client, code)) == ["2", "$96.94", "$15.00"]


def test_a_refund_makes_the_money_less_and_not_the_orders(admin_client, code):
    refunds.refund_order(sold().pk, amount=1000, reason="torn", created_by="merchant", request_key="a")
    assert said(page(admin_client, code)) == ["1", "$40.97", "$5.00"]


def test_other_codes_and_orders_nobody_has_paid_are_not_in_it(admin_client, code):
    sold("AUTUMN")
    Order.objects.filter(pk=make_order().pk).update(discount_code="SPRING")
    assert "No order yet." in page(admin_client, code)


def test_each_figure_opens_its_orders_with_the_same_sum_above_them(admin_client, code):
    orders = [sold(), sold()]
    sold("AUTUMN")
    sold("")
    for address, _ in figures(page(admin_client, code)):
        answer = admin_client.get(address)
        assert set(answer.context_data["cl"].queryset) == set(orders)
        assert "$101.94" in answer.content.decode()


def test_the_list_that_a_figure_opens_shows_what_was_taken_off_each_order_and_of_all(admin_client, code):
    sold()
    sold(off=1000)
    (address, _), *_ = figures(page(admin_client, code))
    html = admin_client.get(address).content.decode()
    assert re.findall(r'data-label="Taken off">([^<]+)', html) == ["$10.00", "$5.00"]
    assert "Taken off: <strong>$15.00</strong>" in html


def test_other_lists_of_orders_have_no_column_for_it(admin_client, code):
    sold()
    assert "Taken off" not in admin_client.get("/admin/orders/order/?status__exact=accepted").content.decode()


def test_currencies_stand_beside_each_other(admin_client, code):
    sold()
    other = make_order()
    Order.objects.filter(pk=other.pk).update(
        discount_code="SPRING", currency="EUR", status="accepted", number="ORD-1", accepted_at=timezone.now()
    )
    assert said(page(admin_client, code)) == ["1", "€0.00", "€0.00", "1", "$50.97", "$5.00"]


def test_of_too_many_only_the_number_is_said(admin_client, code, monkeypatch):
    monkeypatch.setattr(admin, "COUNT_CAP", 1)
    sold()
    sold()
    assert said(page(admin_client, code)) == ["1+ orders"]


def test_it_costs_as_many_queries_for_many_orders_as_for_few(admin_client, code, django_assert_max_num_queries):
    sold()
    address = address_of(code)
    admin_client.get(address)
    with django_assert_max_num_queries(100) as few:
        admin_client.get(address)
    for _ in range(3):
        sold()
    with django_assert_max_num_queries(len(few)):
        admin_client.get(address)


@pytest.mark.parametrize("role", ["owner", "manager", "support", "analyst"])
def test_every_role_that_sees_orders_sees_it(client, member, code, role):
    sold()
    client.force_login(member(role))
    assert said(page(client, code)) == ["1", "$50.97", "$5.00"]


def test_who_may_not_see_orders_sees_none_of_it(client, staff_without_role, code):
    staff_without_role.user_permissions.add(Permission.objects.get(codename="view_discount"))
    client.force_login(staff_without_role)
    html = page(client, code)
    assert "SPRING" in html
    assert "What it brought" not in html


def test_a_new_code_has_brought_nothing_yet(admin_client, db):
    assert "What it brought" not in admin_client.get("/admin/catalog/discount/add/").content.decode()
