"""What a shopper is refused is noted on their cart, by whichever door they came; what a client gets wrong is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from carts import refusals
from carts.models import Cart, Refusal
from carts.refusals import Kind
from carts.states import CartStatus
from catalog.models import Discount, Price, Stock, Variant
from checkouts import drafts, intents, retention, services
from checkouts.models import Checkout, ShippingRate
from checkouts.states import CheckoutStatus
from common import pay_links
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from tests.checkouts.api.conftest import CUSTOMER, SHIRT, Guest
from tests.checkouts.pages.shopper import Shopper
from tests.checkouts.shopping import pay, ready_session, refused
from tests.factories import ADDRESS, EXPRESS_ID, LARGE_BLUE_ID, MEDIUM_BLUE_ID, STANDARD_ID, DemoShop, demo_shop
from tests.payments.linked import link_to, shop_cart
from tests.payments.table import Table, cart_of

pytestmark = pytest.mark.django_db
NORWAY = ADDRESS | {"city": "Oslo", "state": "", "postal_code": "0150", "country": "NO"}
Noted = tuple[str, str, str, str, int]


@pytest.fixture
def shop(db) -> DemoShop:
    return demo_shop(on_hand=10)


@pytest.fixture
def guest(shop) -> Guest:
    return Guest()


@pytest.fixture
def shopper(shop, client: Client) -> Shopper:
    return Shopper(client)


def noted() -> list[Noted]:
    """[(kind, code, subject, reason, times)], of the only cart there is."""
    rows = Refusal.objects.filter(cart=Cart.objects.get())
    return [(row.kind, row.code, row.subject, row.reason, row.times) for row in rows]


def to_norway_by_nothing() -> None:
    rates = (
        ShippingRate(method_id=method, currency="USD", country="NO", amount=0, is_offered=False)
        for method in (STANDARD_ID, EXPRESS_ID)
    )
    ShippingRate.objects.bulk_create(rates)


def sell_out(left: int = 0) -> None:
    Stock.objects.filter(variant_id=MEDIUM_BLUE_ID).update(on_hand=left)


def use_up(code: str = "ONCE") -> None:
    Discount.objects.filter(code=code).update(used_count=1)


# --- the guest API --------------------------------------------------------------------------------
class TestByTheGuestApi:
    @pytest.mark.parametrize("key", ["", "once-more"], ids=["without a key", "with a key"])
    def test_a_code_that_has_ended(self, guest, key):
        """With a key the whole request is one transaction, and it is rolled back."""
        guest.add()
        assert guest.call("post", "/discount", {"discount_code": " expired10"}, key=key).status_code == 400
        assert noted() == [(Kind.DISCOUNT, "discount_invalid", "EXPIRED10", "expired", 1)]

    def test_a_code_that_nobody_knows(self, guest):
        guest.add()
        guest.call("post", "/discount", {"discount_code": "FRIENDS"})
        assert noted() == [(Kind.DISCOUNT, "discount_invalid", "FRIENDS", "unknown", 1)]

    def test_more_than_there_are(self, guest):
        guest.add()
        assert guest.add(SHIRT | {"quantity": 9}).status_code == 400
        guest.call("put", "/items/42", {"quantity": 11})
        assert noted() == [(Kind.STOCK, "not_enough_stock", "TS-BL-M", "", 2)]

    def test_what_is_no_longer_for_sale(self, guest):
        guest.add()
        Variant.objects.filter(pk=LARGE_BLUE_ID).update(is_active=False)
        guest.add(SHIRT | {"variant_id": LARGE_BLUE_ID})
        assert noted() == [(Kind.STOCK, "variant_not_for_sale", "TS-BL-L", "", 1)]

    def test_a_way_of_shipping_that_does_not_go_to_the_country(self, guest):
        to_norway_by_nothing()
        guest.add()
        guest.call("put", "/shipping-address", NORWAY)
        assert guest.call("put", "/shipping-method", {"shipping_method_id": STANDARD_ID}).status_code == 404
        assert noted() == [(Kind.SHIPPING, "shipping_method_not_found", "NO", "", 1)]

    @pytest.mark.parametrize("key", ["", "once-more"], ids=["without a key", "with a key"])
    def test_things_that_were_sold_to_others_before_the_order(self, guest, key):
        guest.ready()
        sell_out(left=1)
        assert guest.complete(key=key).status_code == 409
        assert noted() == [(Kind.STOCK, "sold_out", "TS-BL-M", "", 1)]

    def test_things_that_left_the_catalog_before_the_order(self, guest):
        guest.ready()
        Variant.objects.filter(pk=MEDIUM_BLUE_ID).update(is_active=False)
        guest.complete()
        assert noted() == [(Kind.STOCK, "sold_out", "TS-BL-M", "", 1)]

    def test_a_total_that_has_changed(self, guest):
        guest.ready()
        Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=9999)
        assert guest.complete().status_code == 409
        assert noted() == [(Kind.TOTAL, "total_changed", "", "", 1)]

    def test_another_try_after_too_many_declines(self, guest, settings):
        settings.DECLINE_LIMIT = (1, 3600)
        guest.ready()
        declined = {"payment_provider": "stripe", "payment_data": {"card_details": {"token": "tok_chargeDeclined"}}}
        assert guest.complete(declined).status_code == 402
        assert noted() == []  # a decline has a payment's row
        assert guest.complete().status_code == 429
        assert noted() == [(Kind.DECLINES, "too_many_declines", "", "", 1)]

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("put", "/shipping-method", {"shipping_method_id": 999}),
            ("post", "/items", {"product_id": 999, "quantity": 1}),
            ("post", "/items", {"product_id": 42, "quantity": 1}),  # which variant?
            ("put", "/items/41", {"quantity": 1}),
            ("post", "/complete", {}),
        ],
    )
    def test_a_clients_mistake_leaves_nothing(self, guest, method, path, body):
        guest.add()
        assert guest.call(method, path, body).status_code in {400, 404, 422}
        assert noted() == []

    def test_who_had_no_cart_leaves_nothing(self, guest):
        assert guest.add(SHIRT | {"quantity": 11}).status_code == 400
        assert not Refusal.objects.exists()

    def test_what_is_refused_after_the_purchase_is_not_put_down_to_what_was_bought(self, guest):
        guest.ready().complete()
        guest.add(SHIRT | {"quantity": 10})
        assert noted() == []


# --- the pages ------------------------------------------------------------------------------------
class TestOnThePages:
    def test_a_code(self, shopper):
        shopper.add()
        shopper.client.post("/cart/", {"action": "apply_code", "code": "big100"})
        assert noted() == [(Kind.DISCOUNT, "discount_invalid", "BIG100", "below_minimum", 1)]

    def test_a_card_number_in_the_place_of_a_code_is_not_kept(self, shopper):
        shopper.add()
        shopper.client.post("/cart/", {"action": "apply_code", "code": "4111 1111 1111 1111"})
        (row,) = noted()
        assert "1111" not in row[2]

    def test_more_than_there_are(self, shopper):
        shopper.add()
        shopper.client.post("/cart/", {"quantity-7": "11", "action": "update"})
        shopper.add(quantity=10)
        assert noted() == [(Kind.STOCK, "not_enough_stock", "TS-BL-M", "", 2)]

    def test_a_country_to_which_nothing_is_shipped(self, shopper):
        to_norway_by_nothing()
        shopper.add()
        form = {f"shipping-{name}": value for name, value in NORWAY.items()}
        shopper.press("update", shopper.form(**form))
        assert noted() == [(Kind.SHIPPING, "shipping_method_not_found", "NO", "", 1)]

    def test_a_country_to_which_something_is_shipped_leaves_nothing(self, shopper):
        shopper.add()
        shopper.press("update")
        assert noted() == []

    def test_things_that_were_sold_to_others_before_the_order(self, shopper):
        shopper.add(quantity=2)
        form = shopper.form()
        sell_out(left=1)
        shopper.press("place", form)
        assert noted() == [(Kind.STOCK, "sold_out", "TS-BL-M", "", 1)]

    def test_a_total_that_has_changed(self, shopper):
        shopper.add()
        form = shopper.form()
        Price.objects.filter(variant_id=MEDIUM_BLUE_ID).update(amount=9999)
        shopper.press("place", form)
        assert noted() == [(Kind.TOTAL, "total_changed", "", "", 1)]

    def test_another_try_after_too_many_declines_on_the_orders_page(self, shopper, settings):
        settings.DECLINE_LIMIT = (1, 3600)
        shopper.add()
        shopper.buy(test_card="tok_chargeDeclined")
        shopper.buy()
        assert noted() == [(Kind.DECLINES, "too_many_declines", "", "", 1)]

    def test_things_that_were_sold_to_others_before_a_payment_link_was_pressed(self, shop, client):
        cart = shop_cart()
        link = link_to(cart)
        Stock.objects.update(on_hand=0)
        client.post(f"/pay/{pay_links.token_of(link.salt)}", {"provider": "stripe"})
        assert [(row.cart, row.code) for row in Refusal.objects.all()] == [(cart, "sold_out")]


@pytest.mark.parametrize("key", ["", "once-more"], ids=["without a key", "with a key"])
def test_by_the_cart2table_api(shop, key):
    cart = cart_of()
    Variant.objects.filter(pk=MEDIUM_BLUE_ID).update(is_active=False)
    assert Table().order(cart, key=key).status_code == 422
    assert noted() == [(Kind.STOCK, "variant_not_for_sale", "TS-BL-M", "", 1)]


def test_by_the_intent_api_there_is_no_cart_before_there_is_an_order(shop):
    sell_out()
    with refused(ErrorCode.SOLD_OUT):
        intents.begin([intents.Item(MEDIUM_BLUE_ID, 1)], currency="USD", buyer="b", email="b@example.com")
    assert not Refusal.objects.exists()


# --- how it is noted ------------------------------------------------------------------------------
def test_the_last_use_of_a_code_that_another_took_at_the_same_moment(shop, monkeypatch):
    session = ready_session(code="ONCE")
    monkeypatch.setattr("catalog.discounts._is_used_up", lambda _: False)
    use_up()
    with refused(ErrorCode.DISCOUNT_GONE):
        pay(session)
    assert noted() == [(Kind.DISCOUNT, "discount_gone", "ONCE", "used_up", 1)]


def test_the_same_again_is_counted_and_its_first_time_stays(shop):
    session = ready_session()
    for _ in range(3):
        with refused(ErrorCode.DISCOUNT_INVALID):
            services.apply_discount(session, "EXPIRED10")
    row = Refusal.objects.get()
    assert row.times == 3
    assert row.first_at < row.last_at


def test_so_many_of_a_cart_and_no_more(shop):
    session = ready_session()
    for number in range(refusals.MOST + 5):
        with refused(ErrorCode.DISCOUNT_INVALID):
            services.apply_discount(session, f"GUESS{number}")
    with refused(ErrorCode.DISCOUNT_INVALID):
        services.apply_discount(session, "GUESS0")
    assert Refusal.objects.count() == refusals.MOST
    assert Refusal.objects.get(subject="GUESS0").times == 2


def test_what_was_typed_is_cut(shop):
    with refused(ErrorCode.DISCOUNT_INVALID):
        services.apply_discount(ready_session(), "x" * 300)
    assert Refusal.objects.get().subject == "X" * 40


@pytest.mark.parametrize("fault", [DatabaseError("database is locked"), DomainError(ErrorCode.BUSY), ValueError("no")])
def test_where_it_cannot_be_noted_the_shopper_hears_the_same_refusal(guest, monkeypatch, caplog, fault):
    guest.add()
    said = guest.call("post", "/discount", {"discount_code": "EXPIRED10"})

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(refusals, "_write", fail)
    answer = guest.call("post", "/discount", {"discount_code": "EXPIRED10"})
    assert (answer.status_code, answer.json()) == (said.status_code, said.json())
    assert "could not be noted" in caplog.text
    assert Refusal.objects.get().times == 1


def test_within_a_larger_transaction_it_waits_for_its_end(shop):
    session = ready_session()

    @in_transaction
    def more() -> None:
        try:
            services.apply_discount(session, "EXPIRED10")
        finally:
            assert not Refusal.objects.exists()

    with refused(ErrorCode.DISCOUNT_INVALID):
        more()
    assert Refusal.objects.get().times == 1


def test_what_staff_is_refused_with_a_draft_is_nobodys(shop):
    draft = drafts.DraftOrder({"TS-BL-M": 1}, **CUSTOMER, shipping_address=ADDRESS, shipping_method_id=STANDARD_ID)
    with refused(ErrorCode.DISCOUNT_INVALID):
        drafts.make(drafts.DraftOrder(**vars(draft) | {"discount_code": "EXPIRED10"}), wish="1")
    assert not Refusal.objects.exists()


def test_it_goes_with_its_cart(shop):
    with refused(ErrorCode.DISCOUNT_INVALID):
        services.apply_discount(ready_session(), "EXPIRED10")
    Cart.objects.update(status=CartStatus.EXPIRED)
    Checkout.objects.update(status=CheckoutStatus.EXPIRED)
    later = timezone.now() + timedelta(days=1)
    assert (retention.anonymise(later), retention.remove(later)) == (1, 1)
    assert not Refusal.objects.exists()


def test_who_is_refused_nothing_causes_no_statement_of_it(shop):
    with CaptureQueriesContext(connection) as queries:
        pay(ready_session(code="SUMMER25"))
    assert not [query for query in queries if "carts_refusal" in query["sql"]]
