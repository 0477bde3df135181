from __future__ import annotations

from django.urls import reverse

from orders.models import Order
from tests.admin_rows import make_order, make_payment, staff_with
from tests.dashboard.pressed import words

LIST = "admin:orders_order_changelist"


def page(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def test_an_order_shows_what_was_agreed_and_what_was_paid(admin_client, db):
    order = make_order()
    payment = make_payment(order)
    html = admin_client.get(page(order)).content.decode()
    for shown in ("ORD-2026-0001", "MUG-Small", "$25.99", "stripe (played by test)", "94105"):
        assert shown in html
    assert reverse("admin:payments_payment_change", args=[payment.pk]) in html


def test_nobody_edits_an_order_or_its_lines(admin_client, db):
    order = make_order()
    for name, args in (("add", []), ("change", [order.pk]), ("delete", [order.pk])):
        assert admin_client.post(reverse(f"admin:orders_order_{name}", args=args), {}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [order.pk], "post": "yes"}
    admin_client.post(reverse(LIST), chosen)
    assert Order.objects.exists()


def test_an_order_is_found_by_number_email_gateway_reference_and_id(admin_client, db):
    order, other = make_order(1), make_order(2)
    make_payment(order, 1)
    make_payment(other, 2)
    for term in ("ORD-2026-0001", "ada.1", "test_ref_1", str(order.pk), f"#{order.pk}", str(order.public_id)):
        found = admin_client.get(reverse(LIST), {"q": term}).context["cl"].result_list
        assert list(found) == [order], term


def test_staff_that_may_not_see_payments_sees_the_order_without_them(client, db):
    order = make_order()
    make_payment(order)
    client.force_login(staff_with("orders.view_order"))
    html = client.get(page(order)).content.decode()
    assert "MUG-Small" in html
    assert "played by test" not in html


def test_a_list_that_goes_on_and_on_is_counted_to_a_limit(admin_client, db, monkeypatch):
    monkeypatch.setattr("common.admin.COUNT_CAP", 3)
    monkeypatch.setattr("payments.admin.OrderWithPaymentsAdmin.list_per_page", 2)
    for number in range(1, 5):
        make_order(number)
    answer = admin_client.get(reverse(LIST))
    assert "3+ orders" in " ".join(answer.content.decode().split())
    assert len(admin_client.get(reverse(LIST), {"p": "2"}).context["cl"].result_list) == 1
    make_order(5)
    assert admin_client.get(reverse(LIST), {"p": "9"}).status_code == 302


def test_one_without_a_number_is_not_called_as_if_it_had_one(admin_client, db):
    order = make_order(number=1, status="pending")
    Order.objects.update(number=None)
    order.refresh_from_db()
    assert str(order) == f"Order without a number (id {order.pk}, pending)"
    assert f"No number (id {order.pk})" in admin_client.get(reverse(LIST)).content.decode()


def test_how_far_its_goods_are_stands_in_the_first_part_of_its_page(admin_client, db):
    order = make_order()
    first, _, rest = words(admin_client.get(page(order)).content.decode()).partition("Still owed")
    assert first.count("Sending to be sent") == 1
    assert "Sending" not in rest
