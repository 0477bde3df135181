from __future__ import annotations

from django.urls import reverse

from carts.models import Cart
from tests.admin_rows import make_cart, staff_with

LIST = "admin:carts_cart_changelist"


def found(client, **query: str) -> list[Cart]:
    return list(client.get(reverse(LIST), query).context["cl"].result_list)


def test_a_cart_shows_its_lines_with_the_price_of_now(admin_client, db):
    html = admin_client.get(reverse("admin:carts_cart_change", args=[make_cart().pk])).content.decode()
    assert "Mug 1" in html
    assert "$10.00" in html


def test_nobody_edits_a_cart(admin_client, db):
    cart = make_cart()
    for name, args in (("add", []), ("change", [cart.pk]), ("delete", [cart.pk])):
        assert admin_client.post(reverse(f"admin:carts_cart_{name}", args=args), {}).status_code == 403


def test_carts_are_found_by_how_the_email_begins_and_by_id(admin_client, db):
    one, two = make_cart(1), make_cart(2)
    assert found(admin_client, q="ada.1") == [one]
    assert found(admin_client, q="ada.") == [two, one]
    assert found(admin_client, q="a%") == []
    assert found(admin_client, q=str(two.pk)) == [two]
    assert found(admin_client, q=str(two.public_id)) == [two]


def test_carts_are_filtered_by_status_and_currency(admin_client, db):
    make_cart(1)
    abandoned = make_cart(2, status="abandoned", currency="EUR")
    assert found(admin_client, status__exact="abandoned") == [abandoned]
    assert found(admin_client, currency="EUR") == [abandoned]


def test_staff_that_may_see_carts_sees_their_lines(client, db):
    client.force_login(staff_with("carts.view_cart"))
    assert "Mug 1" in client.get(reverse("admin:carts_cart_change", args=[make_cart().pk])).content.decode()
