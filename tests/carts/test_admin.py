from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from carts import tracked
from carts.models import Cart
from carts.tracked import ToldCart, ToldItem
from tests.admin_rows import make_cart, staff_with

LIST = "admin:carts_cart_changelist"


def found(client, **query: str) -> list[Cart]:
    return list(client.get(reverse(LIST), query).context["cl"].result_list)


def test_a_cart_shows_its_lines_with_the_price_of_now(admin_client, db):
    html = admin_client.get(reverse("admin:carts_cart_change", args=[make_cart().pk])).content.decode()
    assert "Mug 1" in html
    assert "$10.00" in html


def told_cart(**values: object) -> Cart:
    told = ToldCart("bea@example.com", "Bea", (ToldItem("Garden Chair", 3, 4999),), **values)
    return tracked.add([told], currency="USD", now=timezone.now())[0]


def test_another_stores_cart_shows_its_items_and_what_it_was_worth(admin_client, db):
    html = admin_client.get(reverse("admin:carts_cart_change", args=[told_cart().pk])).content.decode()
    for text in ("Garden Chair", "$49.99", "$149.97", "Another store"):
        assert text in html


def test_what_was_never_abandoned_was_worth_nothing_then(admin_client, db):
    cart = make_cart()
    for address in (reverse("admin:carts_cart_change", args=[cart.pk]), reverse(LIST)):
        html = admin_client.get(address).content.decode()
        assert "Worth when first abandoned" in html
        assert "$0.00" not in html


def test_pieces_are_counted_whichever_door_a_cart_came_by(admin_client, db):
    told_cart()
    make_cart()
    Cart.objects.create(currency="USD")
    assert [cart._pieces for cart in found(admin_client)] == [0, 2, 3]


def test_carts_are_filtered_by_door(admin_client, db):
    make_cart()
    cart = told_cart()
    assert found(admin_client, door__exact="tracker") == [cart]


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
