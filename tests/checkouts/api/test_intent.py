"""POST /api/checkout: a signed-in buyer's cart becomes an order and a payment to confirm."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from carts.models import Cart, CartLine
from catalog.models import Price, Reservation, Stock, Variant
from common.models import IdempotencyRecord
from demo import catalog
from dialects.guest import COOKIE
from orders.models import Order
from orders.states import OrderStatus
from payments import expiry, reconcile
from payments.gateways.base import GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.test import TestGateway
from payments.models import Payment, TestCharge
from tests.checkouts.shopping import its_time_has_come, let_order_run_out, shelf
from tests.payments.api.conftest import SECRET, token_of

ITEMS = [
    {"item_id": 1, "variant_id": 5, "quantity": 2, "customization": {}},
    {"item_id": 3, "variant_id": 12, "quantity": 1, "customization": {"note": "Gift wrap please"}},
]
EXAMPLE = {"currency": "eur", "cartItems": ITEMS}


@pytest.fixture(autouse=True)
def shop(db, settings) -> None:
    settings.SUPABASE_JWT_SECRET = SECRET
    catalog.load()


@pytest.fixture
def buyer() -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(email='ada@example.com')}")
    return client


def post(client: APIClient, body: Any = EXAMPLE, *, key: str = ""):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/checkout", body, format="json", headers=headers)


def error(response, status: int) -> str:
    assert response.status_code == status, response.content
    assert set(response.json()) == {"error"}
    return response.json()["error"]


def nothing_is_left() -> bool:
    return not Reservation.objects.filter(status="held").exists() and not Stock.objects.filter(reserved__gt=0).exists()


def item(**changes: Any) -> dict[str, Any]:
    return {"cartItems": [{"variant_id": 5, **changes}]}


class TestTheDocumentsExample:
    def test_answers_a_secret_and_the_orders_id(self, buyer):
        response = post(buyer)
        assert response.status_code == 200
        assert set(response.json()) == {"clientSecret", "orderId"}
        assert "_secret_" in response.json()["clientSecret"]
        order = Order.objects.get(public_id=response.json()["orderId"])
        assert (order.status, order.currency, order.total_amount) == (OrderStatus.PENDING, "EUR", 2 * 1450 + 1200)
        assert (order.buyer, order.email) == ("supabase:buyer-1", "ada@example.com")
        assert [line.customization for line in order.lines.all()] == [{}, {"note": "Gift wrap please"}]

    def test_holds_its_stock_in_a_cart_of_its_own_and_charges_nothing(self, buyer):
        post(buyer)
        assert dict(Reservation.objects.values_list("stock_id", "quantity")) == {5: 2, 12: 1}
        cart = Cart.objects.get()
        assert (cart.email, cart.status, cart.currency, cart.lines.count()) == ("ada@example.com", "active", "EUR", 2)
        assert Payment.objects.get().status == "requires_action"
        assert TestCharge.objects.get().captured_amount == 0

    def test_the_secret_is_nowhere_in_the_payment(self, buyer):
        secret = post(buyer).json()["clientSecret"]
        assert secret not in json.dumps(list(Payment.objects.values()), default=str)

    def test_neither_reads_nor_sets_the_cookie(self, buyer):
        buyer.cookies[COOKIE] = "7b0c2f0e-58a4-4f0e-9a51-1d1f3c0a9e42"
        assert not post(buyer).cookies


class TestHowItEnds:
    @pytest.mark.parametrize(("approves", "word"), [(True, "paid"), (False, "failed")])
    def test_what_the_buyer_does_in_the_browser_reaches_the_order_without_webhooks(self, buyer, approves, word):
        order_id = post(buyer).json()["orderId"]
        payment = Payment.objects.get()
        TestGateway().answer_shopper(payment.gateway_reference, approves=approves)
        its_time_has_come(payment)
        reconcile.settle_doubtful()
        body = buyer.get(f"/api/orders/{order_id}").json()
        assert (body["status"], body["payments"][0]["reference"]) == (word, payment.gateway_reference)
        assert Cart.objects.get().status == ("converted" if approves else "active")

    def test_what_is_not_confirmed_in_time_is_canceled_and_free_again(self, buyer):
        post(buyer)
        let_order_run_out(Order.objects.get().pk)
        assert expiry.cancel_expired() == 1
        assert nothing_is_left()
        assert TestCharge.objects.get().outcome == "voided"

    def test_a_buyer_without_an_address_gets_no_mail_and_breaks_none(self, buyer, mailoutbox):
        from orders.mails import send_confirmation

        buyer.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of()}")
        post(buyer)
        send_confirmation(Order.objects.get().pk)
        assert mailoutbox == []


class TestWhoMay:
    def test_nobody_is_a_401_before_anything_is_read(self):
        response = APIClient().post("/api/checkout", "{", content_type="application/json")
        assert error(response, 401) == "Unauthorized"
        assert response["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer \u00e9", "Bearer a b"])
    def test_a_header_that_is_no_token_is_a_401(self, header):
        response = APIClient().post("/api/checkout", EXAMPLE, format="json", headers={"Authorization": header})
        assert error(response, 401) == "Unauthorized"

    def test_without_a_configured_key_every_token_is_a_401(self, buyer, settings):
        settings.SUPABASE_JWT_SECRET = ""
        assert error(post(buyer), 401) == "Unauthorized"

    def test_keys_that_cannot_be_fetched_are_our_failure(self, buyer, monkeypatch):
        from dialects import supabase

        def unavailable(token: str) -> None:
            raise supabase.KeysUnavailable

        monkeypatch.setattr(supabase, "buyer_of", unavailable)
        assert error(post(buyer), 500) == "Checkout failed"


REFUSED: dict[str, tuple[Any, str]] = {
    "no items": ({}, "Cart is empty"),
    "an empty list": ({"cartItems": []}, "Cart is empty"),
    "no list": ({"cartItems": {"variant_id": 5}}, "Cart is empty"),
    "null": ({"cartItems": None}, "Cart is empty"),
    "no objects in it": ({"cartItems": [5]}, "Cart is empty"),
    "no variant": ({"cartItems": [ITEMS[0], {"item_id": 1}]}, "Chaque article doit inclure un variant_id."),
    "a variant of null": (item(variant_id=None), "Chaque article doit inclure un variant_id."),
    "an unknown variant": (item(variant_id=99999), "Variant 99999 introuvable"),
    "one not for sale": (item(variant_id=93), "Variant 93 introuvable"),
    "another product's": (item(item_id=3), "Variant et produit incompatibles"),
    "too many": (item(variant_id=91, quantity=11), "Stock insuffisant pour un des variants"),
    "too many in two lines": (
        {"cartItems": [{"variant_id": 91, "quantity": 6}, {"variant_id": 91, "quantity": 5}]},
        "Stock insuffisant pour un des variants",
    ),
    "nothing to pay": (item(variant_id=92), "Invalid amount"),
    "a currency without prices": ({**item(), "currency": "jpy"}, "Nothing is sold in JPY."),
}


@pytest.mark.parametrize(("body", "message"), list(REFUSED.values()), ids=list(REFUSED))
def test_the_documented_refusals_to_the_letter_leave_nothing(buyer, body, message):
    assert error(post(buyer, body), 400) == message
    assert not Order.objects.exists()
    assert not Cart.objects.exists()
    assert nothing_is_left()


@pytest.mark.parametrize(
    "body",
    [
        item(variant_id="5"),
        item(variant_id=True),
        item(variant_id=0),
        item(item_id="1"),
        item(quantity=0),
        item(quantity=-1),
        item(quantity=1.5),
        item(quantity="2"),
        item(quantity=10_001),
        item(customization="x"),
        item(customization={"note": "x" * 2000}),
        {**item(), "currency": "euro"},
        {**item(), "currency": 5},
        {"cartItems": [ITEMS[0]] * 101},
    ],
)
def test_a_value_of_another_kind_is_a_400_that_names_it(buyer, body):
    assert error(post(buyer, body), 400)
    assert not Order.objects.exists()


@pytest.mark.parametrize("raw", ["", "{", "[]", "null", '{"cartItems": NaN}'])
def test_a_malformed_body_is_a_400(buyer, raw):
    error(buyer.post("/api/checkout", raw, content_type="application/json"), 400)


def test_a_form_is_a_415(buyer):
    error(buyer.post("/api/checkout", "a=1", content_type="application/x-www-form-urlencoded"), 415)


def test_what_may_be_left_out(buyer):
    """Quantity is 1, the currency is the euro, customization is nothing."""
    post(buyer, item())
    order = Order.objects.get()
    assert (order.currency, order.total_amount) == ("EUR", 1450)


@pytest.mark.parametrize("currency", ["usd", "USD", "Usd"])
def test_the_currency_in_any_case(buyer, currency):
    post(buyer, {**item(), "currency": currency})
    assert Order.objects.get().currency == "USD"


def test_two_lines_of_one_variant_are_two_lines_and_one_demand(buyer):
    post(buyer, {"cartItems": [{"variant_id": 91, "quantity": 6}, {"variant_id": 91, "quantity": 4}]})
    assert [line.quantity for line in Order.objects.get().lines.all()] == [6, 4]
    assert shelf(91) == (10, 10)
    assert CartLine.objects.get().quantity == 10


def test_what_the_buyer_says_of_a_line_is_kept_as_given(buyer):
    given = {"text": "\u00e9\u4e2d", "size": 1.25, "list": [1, None, True, {"deep": [0.5]}]}
    post(buyer, item(customization=given))
    order = Order.objects.get()
    assert order.lines.get().customization == given
    assert buyer.get(f"/api/orders/{order.pk}").json()["lines"][0]["customization"] == given


FAULTS = {"refused": GatewayRefused("no"), "unreachable": GatewayUnavailable("no"), "broken": RuntimeError("no")}


class TestAnIntentThatFails:
    @pytest.mark.parametrize("kind", ["refused", "unreachable"])
    def test_is_a_500_and_nothing_is_reserved_or_owed(self, buyer, monkeypatch, kind):
        def fail(*args: Any) -> None:
            raise FAULTS[kind]

        monkeypatch.setattr(TestGateway, "prepare", fail)
        assert error(post(buyer), 500) == "Checkout failed"
        assert Order.objects.get().status == OrderStatus.CANCELED
        assert (Payment.objects.get().status, nothing_is_left()) == ("declined", True)

    def test_can_be_tried_again_under_the_same_key(self, buyer, monkeypatch):
        def fail(*args: Any) -> None:
            raise FAULTS["unreachable"]

        with monkeypatch.context() as patch:
            patch.setattr(TestGateway, "prepare", fail)
            error(post(buyer, key="once"), 500)
        assert post(buyer, key="once").status_code == 200
        assert sorted(Order.objects.values_list("status", flat=True)) == ["canceled", "pending"]

    def test_a_death_while_asking_leaves_what_the_reconciler_and_the_clock_settle(self, buyer, monkeypatch):
        def die(*args: Any) -> None:
            raise FAULTS["broken"]

        with monkeypatch.context() as patch:
            patch.setattr(TestGateway, "prepare", die)
            error(post(buyer), 500)
        payment = Payment.objects.get()
        assert payment.status == "created"
        its_time_has_come(payment)
        reconcile.settle_doubtful()
        let_order_run_out(payment.order_id)
        assert expiry.cancel_expired() == 1
        assert nothing_is_left()


class TestRepeated:
    def test_under_the_same_key_is_one_order(self, buyer):
        first, second = post(buyer, key="once"), post(buyer, key="once")
        assert second.json() == first.json()
        assert second["Idempotent-Replayed"] == "true"
        assert Order.objects.count() == 1

    def test_after_a_death_before_the_answer_was_kept_is_the_same_order_and_secret(self, buyer):
        first = post(buyer, key="once").json()
        IdempotencyRecord.objects.all().delete()
        assert post(buyer, key="once").json() == first
        assert (Order.objects.count(), TestCharge.objects.count()) == (1, 1)

    def test_the_secret_is_kept_nowhere_and_asked_for_again(self, buyer):
        secret = post(buyer, key="once").json()["clientSecret"]
        assert secret not in IdempotencyRecord.objects.get().body
        assert post(buyer, key="once").json()["clientSecret"] == secret
        assert Payment.objects.count() == 1

    def test_where_the_gateway_does_not_say_the_secret_again_is_a_500_and_can_be_tried_again(self, buyer, monkeypatch):
        first = post(buyer, key="once").json()
        with monkeypatch.context() as patch:
            patch.setattr(TestGateway, "prepare", lambda *_: GatewayResult(Outcome.PROCESSING))
            error(post(buyer, key="once"), 500)
        assert post(buyer, key="once").json() == first

    @pytest.mark.parametrize("now", [{}, {"status": "accepted", "number": "ORD-1"}], ids=["pending", "paid"])
    def test_a_day_later_the_key_is_another_order(self, buyer, now):
        first = post(buyer, key="once").json()
        IdempotencyRecord.objects.all().delete()
        Order.objects.update(created_at=timezone.now() - timedelta(hours=24), **now)
        assert post(buyer, key="once").json()["orderId"] != first["orderId"]

    def test_another_cart_under_a_key_that_was_forgotten_is_another_order(self, buyer):
        first = post(buyer, key="once").json()
        IdempotencyRecord.objects.all().delete()
        assert post(buyer, item(), key="once").json()["orderId"] != first["orderId"]

    def test_with_another_body_is_a_422(self, buyer):
        post(buyer, key="once")
        error(post(buyer, item(), key="once"), 422)

    def test_another_buyers_same_key_is_another_order(self, buyer):
        post(buyer, key="1")
        buyer.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of('buyer-2')}")
        assert post(buyer, key="1").status_code == 200
        assert set(Order.objects.values_list("buyer", flat=True)) == {"supabase:buyer-1", "supabase:buyer-2"}


class TestThePathOfTwoApis:
    def test_each_method_keeps_its_own_shape(self, buyer):
        assert set(APIClient().delete("/api/checkout").json()) == {"success", "error"}
        assert set(APIClient().post("/api/checkout").json()) == {"error"}

    @pytest.mark.parametrize("method", ["put", "patch", "options"])
    def test_what_is_allowed_names_the_methods_of_both(self, method):
        response = getattr(APIClient(), method)("/api/checkout")
        assert response["Allow"] == "DELETE, GET, HEAD, OPTIONS, POST"

    def test_a_buyer_is_no_guest_and_a_guest_no_buyer(self, buyer):
        assert buyer.get("/api/checkout").json()["items"] == []
        assert APIClient().head("/api/checkout").status_code == 200


def test_a_call_makes_as_many_statements_for_fifty_lines_as_for_two(buyer):
    variants = Variant.objects.bulk_create([Variant(product_id=1, name=f"V{n}", sku=f"V{n}") for n in range(50)])
    Price.objects.bulk_create([Price(variant=variant, currency="EUR", amount=100) for variant in variants])
    Stock.objects.bulk_create([Stock(variant=variant, on_hand=5) for variant in variants])
    counts = []
    for lines in (2, 50):
        body = {"cartItems": [{"variant_id": variant.pk} for variant in variants[:lines]]}
        with CaptureQueriesContext(connection) as captured:
            assert post(buyer, body).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
