"""What a page says it sells."""

import json

import pytest

from purchases import product_pages
from purchases.fetching import Page
from purchases.product_pages import FoundOffer, FoundProduct, canonical_of, offers_in, title_of

URL = "https://shop.test/mugs/blue?x=1"
OFFER = {"@type": "Offer", "price": "12.50", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"}
MUG = {"@context": "https://schema.org", "@type": "Product", "name": "Blue Mug", "sku": "M-1", "offers": OFFER}
IS_SOLD = FoundOffer(sku="M-1", amount=1250, currency="EUR", is_available=True)
IS_MUG = FoundProduct("Blue Mug", offers=(IS_SOLD,))


def page(*blocks: object, html: str = "") -> Page:
    texts = [block if isinstance(block, str) else json.dumps(block) for block in blocks]
    scripts = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    return Page(URL, "text/html", f"<!doctype html><head>{html}{scripts}</head><body></body>")


WRITTEN = {
    "alone": [MUG],
    "in a list": [[{"@type": "WebSite", "name": "A shop"}, MUG]],
    "in a graph": [{"@context": "https://schema.org", "@graph": [{"@type": "Organization"}, MUG]}],
    "as a page's main thing": [{"@type": "ItemPage", "mainEntity": MUG}],
    "with several types": [MUG | {"@type": ["Thing", "Product"]}],
    "with types as addresses": [MUG | {"@type": "http://schema.org/Product"}],
    "with a list of offers": [MUG | {"offers": [OFFER]}],
    "with a number for a price": [MUG | {"offers": OFFER | {"price": 12.5}}],
    "with an aggregate that lists its offers": [MUG | {"offers": {"@type": "AggregateOffer", "offers": [OFFER]}}],
    "with an aggregate of one price": [
        MUG | {"offers": {"@type": "AggregateOffer", "lowPrice": 12.5, "highPrice": 12.5, "priceCurrency": "EUR",
                          "availability": "InStock"}}
    ],
    "with a price specification": [
        MUG | {"offers": {"@type": "Offer", "availability": "schema:InStock",
                          "priceSpecification": [{"price": "12.50", "priceCurrency": "EUR"}]}}
    ],
    "by reference": [[MUG | {"offers": {"@id": "#o"}}, OFFER | {"@id": "#o"}]],
    "beside a block that is no JSON": ["{no json", MUG, "", "null", "[1, 2", '{"a": NaN}'],
    "twice": [MUG, MUG],
    "in a comment inside the script": [f"<!-- {json.dumps(MUG)} -->"],
    "as CDATA": [f"//<![CDATA[\n{json.dumps(MUG)}\n//]]>"],
    "with line breaks in a text": [json.dumps(MUG).replace("Blue Mug", "Blue\nMug")],
}  # fmt: skip


@pytest.mark.parametrize("blocks", WRITTEN.values(), ids=WRITTEN)
def test_a_product_is_found_however_it_is_written(blocks):
    assert offers_in(page(*blocks)) == [IS_MUG]


GROUP = {
    "@type": "ProductGroup",
    "name": "Shirt",
    "productGroupID": "42",
    "hasVariant": [
        {"@type": "Product", "sku": "S", "name": "Shirt, small", "size": "S", "color": {"name": "Blue"},
         "offers": OFFER},
        {"@type": "Product", "sku": "L", "name": "Shirt, large", "size": "L", "offers": OFFER | {"name": "Large"},
         "additionalProperty": {"@type": "PropertyValue", "name": "Fit", "value": "Slim"}},
    ],
}  # fmt: skip


def test_the_variants_of_a_group_are_its_offers_and_no_products_of_their_own():
    [shirt] = offers_in(page(GROUP))
    assert (shirt.name, shirt.product_id) == ("Shirt", "42")
    assert [(offer.name, offer.sku, offer.options) for offer in shirt.offers] == [
        ("Shirt, small", "S", {"size": "S", "color": "Blue"}),
        ("Large", "L", {"size": "L", "Fit": "Slim"}),
    ]


def test_several_products_are_found_in_their_order():
    assert [found.name for found in offers_in(page(MUG, GROUP, MUG | {"name": "Cup"}))] == ["Blue Mug", "Shirt", "Cup"]


@pytest.mark.parametrize(
    ("price", "currency", "amount"),
    [
        ("12.50", "EUR", 1250),
        ("1250", "JPY", 1250),
        ("12.5", "JPY", None),
        ("1,250.00", "USD", None),
        ("12,50", "EUR", None),
        ("12.505", "EUR", None),
        ("-1", "EUR", None),
        ("free", "EUR", None),
        ("12.50", "eur", None),
        ("12.50", "\u20ac", None),
        ("12.50", None, None),
        (None, "EUR", None),
        (True, "EUR", None),
        ([], "EUR", None),
        ("1" * 40, "EUR", None),
        (1e300, "EUR", None),
    ],
)
def test_a_price_that_cannot_be_read_surely_is_none(price, currency, amount):
    [mug] = offers_in(page(MUG | {"offers": OFFER | {"price": price, "priceCurrency": currency}}))
    assert mug.offers[0].amount == amount


@pytest.mark.parametrize(
    ("word", "is_available"),
    [("https://schema.org/SoldOut", False), ("OutOfStock", False), ("PreOrder", True), ("Perhaps", None), (None, None)],
)
def test_whether_it_is_there(word, is_available):
    [mug] = offers_in(page(MUG | {"offers": OFFER | {"availability": word}}))
    assert mug.offers[0].is_available is is_available


@pytest.mark.parametrize(
    "html",
    ["", "<!-- {} -->", "<template>{}</template>", "<textarea>{}</textarea>", "<script>{}", "<title>{}"],
)
def test_what_is_not_said_to_be_data_is_none(html):
    hidden = f"<script type='application/ld+json'>{json.dumps(MUG)}</script>"
    found = offers_in(Page(URL, "text/html", html.format(hidden)))
    assert found == []


DEEP = "[" * 100_000
HOSTILE = {
    "deep": DEEP,
    "wide": "[" + ",".join(["{}"] * 50_000) + "]",
    "long numbers": '{"@type": "Product", "name": ' + "9" * 10_000 + "}",
    "a circle": [{"@type": "ProductGroup", "@id": "#a", "name": "A", "hasVariant": {"@id": "#a"}}],
    "wrong types": {"@type": "Product", "name": {"a": 1}, "offers": [None, 5, "x", {"price": {}}], "@id": []},
    "a name of a megabyte": MUG | {"name": "x" * 1_000_000},
}


def many(name: str, to: str) -> dict[str, object]:
    return {"@type": "AggregateOffer", "@id": f"#{name}", "offers": [{"@id": f"#{to}"}] * 200}


def test_references_that_multiply_end_somewhere(monkeypatch):
    offers = []
    real = product_pages._Reader._offer
    monkeypatch.setattr(product_pages._Reader, "_offer", lambda self, *args: offers.append(1) or real(self, *args))
    variant = {"@id": "#v", "@type": "Product", "name": "V", "offers": [{"@id": "#a"}] * 200}
    groups = [{"@type": "ProductGroup", "name": f"G{n}", "hasVariant": [{"@id": "#v"}] * 200} for n in range(15)]
    offers_in(page([variant, many("a", "b"), many("b", "o"), OFFER | {"@id": "#o"}, *groups]))
    assert len(offers) <= product_pages.MAX_STEPS


@pytest.mark.parametrize("block", HOSTILE.values(), ids=HOSTILE)
def test_a_block_made_to_do_harm_does_none(block):
    found = offers_in(page(block))
    assert all(len(product.name) <= 300 for product in found)


@pytest.mark.parametrize(
    ("html", "canonical"),
    [
        ('<link rel="canonical" href="https://shop.test/a">', "https://shop.test/a"),
        ("<LINK HREF=/mugs/b REL=Canonical>", "https://shop.test/mugs/b"),
        ("<link rel='canonical' href='b?x=1&amp;y=2' />", "https://shop.test/mugs/b?x=1&y=2"),
        ('<link rel="stylesheet" href="/a.css"><link rel="canonical" href="/b">', "https://shop.test/b"),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        ('<link rel="canonical">', ""),
        ('<link rel="canonical" href="http://[">', ""),
        ('<!-- <link rel="canonical" href="/b"> -->', ""),
        ("", ""),
    ],
)
def test_the_canonical_address(html, canonical):
    assert canonical_of(page(html=html)) == canonical


def test_the_title():
    assert title_of(page(html="<title>\n Mugs &amp; Cups </title>")) == "Mugs & Cups"
