import pytest
from django.test import Client
from django.utils import translation

from common import languages
from tests.checkouts.pages.shopper import Shopper
from tests.factories import DemoShop, demo_shop
from tests.languages import pseudo
from tests.languages.pages import Pages


@pytest.fixture
def shop(db) -> DemoShop:
    return demo_shop()


@pytest.fixture
def shopper(shop: DemoShop, client: Client) -> Shopper:
    return Shopper(client)


@pytest.fixture(scope="session")
def pseudo_catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pseudo")
    pseudo.write_catalog(folder)
    return folder


@pytest.fixture
def pages(shop, shopper, settings, pseudo_catalog, monkeypatch):
    """The shop in that language."""
    monkeypatch.setitem(languages.NAMES, pseudo.CODE, "Pseudo")
    settings.LANGUAGES = [(pseudo.CODE, "Pseudo"), ("en", "English")]
    settings.LANGUAGE_CODE = pseudo.CODE
    settings.LOCALE_PATHS = [pseudo_catalog]
    with translation.override(pseudo.CODE):
        yield Pages(shopper)
