import json
import re

import pytest

from catalog.models import Product, Variant
from checkouts.models import Checkout
from tests.checkouts.pages.shopper import SHIRT, text_of
from tests.factories import SHIRT_ID, make_product, make_variant

WINDOW = ["/", "/products/", SHIRT]


def json_ld(response) -> dict:
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL)
    return json.loads(block[1])


@pytest.mark.parametrize("path", WINDOW)
def test_the_shop_window_shows_the_shirt_with_its_price(shopper, path):
    page = text_of(shopper.get(path))
    assert "Organic Cotton T-Shirt" in page
    assert "$24.99" in page


@pytest.mark.parametrize("path", WINDOW)
def test_looking_begins_no_checkout_and_leaves_no_cookie(shopper, path):
    response = shopper.get(path)
    assert not response.cookies
    assert not Checkout.objects.exists()


@pytest.mark.parametrize("path", ["/", "/products/", "/pictures/mug.svg"])
def test_the_shop_window_is_for_looking_only(shopper, path):
    assert shopper.client.post(path).status_code == 405


@pytest.mark.parametrize("path", WINDOW)
def test_looking_costs_as_many_queries_for_many_goods_as_for_few(shopper, django_assert_num_queries, path):
    def queries() -> int:
        with django_assert_num_queries(2 if path == "/" else 3):
            shopper.get(path)

    queries()
    for number in range(9):
        make_variant(make_product(f"Mug {number}"))
        make_variant(Product.objects.get(pk=SHIRT_ID), amount=9900)
    queries()


def test_an_unknown_product_is_not_found_in_the_shops_own_words(shopper):
    response = shopper.get("/products/nothing-like-this")
    assert response.status_code == 404
    assert "This page does not exist" in text_of(response)


def test_a_long_list_comes_in_pages_and_a_strange_page_number_is_no_error(shopper):
    for number in range(20):
        make_variant(make_product(f"Mug {number:02}"))
    assert "Page 1 of 2" in text_of(shopper.get("/products/"))
    assert "Mug 19" not in text_of(shopper.get("/products/?page=1"))
    assert "Page 2 of 2" in text_of(shopper.get("/products/?page=2"))
    assert shopper.get("/products/?page=-x").status_code == 200


def test_a_product_offers_its_variants_by_name(shopper):
    page = text_of(shopper.get(SHIRT))
    assert "Medium / Blue" in page
    assert "Large / Blue" in page


def test_a_sold_out_product_says_so_and_cannot_be_added(shopper):
    product = make_product("Mug")
    make_variant(product, on_hand=0)
    response = shopper.get(product.get_absolute_url())
    assert "Sold out" in text_of(response)
    assert "Add to cart" not in text_of(response)


def test_a_product_no_longer_for_sale_says_so(shopper):
    product = make_product("Mug")
    make_variant(product, is_active=False)
    assert "no longer for sale" in text_of(shopper.get(product.get_absolute_url()))


def test_few_pieces_left_are_said(shopper):
    product = make_product("Mug")
    make_variant(product, on_hand=3)
    assert "Only 3 left" in text_of(shopper.get(product.get_absolute_url()))


def test_machines_read_each_variant_with_its_price_availability_and_address(shopper, settings):
    shirt = json_ld(shopper.get(SHIRT))
    assert (shirt["@type"], shirt["name"]) == ("ProductGroup", "Organic Cotton T-Shirt")
    assert (shirt["productGroupID"], shirt["url"]) == ("42", f"{settings.BASE_URL}{SHIRT}")
    assert shirt["variesBy"] == ["https://schema.org/color", "https://schema.org/size"]
    medium = shirt["hasVariant"][0]
    assert (medium["@type"], medium["sku"], medium["size"], medium["color"]) == ("Product", "TS-BL-M", "Medium", "Blue")
    offer = medium["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("24.99", "USD")
    assert offer["availability"] == "https://schema.org/InStock"
    assert offer["url"] == medium["url"] == f"{settings.BASE_URL}{SHIRT}?variant=7"


def test_a_product_of_one_variant_is_no_group(shopper):
    product = make_product("Mug")
    variant = make_variant(product, on_hand=0, sku="MUG-1", options={"Color": "White", "Glaze": "Raw"})
    mug = json_ld(shopper.get(product.get_absolute_url()))
    assert (mug["@type"], mug["productID"], mug["sku"], mug["color"]) == ("Product", str(product.pk), "MUG-1", "White")
    assert mug["additionalProperty"] == [{"@type": "PropertyValue", "name": "Glaze", "value": "Raw"}]
    [offer] = mug["offers"]
    assert offer["availability"] == "https://schema.org/OutOfStock"
    assert offer["url"].endswith(f"?variant={variant.pk}")


def test_what_has_no_price_here_is_not_offered_to_machines(shopper):
    product = make_product("Mug")
    make_variant(product, amount=None)
    assert json_ld(shopper.get(product.get_absolute_url()))["offers"] == []


def test_options_that_are_no_mapping_break_no_page(shopper):
    product = make_product("Mug")
    variant = make_variant(product)
    Variant.objects.filter(pk=variant.pk).update(options=["Size"])
    assert shopper.get(product.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(("query", "chosen"), [("", 7), ("?variant=8", 8), ("?variant=99", 7), ("?variant=x", 7)])
def test_the_address_of_a_variant_opens_with_that_one_chosen(shopper, query, chosen):
    html = shopper.get(f"{SHIRT}{query}").content.decode()
    assert re.findall(r'name="variant" value="(\d+)" checked', html) == [str(chosen)]


def test_a_description_cannot_break_out_of_the_machine_readable_block(shopper):
    product = make_product("Mug", description='</script><script>alert("x")</script>&amp;')
    make_variant(product)
    response = shopper.get(product.get_absolute_url())
    assert "<script>alert" not in response.content.decode()
    assert json_ld(response)["description"] == '</script><script>alert("x")</script>&amp;'


def test_neither_can_a_name_an_option_or_a_code(shopper):
    evil = "</script><!--<script>\u2028'\""
    product = make_product(evil)
    for number in range(2):
        make_variant(product, name=evil, sku=f"{evil}{number}", options={evil: evil, "Size": evil})
    response = shopper.get(product.get_absolute_url())
    assert response.content.decode().count("<script") == 1
    group = json_ld(response)
    assert (group["name"], group["hasVariant"][0]["size"]) == (evil, evil)


def test_the_policy_lets_no_script_run_that_stands_in_a_page(shopper):
    policy = shopper.get(SHIRT)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy


def test_the_canonical_address_is_the_shops_own(shopper, settings):
    html = shopper.get(f"{SHIRT}?variant=8&from=mail").content.decode()
    assert f'<link rel="canonical" href="{settings.BASE_URL}{SHIRT}">' in html


def test_pictures_are_drawn_and_kept_by_browsers(shopper, django_assert_num_queries):
    with django_assert_num_queries(0):
        picture = shopper.get("/pictures/organic-cotton-t-shirt.svg?color=blue")
    assert picture["Content-Type"] == "image/svg+xml"
    assert "max-age" in picture["Cache-Control"]
    assert picture.content != shopper.get("/pictures/organic-cotton-t-shirt.svg?color=red").content


def test_the_pictures_of_mails_are_pngs(shopper, django_assert_num_queries):
    with django_assert_num_queries(0):
        picture = shopper.get("/pictures/t-shirt-blue.png")
        missing = shopper.get("/pictures/t-shirt-pink.png")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    assert picture.content.startswith(b"\x89PNG")
    assert "max-age" in picture["Cache-Control"]
    assert missing.status_code == 404


def test_a_picture_shows_nothing_of_what_its_address_says(shopper):
    picture = shopper.get('/pictures/mug.svg?color="/><script>').content.decode()
    assert "script" not in picture


@pytest.mark.parametrize("path", ["/", "/products/", SHIRT, "/cart/"])
def test_every_page_describes_itself_once(shopper, path):
    html = shopper.get(path).content.decode()
    assert html.count('<meta name="description"') == 1
    assert re.search(r'<meta name="description" content="[^"]{10,}">', html)
