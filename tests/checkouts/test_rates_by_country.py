"""What shipping costs depends on where the goods go: asked of the services, the guest API, the pages and the agents."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkouts import again, drafts, services
from checkouts.linked_carts import draft_of
from checkouts.models import Checkout, ShippingRate
from checkouts.queries import shipping_methods
from common.errors import ErrorCode
from orders.models import Order
from tests.checkouts.api.conftest import Guest
from tests.checkouts.pages.shopper import Shopper, text_of
from tests.checkouts.shopping import SHIRT, checkout_of, pay, ready_session, refused
from tests.factories import ADDRESS, CUSTOMER, EXPRESS_ID, STANDARD_ID, demo_shop, make_shipping
from tests.purchases.agents import make_agent

pytestmark = pytest.mark.django_db
NORWAY = ADDRESS | {"city": "Oslo", "state": "", "postal_code": "0150", "country": "NO"}
GERMANY = ADDRESS | {"city": "Berlin", "state": "", "postal_code": "10115", "country": "DE"}
ONLY_GERMANY = 9


@pytest.fixture(autouse=True)
def shop() -> None:
    """Standard: 5.99, to Norway 19.50. Express: 14.99, not to Norway. Bicycle: 3.00, in Germany alone."""
    demo_shop()
    rate(STANDARD_ID, "NO", 1950)
    rate(EXPRESS_ID, "NO", 0, is_offered=False)
    make_shipping("Bicycle", method_id=ONLY_GERMANY, currencies=())
    rate(ONLY_GERMANY, "DE", 300)


def rate(method_id: int, country: str, amount: int, *, is_offered: bool = True) -> None:
    ShippingRate.objects.create(
        method_id=method_id, currency="USD", country=country, amount=amount, is_offered=is_offered
    )


def offered(country: str) -> dict[int, int]:
    return {method.pk: method.rate_amount for method in shipping_methods("USD", country)}


def ready_for(address: dict[str, str], method_id: int = STANDARD_ID):
    session = ready_session(pieces=1)
    services.set_shipping_address(session, address)
    services.set_shipping_method(session, method_id)
    return session


@pytest.mark.parametrize(
    ("country", "methods"),
    [
        ("US", {STANDARD_ID: 599, EXPRESS_ID: 1499}),
        ("", {STANDARD_ID: 599, EXPRESS_ID: 1499}),
        ("NO", {STANDARD_ID: 1950}),
        ("DE", {STANDARD_ID: 599, EXPRESS_ID: 1499, ONLY_GERMANY: 300}),
    ],
)
def test_a_countrys_own_rate_beats_the_general_one(country, methods):
    assert offered(country) == methods


def test_a_rate_in_another_currency_is_none():
    ShippingRate.objects.filter(method=STANDARD_ID, country="NO").update(currency="EUR")
    assert offered("NO") == {STANDARD_ID: 599}


class TestTheCheckout:
    def test_is_priced_and_charged_for_its_country(self):
        order = pay(ready_for(NORWAY)).order
        assert (order.shipping_amount, order.total_amount) == (1950, SHIRT + 1950)

    def test_is_priced_anew_when_the_address_changes(self):
        session = ready_session(pieces=1)
        assert services.set_shipping_address(session, NORWAY).totals.shipping_amount == 1950
        assert services.find(session).totals.total_amount == SHIRT + 1950
        assert services.set_shipping_address(session, ADDRESS).totals.shipping_amount == 599

    def test_a_method_that_does_not_go_there_counts_as_none(self):
        session = ready_for(ADDRESS, EXPRESS_ID)
        view = services.set_shipping_address(session, NORWAY)
        assert (view.method, view.totals.shipping_amount) == (None, 0)
        with refused(ErrorCode.CHECKOUT_INCOMPLETE) as refusal:
            pay(session)
        assert refusal.value.values["missing"] == ["shipping_method_id"]
        assert services.set_shipping_address(session, ADDRESS).totals.shipping_amount == 1499

    def test_cannot_choose_it_either(self):
        session = ready_for(NORWAY)
        with refused(ErrorCode.SHIPPING_METHOD_NOT_FOUND) as refusal:
            services.set_shipping_method(session, EXPRESS_ID)
        assert refusal.value.values == {"method": "Express Shipping", "country": "NO"}

    def test_a_rate_that_changes_before_paying_is_told_and_not_charged(self):
        session = ready_for(NORWAY)
        ShippingRate.objects.filter(country="NO", method=STANDARD_ID).update(amount=2500)
        with refused(ErrorCode.TOTAL_CHANGED):
            pay(session)
        assert not Order.objects.exists()

    def test_what_was_agreed_stays_when_the_rate_goes_up(self):
        session = ready_for(NORWAY)
        pay(session)
        ShippingRate.objects.update(amount=9900)
        assert services.read(checkout_of(session).pk).totals.shipping_amount == 1950

    def test_its_cart_asks_the_same_by_payment_link(self):
        cart = checkout_of(ready_for(NORWAY)).cart
        assert draft_of(cart).totals.shipping_amount == 1950
        ShippingRate.objects.filter(country="NO").update(is_offered=False, amount=0)
        assert (draft_of(cart).totals.shipping_amount, draft_of(cart).shipping_method_name) == (0, "")

    def test_gone_on_with_elsewhere_its_method_is_kept_where_it_is_offered_without_an_address(self):
        cart_id = checkout_of(ready_for(GERMANY, ONLY_GERMANY)).cart_id
        assert again.begin_again(cart_id).method is None
        services.set_shipping_method(Checkout.objects.latest("id").session_key, STANDARD_ID)
        assert again.begin_again(cart_id).method.pk == STANDARD_ID

    def test_a_new_country_makes_one_query_more_however_many_rates(self):
        session = ready_session(pieces=1)
        counts = []
        for address, countries in ((NORWAY, ("SE",)), (GERMANY, ("DK", "FI", "FR", "IT"))):
            for country in countries:
                rate(STANDARD_ID, country, 100)
            with CaptureQueriesContext(connection) as captured:
                services.set_shipping_address(session, address)
            counts.append(len(captured))
        assert counts[0] == counts[1]


class TestTheGuestApi:
    def test_answers_with_the_countrys_cost(self):
        guest = Guest().ready()
        body = guest.call("put", "/shipping-address", NORWAY).json()
        assert (body["shipping_cost"], body["final_amount"]) == (19.5, 69.48)

    def test_shows_no_method_where_the_chosen_one_does_not_go(self):
        guest = Guest().ready()
        guest.call("put", "/shipping-method", {"shipping_method_id": EXPRESS_ID})
        body = guest.call("put", "/shipping-address", NORWAY).json()
        assert (body["shipping_method_id"], body["shipping_method"], body["shipping_cost"]) == (0, None, 0)
        refusal = guest.call("put", "/shipping-method", {"shipping_method_id": EXPRESS_ID})
        assert refusal.status_code == 404
        assert refusal.json()["error"] == "Express Shipping is not offered for shipping to NO."

    def test_a_method_of_some_countries_waits_for_the_country(self):
        guest = Guest()
        guest.add()
        refusal = guest.call("put", "/shipping-method", {"shipping_method_id": ONLY_GERMANY})
        assert refusal.json()["error"] == "Bicycle is not offered for shipping before the country is known."


class TestThePage:
    @pytest.fixture
    def shopper(self, client: Client) -> Shopper:
        shopper = Shopper(client)
        shopper.add()
        return shopper

    def norway(self) -> dict[str, str]:
        return {f"shipping-{name}": value for name, value in NORWAY.items()}

    def test_offers_what_goes_to_the_country_that_is_typed(self, shopper):
        page = text_of(shopper.press("country", **self.norway()))
        assert "$19.50" in page
        assert "Express Shipping" not in page

    def test_tells_what_another_country_costs(self, shopper):
        shopper.press("update")
        page = shopper.shown(shopper.press("update", **self.norway()))
        assert "Shipping to this country costs $13.51 more: Norway." in page

    def test_says_that_the_chosen_method_does_not_go_there(self, shopper):
        shopper.press("update", shipping_method=EXPRESS_ID)
        response = shopper.press("update", **self.norway(), shipping_method=EXPRESS_ID)
        said = "Express Shipping is not offered for this country: Norway. Please choose another way of shipping."
        assert said in text_of(response)
        for path in ("/cart/", "/checkout/"):
            assert said in text_of(shopper.get(path)), path
        shopper.press("update", **self.norway(), shipping_method=STANDARD_ID)
        assert said not in text_of(shopper.get("/checkout/"))

    def test_a_mere_proposal_is_not_held_against_who_chooses_another_country(self, shopper):
        ShippingRate.objects.filter(method=STANDARD_ID, country="NO").update(is_offered=False)
        ShippingRate.objects.filter(method=EXPRESS_ID, country="NO").update(is_offered=True, amount=4000)
        response = shopper.press("country", **self.norway())
        assert response.status_code == 200
        assert "is not offered" not in text_of(response)
        assert "$40.00" in text_of(response)

    def test_ordering_with_the_total_of_another_country_orders_nothing(self, shopper):
        form = shopper.form() | self.norway()
        page = shopper.shown(shopper.press("place", form))
        assert "The total is now $44.49. Nothing was charged" in page
        assert not Order.objects.exists()

    def test_ordering_by_a_way_that_does_not_go_there_orders_nothing(self, shopper):
        response = shopper.press("place", **self.norway(), shipping_method=EXPRESS_ID)
        assert response.status_code == 422
        assert not Order.objects.exists()

    def test_ordering_by_a_way_of_one_country(self, shopper):
        germany = {f"shipping-{name}": value for name, value in GERMANY.items()}
        html = shopper.press("country", **germany).content.decode()
        assert f'value="{SHIRT + 300}"' in html
        shopper.press("place", **germany, shipping_method=ONLY_GERMANY, **{f"total-{ONLY_GERMANY}": SHIRT + 300})
        assert Order.objects.get().shipping_amount == 300

    def test_says_where_nothing_goes(self, shopper):
        ShippingRate.objects.filter(country="").delete()
        assert "How we ship depends on the country: choose it above." in text_of(shopper.get("/checkout/"))
        ShippingRate.objects.filter(country="NO").delete()
        assert "We cannot ship to this country: Norway." in text_of(shopper.press("country", **self.norway()))

    def test_says_that_nothing_goes_anywhere(self, shopper):
        ShippingRate.objects.all().delete()
        assert "We cannot ship at the moment." in text_of(shopper.get("/checkout/"))

    @pytest.mark.parametrize("country", ["XX", "a\x00b", "n" * 5000])
    def test_a_country_that_is_none_is_said(self, shopper, country):
        assert shopper.press("place", **{"shipping-country": country}).status_code == 422

    def test_asks_for_the_page_anew_only_where_the_country_matters(self, shopper):
        assert 'id="other-country"' in shopper.get("/checkout/").content.decode()
        ShippingRate.objects.exclude(country="").delete()
        assert 'id="other-country"' not in shopper.get("/checkout/").content.decode()


def test_an_agent_pays_what_shipping_to_its_person_costs():
    agent = make_agent()
    address = {"address_line1": "Karl Johans gate 1", "city": "Oslo", "postal_code": "0154", "country": "Norway"}
    bought = agent.bought(shipping_address=address)
    assert (bought["status"], bought["amount_str"]) == ("completed", "44.49")


def test_an_agent_is_told_what_does_not_go_there():
    bought = make_agent().bought(shipping_address=NORWAY, shipping_method="express")
    assert (bought["status"], Order.objects.count()) == ("failed", 0)
    assert "Standard Shipping" in bought["notes"]


def test_programs_learn_what_goes_to_a_country():
    def known(query: str = "") -> dict:
        return Client().get(f"/.well-known/checkout{query}").json()

    assert known()["ships_by_country"] is True
    costs = {method["name"]: method["cost"] for method in known("?country=no")["shipping_methods"]}
    assert costs == {"Standard Shipping": 19.5}
    assert known("?country=%00") == known() == known("?country=ZZ")


def test_staff_drafts_an_order_at_the_countrys_cost():
    draft = drafts.DraftOrder(
        pieces={"TS-BL-M": 1}, shipping_address=NORWAY, shipping_method_id=STANDARD_ID, **CUSTOMER
    )
    view, _ = drafts.make(draft, wish="staff:1:x")
    assert view.totals.total_amount == SHIRT + 1950
