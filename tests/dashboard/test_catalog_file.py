"""The catalog's import: looked at first, done as a whole or not at all, and never anything but what was shown."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog import stock
from catalog.importing import carry_out, plan
from catalog.models import Price, Product, Stock, StockAdjustment, Variant
from common.transactions import in_transaction
from dashboard.catalog_pages import IMPORTS
from tests.admin_rows import staff_with
from tests.dashboard.pressed import noted
from tests.factories import demo_shirt

PAGE, EXPORT = "/admin/catalog/product/import/", "/admin/catalog/product/export/"
PRICES = "sku,price USD,on hand\nTS-BL-M,19.50,12\nTS-BL-L,none,10\n"
NEW = "slug,product,sku,variant,price USD,on hand\ncup,Cup,CUP-B,Blue,7.90,5\ncup,Cup,CUP-R,Red,8,\n"
SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


@pytest.fixture(autouse=True)
def shirt(db) -> Product:
    return demo_shirt(on_hand=10)


def look(client, text: str | bytes):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(PAGE, {"file": SimpleUploadedFile("catalog.csv", content)})


def press(client, text: str, seen: str):
    return client.post(PAGE, {"text": text.replace("\n", "\r\n"), "seen": seen}, follow=True)


def do(client, text: str):
    """Looked at, then done as its page says."""
    html = look(client, text).content.decode()
    found = SEEN.search(html)
    assert found, html
    return press(client, text, found[1])


def state() -> tuple[list[object], ...]:
    models = (Product, Variant, Price, Stock, StockAdjustment)
    return tuple(list(model.objects.order_by("pk").values()) for model in models)


def test_looking_shows_what_would_change_and_changes_nothing(admin_client):
    before = state()
    changes = look(admin_client, PRICES).context["changes"]
    assert [(each.line, each.sku, each.column, each.before, each.after) for each in changes] == [
        (2, "TS-BL-M", "price USD", "24.99", "19.50"),
        (2, "TS-BL-M", "on hand", "10", "12"),
        (3, "TS-BL-L", "price USD", "24.99", "none"),
    ]
    assert (state(), noted()) == (before, [])


def test_it_is_done_as_it_was_shown(admin_client, admin_user):
    assert "3 changes are done." in do(admin_client, PRICES).content.decode()
    assert dict(Price.objects.filter(currency="USD").values_list("variant_id", "amount")) == {7: 1950}
    assert Price.objects.filter(currency="EUR").count() == 2
    row = StockAdjustment.objects.get()
    assert (row.on_hand_before, row.on_hand_after, row.reason, row.by) == (10, 12, "imported", str(admin_user))


def test_new_products_come_with_variants_prices_and_stock(admin_client):
    assert "are done." in do(admin_client, NEW).content.decode()
    cup = Product.objects.get(slug="cup")
    assert [(v.sku, v.name, v.stock.on_hand, v.prices.get().amount) for v in cup.variants.order_by("pk")] == [
        ("CUP-B", "Blue", 5, 790),
        ("CUP-R", "Red", 0, 800),
    ]


def test_products_are_renamed_and_taken_off_sale_once_for_all_their_lines(admin_client):
    do(admin_client, "sku,product,product for sale\nTS-BL-M,Shirt,no\nTS-BL-L,Shirt,no\n")
    assert list(Product.objects.values_list("name", "is_active")) == [("Shirt", False)]


def test_done_twice_it_changes_nothing_more(admin_client):
    html = look(admin_client, PRICES).content.decode()
    seen = SEEN.search(html)[1]
    press(admin_client, PRICES, seen)
    after = state()
    assert "there is nothing to do" in press(admin_client, PRICES, seen).content.decode()
    assert (state(), len(noted())) == (after, 2)


def test_a_piece_sold_meanwhile_shows_the_plan_anew_and_does_nothing(admin_client):
    seen = SEEN.search(look(admin_client, PRICES).content.decode())[1]
    in_transaction(stock.reserve)(holder="checkout:1", demand={7: 1})
    in_transaction(stock.commit)("checkout:1")
    before = state()
    html = press(admin_client, PRICES, seen).content.decode()
    assert "The shop has changed since you looked" in html
    assert state() == before
    assert "are done." in press(admin_client, PRICES, SEEN.search(html)[1]).content.decode()
    assert Stock.objects.get(pk=7).on_hand == 12


def test_one_bad_line_stops_all_of_it_and_is_named(admin_client):
    before = state()
    text = PRICES + "TS-XX,5,5\n"
    answer = look(admin_client, text)
    ((line, column, sentence),) = [(p.line, p.column, p.sentence) for p in answer.context["problems"]]
    assert (line, column) == (4, "slug")
    assert "needs the slug" in sentence
    assert not SEEN.search(answer.content.decode())
    press(admin_client, text, plan(text).digest)
    assert state() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sku,slug\nTS-BL-M,other\n", "and stays there"),
        ("sku,slug\nNEW,new\n", "A new product needs a name."),
        ("sku,slug\nNEW,organic-cotton-t-shirt\n", "A new variant needs a name."),
        ("sku,product\nTS-BL-M,One\nTS-BL-L,Two\n", "Line 2 says something else"),
    ],
)
def test_what_cannot_be_done_is_said(admin_client, text, said):
    assert said in look(admin_client, text).context["problems"][0].sentence


def test_never_below_what_is_promised(admin_client):
    in_transaction(stock.reserve)(holder="checkout:1", demand={7: 8})
    (problem,) = look(admin_client, "sku,on hand\nTS-BL-M,7\n").context["problems"]
    assert problem.sentence == "At most 2 can be taken away: 10 on hand, 8 of them promised."


def test_each_variant_has_it_in_its_history(admin_client):
    do(admin_client, PRICES)
    assert noted() == [
        "Imported. price USD: 24.99 -> 19.50; on hand: 10 -> 12.",
        "Imported. price USD: 24.99 -> none.",
    ]
    assert "By import" in admin_client.get(reverse("admin:catalog_variant_change", args=[7])).content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"sku\n\xff\xfe", "UTF-8"),
        (b"sku\n" + b"x" * 1_000_001, "at most"),
        (b"  \n", "something in it"),
        ("sku,price USD\nTS-BL-M,1\n".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_file_that_is_none_is_said(admin_client, content, said):
    assert said in look(admin_client, content).content.decode()


def test_a_byte_order_mark_is_no_part_of_the_head(admin_client):
    assert len(look(admin_client, b"\xef\xbb\xbf" + PRICES.encode()).context["changes"]) == 3


def test_without_a_file_it_is_asked_for(admin_client):
    assert "Choose a file" in admin_client.post(PAGE, {}).content.decode()


def test_a_thousand_lines_take_no_more_statements_than_ten(db, django_assert_max_num_queries):
    Product.objects.all().delete()  # its fixed ids would stand in the way of a thousand new ones
    rows = (f"p{number // 4},P,S{number},V,1.00,1" for number in range(1000))
    text = "slug,product,sku,variant,price USD,on hand\n" + "\n".join(rows)
    seen = plan(text).digest
    with django_assert_max_num_queries(40):
        assert carry_out(text, seen=seen, by="ada")[1]
    assert Variant.objects.count() == 1000


@pytest.mark.parametrize("missing", IMPORTS)
def test_who_lacks_one_of_the_permissions_imports_nothing(client, missing):
    client.force_login(staff_with("catalog.view_product", *(each for each in IMPORTS if each != missing)))
    assert client.get(PAGE).status_code == 403
    before = state()
    assert press(client, PRICES, plan(PRICES).digest).status_code == 403
    assert state() == before


def test_with_all_of_them_no_more_is_needed(client):
    client.force_login(staff_with("catalog.view_product", *IMPORTS))
    assert "are done." in do(client, PRICES).content.decode()


def test_it_is_taken_away_by_who_may(client, admin_client):
    answer = admin_client.get(EXPORT)
    assert b"TS-BL-M" in b"".join(answer.streaming_content)
    assert answer["Content-Disposition"] == 'attachment; filename="catalog.csv"'
    client.force_login(staff_with("catalog.view_product"))
    assert client.get(EXPORT).status_code == 403
    client.force_login(staff_with("dashboard.export_list"))
    assert client.get(EXPORT).status_code == 403
    assert admin_client.post(EXPORT).status_code == 405


def test_the_buttons_above_the_list_lead_there(admin_client):
    html = admin_client.get(reverse("admin:catalog_product_changelist")).content.decode()
    for button, page in (("import_csv", PAGE), ("export_csv", EXPORT)):
        address = reverse(f"admin:catalog_product_{button}")
        assert address in html
        assert admin_client.get(address)["Location"] == page
