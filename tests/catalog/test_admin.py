from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from catalog import stock
from catalog.models import Discount, Price, Product, Reservation, Stock, Variant
from tests.admin_forms import errors_of, filled_in
from tests.admin_rows import staff_with
from tests.factories import demo_shirt, make_discount, make_product, make_variant

ADD_PRODUCT = "admin:catalog_product_add"


@pytest.fixture
def shirt(db) -> Product:
    return demo_shirt(on_hand=10)


def page_of(row) -> str:
    return reverse(f"admin:catalog_{row._meta.model_name}_change", args=[row.pk])


def save(client, row, **changes):
    address = page_of(row)
    return client.post(address, filled_in(client, address, **changes))


def test_a_price_is_typed_and_shown_in_major_units(admin_client, shirt):
    assert 'value="24.99"' in admin_client.get(page_of(shirt)).content.decode()
    assert errors_of(save(admin_client, shirt, **{"variants-0-price_USD": "19.5"})) == ""
    assert Price.objects.get(variant_id=7, currency="USD").amount == 1950
    assert Price.objects.get(variant_id=7, currency="EUR").amount == 2499


@pytest.mark.parametrize("typed", ["24.999", "-1", "much", "NaN", "1e400"])
def test_a_price_that_cannot_be_is_refused_beside_its_field(admin_client, shirt, typed):
    assert "price_USD" in errors_of(save(admin_client, shirt, **{"variants-0-price_USD": typed}))
    assert Price.objects.get(variant_id=7, currency="USD").amount == 2499


def test_too_many_decimals_are_explained(admin_client, shirt):
    answer = save(admin_client, shirt, **{"variants-0-price_USD": "24.999"})
    assert "An amount in USD has at most 2 decimals." in errors_of(answer)


def test_a_currency_without_decimals_takes_none(admin_client, shirt):
    Price.objects.create(variant_id=7, currency="JPY", amount=2500)
    assert "has no decimals" in errors_of(save(admin_client, shirt, **{"variants-0-price_JPY": "2500.5"}))
    assert errors_of(save(admin_client, shirt, **{"variants-0-price_JPY": "2600"})) == ""
    assert Price.objects.get(variant_id=7, currency="JPY").amount == 2600


def test_an_emptied_price_takes_the_variant_off_sale_in_that_currency(admin_client, shirt):
    assert errors_of(save(admin_client, shirt, **{"variants-0-price_EUR": ""})) == ""
    assert not Price.objects.filter(variant_id=7, currency="EUR").exists()


def test_a_new_product_comes_with_variant_price_and_stock(admin_client, db):
    data = filled_in(admin_client, reverse(ADD_PRODUCT), name="Cup", slug="cup", is_active="on")
    row = {
        "name": "Blue",
        "sku": "CUP",
        "weight_grams": "200",
        "is_active": "on",
        "price_USD": "7.90",
        "received": "12",
    }
    data |= {f"variants-0-{name}": value for name, value in row.items()} | {"variants-TOTAL_FORMS": "1"}
    assert errors_of(admin_client.post(reverse(ADD_PRODUCT), data)) == ""
    variant = Variant.objects.get(sku="CUP")
    assert (variant.product.name, variant.prices.get().amount, variant.stock.on_hand) == ("Cup", 790, 12)


def test_pieces_are_added_to_the_shelf(admin_client, shirt):
    assert errors_of(save(admin_client, shirt, **{"variants-0-received": "5", "variants-1-received": "-4"})) == ""
    assert dict(Stock.objects.values_list("variant_id", "on_hand")) == {7: 15, 8: 6}


def test_pieces_added_by_a_double_click_are_added_once(admin_client, shirt):
    data = filled_in(admin_client, page_of(shirt), **{"variants-0-received": "5"})
    assert errors_of(admin_client.post(page_of(shirt), data)) == ""
    again = admin_client.post(page_of(shirt), data)
    assert "15 on hand now" in errors_of(again)
    assert Stock.objects.get(pk=7).on_hand == 15
    assert 'name="variants-0-seen_on_hand" value="15"' in again.content.decode()


def test_promised_pieces_cannot_be_taken_away(admin_client, shirt):
    stock.reserve(holder="checkout:1", demand={7: 8})
    errors = errors_of(save(admin_client, shirt, **{"variants-0-received": "-3"}))
    assert "At most 2 can be taken away: 10 on hand, 8 of them promised." in errors
    assert Stock.objects.get(pk=7).on_hand == 10


def test_on_hand_and_reserved_cannot_be_typed(admin_client, shirt):
    save(admin_client, shirt, **{"variants-0-on_hand": "99", "variants-0-reserved": "9"})
    assert (Stock.objects.get(pk=7).on_hand, Stock.objects.get(pk=7).reserved) == (10, 0)


def test_staff_without_the_permission_moves_neither_stock_nor_prices(client, shirt):
    client.force_login(staff_with("catalog.change_product", "catalog.change_variant"))
    tricks = {"variants-0-received": "5", "variants-0-seen_on_hand": "10", "variants-0-price_USD": "1"}
    assert errors_of(save(client, shirt, **tricks, name="Renamed")) == ""
    assert Product.objects.get().name == "Renamed"
    assert (Stock.objects.get(pk=7).on_hand, Price.objects.get(variant_id=7, currency="USD").amount) == (10, 2499)


def test_staff_that_may_only_look_sees_the_prices(client, shirt):
    client.force_login(staff_with("catalog.view_product", "catalog.view_variant"))
    assert "$24.99" in client.get(page_of(shirt)).content.decode()
    assert client.post(page_of(shirt), {}).status_code == 403


def test_a_product_that_was_ordered_cannot_be_deleted(admin_client, shirt):
    stock.reserve(holder="checkout:1", demand={7: 1})
    address = reverse("admin:catalog_product_delete", args=[shirt.pk])
    assert admin_client.post(address, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [shirt.pk], "post": "yes"}
    admin_client.post(reverse("admin:catalog_product_changelist"), chosen)
    assert Product.objects.exists()
    assert Reservation.objects.exists()


def test_a_product_that_was_never_ordered_can_be_deleted(admin_client, shirt):
    address = reverse("admin:catalog_product_delete", args=[shirt.pk])
    assert admin_client.post(address, {"post": "yes"}).status_code == 302
    assert not Product.objects.exists()


def test_products_are_found_by_sku_and_by_how_their_name_begins(admin_client, shirt):
    make_variant(make_product("Other"))
    for term in ("TS-BL-M", "Organic", "42", str(shirt.public_id)):
        found = admin_client.get(reverse("admin:catalog_product_changelist"), {"q": term}).context["cl"].result_list
        assert list(found) == [shirt], term


# --- discounts ------------------------------------------------------------------------------------
def new_discount(client, **changes):
    address = reverse("admin:catalog_discount_add")
    data = {"code": "spring", "kind": "basket", "method": "percentage", "percent": "12.5", "is_active": "on"}
    return client.post(address, filled_in(client, address, **(data | changes)))


def fixed_terms(**values) -> dict[str, str]:
    terms = {"currency": "USD", "off_amount": "5", "minimum_amount": "20.50"} | values
    return {"method": "fixed", "percent": "", "terms-TOTAL_FORMS": "1"} | {
        f"terms-0-{name}": value for name, value in terms.items()
    }


def test_a_percentage_is_typed_as_percent_and_kept_as_basis_points(admin_client, db):
    assert errors_of(new_discount(admin_client)) == ""
    discount = Discount.objects.get(code="SPRING")
    assert discount.basis_points == 1250
    assert 'value="12.5"' in admin_client.get(page_of(discount)).content.decode()


def test_the_amounts_of_a_fixed_code_are_typed_in_major_units(admin_client, db):
    assert errors_of(new_discount(admin_client, **fixed_terms())) == ""
    terms = Discount.objects.get().terms.get()
    assert (terms.off_amount, terms.minimum_amount) == (500, 2050)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"percent": "101"}, "less than or equal to 100"),
        ({"percent": "12.345"}, "2 decimal places"),
        ({"percent": ""}, "needs a percentage"),
        ({"method": "fixed"}, "in at least one currency"),
        (fixed_terms(off_amount="5.001"), "at most 2 decimals"),
        (fixed_terms(off_amount="-5"), "greater than or equal to 0"),
        (fixed_terms(currency="usd"), "three capital letters"),
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(admin_client, db, changes, complaint):
    assert complaint in errors_of(new_discount(admin_client, **changes))
    assert not Discount.objects.exists()


def test_the_same_code_in_other_letters_is_found_to_exist(admin_client, db):
    make_discount("SPRING")
    assert "already exists" in errors_of(new_discount(admin_client))


def test_a_code_used_while_its_page_was_open_keeps_its_count(admin_client, db):
    discount = make_discount("SPRING", usage_limit=5)
    data = filled_in(admin_client, page_of(discount), percent="30")
    stale = Discount.objects.get()
    Discount.objects.update(used_count=3)
    form = admin.site._registry[Discount].get_form(None)(data, instance=stale)
    assert form.is_valid(), form.errors
    admin.site._registry[Discount].save_model(None, form.save(commit=False), form, change=True)
    discount.refresh_from_db()
    assert (discount.used_count, discount.basis_points) == (3, 3000)


def test_a_limit_below_the_uses_so_far_is_refused(admin_client, db):
    discount = make_discount("SPRING", usage_limit=5)
    Discount.objects.update(used_count=3)
    assert "used 3 times already" in errors_of(save(admin_client, discount, usage_limit="2"))
    assert errors_of(save(admin_client, discount, usage_limit="3")) == ""


@pytest.mark.parametrize("typed", ["1e", "1,5", "-"])
def test_a_limit_that_cannot_be_read_is_not_taken_for_none(admin_client, db, typed):
    discount = make_discount("SPRING", usage_limit=5)
    assert "Enter a whole number" in errors_of(save(admin_client, discount, usage_limit=typed))
    html = admin_client.get(page_of(discount)).content.decode()
    assert re.search(r'<input type="text"[^>]* name="usage_limit"|name="usage_limit"[^>]* type="text"', html)


def test_the_list_shows_what_a_code_gives_and_how_often_it_was_used(admin_client, db):
    make_discount("SPRING", percent=25, usage_limit=5)
    make_discount("FIVER", off_amount=500)
    html = admin_client.get(reverse("admin:catalog_discount_changelist")).content.decode()
    assert "25 %" in html
    assert "$5.00" in html
    assert "0 of 5" in html


@pytest.mark.parametrize(("typed", "kept"), [("", {}), ("null", {}), ('{"Size": "M"}', {"Size": "M"})])
def test_options_are_names_and_values_or_none(admin_client, shirt, typed, kept):
    assert errors_of(save(admin_client, Variant.objects.get(pk=7), options=typed)) == ""
    assert Variant.objects.get(pk=7).options == kept


@pytest.mark.parametrize("typed", ["[]x", '["Size"]', '{"Size": 1}', '"Size"'])
def test_options_of_another_shape_are_refused(admin_client, shirt, typed):
    assert "options" in errors_of(save(admin_client, Variant.objects.get(pk=7), options=typed))
