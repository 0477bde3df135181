"""/robots.txt and /sitemap.xml."""

from xml.etree import ElementTree

import pytest

from tests.checkouts.pages.shopper import SHIRT
from tests.factories import make_product, make_variant

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def addresses(shopper, base: str) -> list[str]:
    response = shopper.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    found = ElementTree.fromstring(response.content).findall("s:url/s:loc", NAMES)
    assert all((one.text or "").startswith(base) for one in found)
    return [(one.text or "").removeprefix(base) for one in found]


def test_the_sitemap_names_what_can_be_bought(shopper, settings):
    assert addresses(shopper, settings.BASE_URL) == ["/", "/products/", SHIRT]


def test_a_sold_out_product_stays_and_others_are_left_out(shopper, settings):
    sold_out, retired, off, priceless, bare = (make_product(name) for name in ("A", "B", "C", "D", "E"))
    make_variant(sold_out, on_hand=0)
    make_variant(sold_out, on_hand=0)
    make_variant(retired, is_active=False)
    make_variant(off)
    off.is_active = False
    off.save()
    make_variant(priceless, currencies=("EUR",))
    found = addresses(shopper, settings.BASE_URL)
    assert found[2:] == [sold_out.get_absolute_url(), SHIRT]
    assert bare.get_absolute_url() not in found


def test_it_is_one_query_however_much_is_sold(shopper, django_assert_num_queries):
    for number in range(30):
        make_variant(make_product(f"Mug {number}"))
    with django_assert_num_queries(1):
        shopper.get("/sitemap.xml")


def test_it_says_when_a_product_changed(shopper):
    page = shopper.get("/sitemap.xml").content.decode()
    assert page.count("<lastmod>") == 1


def test_robots_are_sent_to_the_sitemap_and_kept_from_carts(shopper, settings, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = shopper.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /cart/" in lines
    assert f"Sitemap: {settings.BASE_URL}/sitemap.xml" in lines
    assert not [line for line in lines if line.startswith("Disallow: /products")]


@pytest.mark.parametrize("path", ["/robots.txt", "/sitemap.xml"])
def test_they_are_for_reading_and_leave_no_cookie(shopper, path):
    assert shopper.client.post(path).status_code == 405
    assert not shopper.get(path).cookies
    assert shopper.client.head(path).status_code == 200
