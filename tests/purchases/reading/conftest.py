from collections.abc import Iterator

import pytest

from tests.factories import DemoShop, demo_shop
from tests.purchases.reading.other_shop import OtherShopHere
from tests.purchases.reading.sites import PUBLIC, Dialed, Resolver, Site


@pytest.fixture(scope="package")
def one_site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def site(one_site: Site, settings) -> Site:
    """`shop.test` at a public address, as far as anybody is told; its port is allowed by name in no test but where
    `settings.PURCHASE_ALLOWED_HOSTS` says so."""
    settings.PURCHASE_ALLOWED_HOSTS = []
    one_site.reset()
    return one_site


@pytest.fixture
def dialed(site: Site) -> Dialed:
    return Dialed(site)


@pytest.fixture
def resolver() -> Resolver:
    return Resolver(shop_test=[PUBLIC])


@pytest.fixture
def other(monkeypatch, shop, settings) -> OtherShopHere:
    """Another demo of this software at `other.test`, with the demo's shirts."""
    settings.PURCHASE_ALLOWED_HOSTS = ["other.test:80"]
    there = OtherShopHere()
    monkeypatch.setattr("purchases.fetching.exchange", there)
    return there


@pytest.fixture
def shop(db) -> DemoShop:
    return demo_shop()
