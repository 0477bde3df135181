"""Drawn pictures, and the PNGs of them that mails show."""

import struct

import pytest

from catalog.pictures import PNGS, draw, look_of, mail_picture_url, picture_url, png
from demo.goods import PRODUCTS
from scripts.pictures import SIDE, source, wanted

MOST_BYTES = 2000
THINGS = [(product.slug, variant.name) for product in PRODUCTS for variant in product.variants]


@pytest.mark.parametrize("look", wanted())
def test_everything_in_the_demo_shop_has_a_png_of_its_drawing_as_it_is_now(look):
    found = png(look)
    assert struct.unpack(">II", found[16:24]) == (SIDE, SIDE)
    assert source(wanted()[look]) in found, "run scripts/pictures.py"
    assert len(found) < MOST_BYTES


def test_no_png_is_of_nothing():
    assert {file.stem for file in PNGS.iterdir()} == set(wanted())


@pytest.mark.parametrize(("slug", "variant"), THINGS)
def test_page_and_mail_show_the_same_drawing(slug, variant):
    color = picture_url(slug, variant).partition("color=")[2]
    assert draw(slug, color) == wanted()[look_of(slug, variant)]
    assert mail_picture_url(slug, variant) == f"/pictures/{look_of(slug, variant)}.png"


@pytest.mark.parametrize(("slug", "variant"), [("bicycle", "Blue"), ("mug", "Teal"), ("", "")])
def test_what_has_no_png_has_no_picture_in_a_mail(slug, variant):
    assert mail_picture_url(slug, variant) == ""
