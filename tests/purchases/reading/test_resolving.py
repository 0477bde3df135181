"""What an address is: a thing of this shop, of another shop of this software, or not to be bought and why."""

import json

import pytest

from catalog.models import Product
from payments import links
from payments.links import address_of
from purchases.fetching import Deadline
from purchases.options import Choosable
from purchases.resolving import NotBuyable, OtherShop, OwnPaymentLink, OwnProduct, OwnRecoveryLink, resolve
from recovery.models import RecoveryLink
from recovery.tokens import digest_of, new_token
from tests.factories import LARGE_BLUE_ID, MEDIUM_BLUE_ID, SHIRT_ID, make_product, make_variant
from tests.payments.linked import shop_cart
from tests.purchases.reading.other_shop import ORIGIN, changed, lost, refusing
from tests.purchases.reading.sites import PUBLIC, Clock, Reply, Resolver, as_json, redirect

DISCOVERY = ("GET", "/.well-known/checkout")


class TestThisShop:
    @pytest.fixture(autouse=True)
    def own(self, shop, settings):
        """Nothing of it is looked up or fetched."""
        self.slug = Product.objects.get(pk=SHIRT_ID).slug
        self.base = settings.BASE_URL

    def resolve(self, path: str):
        return resolve(self.base + path, resolver=Resolver())

    def test_a_product(self):
        assert self.resolve(f"/products/{self.slug}") == OwnProduct(SHIRT_ID, None)
        assert self.resolve(f"/products/{self.slug}/") == OwnProduct(SHIRT_ID, None)
        assert self.resolve(f"/products/{self.slug}?utm=x#top") == OwnProduct(SHIRT_ID, None)

    def test_one_of_its_variants(self):
        assert self.resolve(f"/products/{self.slug}?variant=8") == OwnProduct(SHIRT_ID, LARGE_BLUE_ID)

    @pytest.mark.parametrize(
        "query",
        ["variant=-7", "variant=7&variant=8", "variant=abc", "variant=0", "Variant=8&variant=7", "variant=7.0"]
        + ["quantity=2", "variant_id=8", "sku=X", "size=L", "variant=8&Color=Blue"],
    )
    def test_what_an_address_says_of_the_goods_is_read_or_refused(self, query):
        assert isinstance(self.resolve(f"/products/{self.slug}?{query}"), NotBuyable)

    def test_the_same_variant_twice(self):
        assert self.resolve(f"/products/{self.slug}?variant=8&variant=8") == OwnProduct(SHIRT_ID, LARGE_BLUE_ID)

    def test_a_variant_of_another_product(self):
        stranger = make_variant()
        assert "has no variant" in self.resolve(f"/products/{self.slug}?variant={stranger.pk}").note

    def test_a_product_that_is_no_longer_sold(self):
        gone = make_product("Mug", is_active=False)
        assert self.resolve(gone.get_absolute_url()) == NotBuyable('"Mug" is no longer for sale.')

    def test_a_payment_link(self):
        link, _ = links.for_cart(shop_cart().pk)
        found = resolve(address_of(link), resolver=Resolver())
        assert isinstance(found, OwnPaymentLink)
        assert links.find(found.token) == link

    def test_a_recovery_link(self):
        token, cart = new_token(), shop_cart()
        RecoveryLink.objects.create(token_hash=digest_of(token), cart=cart, expires_at=cart.created_at)
        assert self.resolve(f"/recover/{token}") == OwnRecoveryLink(token)

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            ("/products/nothing-like-this", "no such product"),
            ("/pay/nonsense", "not, or no longer, known"),
            ("/recover/nonsense", "not, or no longer, known"),
            ("/", "no product, payment link or recovery link"),
            ("/products/", "no product, payment link or recovery link"),
            ("/cart/", "no product, payment link or recovery link"),
            ("/admin/", "no product, payment link or recovery link"),
            ("/nowhere", "no such page"),
            ("/products/%00", "no such page"),
            ("/products/../admin/", "no such page"),
            ("//evil.test/", "no such page"),
        ],
    )
    def test_anything_else_of_this_shop(self, path, why):
        found = self.resolve(path)
        assert isinstance(found, NotBuyable)
        assert why in found.note
        assert "nonsense" not in found.note

    def test_a_short_link_that_leads_here_is_read_here(self, site, dialed, resolver):
        site.answers["/s"] = redirect(f"{self.base}/products/{self.slug}")
        assert resolve("http://shop.test/s", resolver=resolver, dial=dialed) == OwnProduct(SHIRT_ID, None)

    def test_a_product_costs_a_query_or_two(self, django_assert_num_queries):
        with django_assert_num_queries(1):
            self.resolve(f"/products/{self.slug}")
        with django_assert_num_queries(2):
            self.resolve(f"/products/{self.slug}?variant=8")


@pytest.mark.usefixtures("other")
class TestAnotherShopOfThisSoftware:
    @pytest.fixture
    def resolve(self):
        return lambda path: resolve(ORIGIN + path, resolver=Resolver(other_test=["127.0.0.1"]))

    @pytest.fixture
    def slug(self):
        return Product.objects.get(pk=SHIRT_ID).slug

    def test_a_product_with_its_variants(self, resolve, slug):
        found = resolve(f"/products/{slug}")
        assert isinstance(found, OtherShop)
        assert (found.origin, found.product_id, found.variant_id) == (ORIGIN, SHIRT_ID, None)
        assert found.shop.is_demo
        assert found.choosables() == [
            Choosable(MEDIUM_BLUE_ID, "Medium / Blue", "TS-BL-M", {"size": "Medium", "color": "Blue"}),
            Choosable(LARGE_BLUE_ID, "Large / Blue", "TS-BL-L", {"size": "Large", "color": "Blue"}),
        ]
        assert [offer.amount for offer in found.product.offers] == [2499, 2499]

    def test_the_variant_that_the_address_names(self, resolve, slug):
        assert resolve(f"/products/{slug}?variant=8").variant_id == LARGE_BLUE_ID
        assert "has no variant 99" in resolve(f"/products/{slug}?variant=99").note

    def test_a_product_of_one_variant(self, resolve):
        mug = make_product("Mug")
        variant = make_variant(mug, on_hand=0, options={"Glaze": "Raw"})
        [choosable] = resolve(mug.get_absolute_url()).choosables()
        assert (choosable.variant_id, choosable.is_available) == (variant.pk, False)
        assert choosable.options == {"Glaze": "Raw"}

    def test_a_page_of_it_that_is_no_product(self, resolve):
        assert resolve("/").note.endswith("at other.test names no product (no Schema.org Product in JSON-LD).")
        assert "answers 404" in resolve("/products/none").note

    @pytest.mark.parametrize(
        "values",
        [{"software": "other"}, {"format": 2}, {"url": "http://evil.test"}, {"currency": "usd"}, {"is_demo": 1},
         {"apis": {"guest": "http://evil.test/api/checkout"}}, {"apis": {"guest": "http://other.test.evil.test/"}},
         {"shipping_methods": [{"id": "1", "name": "x", "cost": 1}]}, {"payment_providers": [1]}, {"name": None},
         {"shipping_methods": [{"id": 1, "name": "x", "cost": 1.005}]}],
    )  # fmt: skip
    def test_a_discovery_that_is_not_as_it_should_be_makes_no_shop(self, other, resolve, slug, values):
        other.spoil[DISCOVERY] = changed(**values)
        found = resolve(f"/products/{slug}")
        assert "is no shop of this software" in found.note
        assert '"Organic Cotton T-Shirt" for 24.99 USD' in found.note

    def test_a_discovery_that_breaks_off_may_go_better_another_time(self, other, resolve, slug):
        other.spoil[DISCOVERY] = lost
        assert resolve(f"/products/{slug}").is_temporary
        other.spoil[DISCOVERY] = refusing(503)
        assert resolve(f"/products/{slug}").is_temporary
        assert isinstance(resolve(f"/products/{slug}"), OtherShop)


MUG = {
    "@type": "Product", "name": "Blue Mug", "url": "http://shop.test/mug",
    "offers": {"price": "12.50", "priceCurrency": "EUR"},
}  # fmt: skip


@pytest.mark.django_db
class TestAnyOtherAddress:
    @pytest.fixture
    def found(self, site, dialed, resolver):
        def found(url: str = "http://shop.test/mug", **more) -> NotBuyable:
            resolved = resolve(url, **{"resolver": resolver, "dial": dialed, **more})
            assert isinstance(resolved, NotBuyable)
            assert resolved.note.endswith(".")
            return resolved

        return found

    def page(self, *blocks: object, title: str = "Mugs") -> Reply:
        scripts = [f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks]
        return Reply(f"<title>{title}</title>{''.join(scripts)}")

    def test_a_product_elsewhere_is_named_with_its_price(self, site, found):
        site.answers["/mug"] = self.page(MUG)
        assert found() == NotBuyable(
            'There is "Blue Mug" for 12.50 EUR at shop.test. It could not be bought: shop.test is no shop of this '
            "software (it has no /.well-known/checkout)."
        )

    def test_a_page_without_json_ld(self, site, found):
        site.answers["/mug"] = self.page()
        assert 'The page "Mugs" at shop.test names no product' in found().note

    def test_a_product_without_a_price(self, site, found):
        site.answers["/mug"] = self.page(MUG | {"offers": {}})
        assert "without a price that could be read" in found().note

    def test_many_products(self, site, found):
        site.answers["/mug"] = self.page(*(MUG | {"name": f"Mug {number}"} for number in range(5)))
        assert "and 2 more products" in found().note

    def test_the_words_of_others_are_kept_short_and_hold_no_card_number(self, site, found):
        site.answers["/mug"] = self.page(title="4242 4242 4242 4242 \x1b[31m\u202e" + "x" * 5000)
        note = found().note
        assert "4242" not in note
        assert "\x1b" not in note
        assert "\u202e" not in note
        assert len(note) < 300

    def test_a_shop_with_a_discovery_of_its_own_kind(self, site, found):
        site.answers["/mug"] = self.page(MUG)
        site.answers["/.well-known/checkout"] = as_json({"version": 1})
        assert "is no shop of this software" in found().note

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("ftp://shop.test/mug", "Only http and https"),
            ("http://user:pass@shop.test/mug", "user name or password"),
            ("http://localhost/mug", "no host called localhost"),
            ("http://169.254.169.254/latest", "not a public address"),
            ("http://inside.test/", "not a public address"),
            ("http://nobody.test/", "no host called"),
            ("http://shop.test/nowhere", "answers 404"),
        ],
    )
    def test_what_cannot_be_fetched(self, site, found, url, why):
        names = Resolver(shop_test=[PUBLIC], inside_test=["10.0.0.1"], **{"169_254_169_254": ["169.254.169.254"]})
        assert why in found(url, resolver=names).note

    def test_page_and_discovery_share_one_time(self, site, found):
        clock = Clock()

        def slow() -> Reply:
            clock.now += 40
            return self.page(MUG)

        site.answers["/mug"] = slow
        late = found(deadline=Deadline(30, clock=clock))
        assert late.is_temporary
        assert "longer than 30 seconds" in late.note
