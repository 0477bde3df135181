"""What the cart2table API refuses, and how: a text, and on 422 every problem at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from carts.models import Cart
from catalog.models import Price, Variant
from common.models import IdempotencyRecord
from demo import catalog
from orders.models import Order
from payments.models import Payment
from tests.factories import MEDIUM_BLUE_ID
from tests.payments.table import CAPTURE, DUE, PAYPAL_ORDER, Table, cart_of, message

PATHS = ("cart", "order", "payment")
NOT_A_NUMBER = "Amount captured is not a number"
BLANK_AMOUNT = ["Amount captured can't be blank", NOT_A_NUMBER]


@pytest.fixture
def table(db) -> Table:
    catalog.load()
    return Table()


@pytest.fixture
def ordered(table) -> Cart:
    cart = cart_of()
    table.order(cart)
    return cart


class TestAWayThatIsNotThere:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
    def test_another_method_than_post_is_a_405_with_allow(self, table, path, method):
        answer = getattr(table.client, method)(f"/api/{path}")
        assert message(answer, 405) == f'Method "{method.upper()}" not allowed.'
        assert answer["Allow"] == "POST, OPTIONS"

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_a_cart_can_only_be_read(self, table, method):
        answer = getattr(table.client, method)("/api/cart/CART_00000000", {}, format="json")
        assert message(answer, 405)
        assert answer["Allow"] == "GET, HEAD, OPTIONS"

    @pytest.mark.parametrize(
        "cart_id",
        ["x", "CART_", "CART_1234567", "CART_123456789", "CART_1234567G", "cart_12345678", "12345678", "CART_%00%00",
         "CART_１２３４５６７８", "7", "C" * 5000],
    )  # fmt: skip
    def test_what_can_be_no_carts_id_is_not_found(self, table, cart_id):
        assert message(table.client.get(f"/api/cart/{cart_id}"), 404) == "Cart not found"
        assert message(table.post("order", {"cart_id": "CART_1234567", "paypal_order_id": "P"}), 404)

    def test_a_cart_of_another_door_is_not_found(self, table):
        cart = Cart.objects.create(currency="USD")
        for name in (str(cart.pk), f"CART_{cart.pk:08X}", str(cart.public_id)):
            message(table.client.get(f"/api/cart/{name}"), 404)

    @pytest.mark.parametrize("method", ["post", "get"])
    def test_outside_the_demo_nobody_draws_carts(self, table, settings, method):
        settings.DEMO = False
        assert message(getattr(table.client, method)("/api/cart"), 404) == "Not found"
        assert not Cart.objects.exists()

    def test_outside_the_demo_a_cart_is_still_ordered_and_paid(self, table, settings):
        settings.DEMO = False
        cart = cart_of()
        assert table.order(cart).status_code == 201
        assert table.pay(DUE).json()["order_status"] == "fully_paid"

    def test_a_shop_that_sells_less_than_two_things_has_no_random_cart(self, table):
        Price.objects.exclude(variant_id=MEDIUM_BLUE_ID).delete()
        assert message(table.post("cart"), 404) == "Product not found"
        assert not Cart.objects.exists()


@pytest.mark.parametrize("path", PATHS)
class TestABody:
    @pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b'"x"', b'{"a": NaN}', b'{"a": 1, "a": 2}', b"\xff"])
    def test_that_is_no_json_object_is_a_400(self, table, path, raw):
        assert isinstance(message(table.client.post(f"/api/{path}", raw, content_type="application/json"), 400), str)

    def test_as_a_form_is_a_415(self, table, path):
        answer = Client().post(f"/api/{path}", "a=1", content_type="application/x-www-form-urlencoded")
        if path == "cart":  # needs none, so none is read
            assert answer.status_code == 201
            return
        assert message(answer, 415) == "The body must be sent as application/json."

    def test_that_is_too_large_is_a_413(self, table, path):
        body = b'{"cart_id": "%s"}' % (b"x" * 300_000)
        assert isinstance(message(table.client.post(f"/api/{path}", body, content_type="application/json"), 413), str)

    def test_of_unannounced_length_is_a_411(self, table, path):
        message(table.client.generic("POST", f"/api/{path}", HTTP_TRANSFER_ENCODING="chunked"), 411)


ORDERS_REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, ["Cart can't be blank", "Paypal order can't be blank"]),
    "no cart": ({"paypal_order_id": "P"}, ["Cart can't be blank"]),
    "null": ({"cart_id": None, "paypal_order_id": None}, ["Cart can't be blank", "Paypal order can't be blank"]),
    "numbers": ({"cart_id": 5, "paypal_order_id": 5}, ["Cart is invalid", "Paypal order is invalid"]),
    "a list": ({"cart_id": ["CART_12345678"], "paypal_order_id": {}}, ["Cart is invalid", "Paypal order is invalid"]),
    "control characters": ({"cart_id": "CART_1\n"}, ["Cart is invalid", "Paypal order can't be blank"]),
    "too long": (
        {"cart_id": "C", "paypal_order_id": "P" * 121},
        ["Paypal order is too long (maximum is 120 characters)"],
    ),
}


@pytest.mark.parametrize(("body", "problems"), list(ORDERS_REFUSED.values()), ids=list(ORDERS_REFUSED))
def test_an_order_is_refused_with_every_problem(table, body, problems):
    if body.get("cart_id") == "C":
        body = body | {"cart_id": f"CART_{cart_of().code}"}
    assert message(table.post("order", body), 422) == problems
    assert not Order.objects.exists()


def test_a_cart_that_is_not_there_is_said_before_anything_else(table):
    assert message(table.post("order", {"cart_id": "CART_00000000"}), 404) == "Cart not found"


def test_an_empty_cart_cannot_be_ordered(table):
    cart = cart_of()
    cart.lines.all().delete()
    assert message(table.order(cart), 422) == ["Total due must be greater than or equal to 1"]


def test_a_cart_of_free_things_cannot_be_ordered(table):
    assert message(table.order(cart_of({92: 3})), 422) == ["Total due must be greater than or equal to 1"]


def test_what_is_no_longer_for_sale_cannot_be_ordered(table):
    cart = cart_of()
    Variant.objects.filter(pk=MEDIUM_BLUE_ID).update(is_active=False)
    assert message(table.order(cart), 422) == ["Organic Cotton T-Shirt (Medium / Blue) is not for sale."]
    assert table.order_of(cart) is None


PAYMENTS_REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, ["Paypal order can't be blank", *BLANK_AMOUNT, "Capture can't be blank"]),
    "no order": ({"capture_id": "C", "amount_captured": 1}, ["Paypal order can't be blank"]),
    "an order of another kind": ({"paypal_order_id": 5, "capture_id": "C", "amount_captured": 1},
                                 ["Paypal order is invalid"]),
    "only the order": ({"paypal_order_id": PAYPAL_ORDER}, [*BLANK_AMOUNT, "Capture can't be blank"]),
    "nulls": ({"paypal_order_id": PAYPAL_ORDER, "capture_id": None, "amount_captured": None},
              [*BLANK_AMOUNT, "Capture can't be blank"]),
    "a blank capture": ({"paypal_order_id": PAYPAL_ORDER, "capture_id": " ", "amount_captured": 1},
                        ["Capture can't be blank"]),
    "a capture of another kind": ({"paypal_order_id": PAYPAL_ORDER, "capture_id": 7, "amount_captured": 1},
                                  ["Capture is invalid"]),
    "a capture too long": ({"paypal_order_id": PAYPAL_ORDER, "capture_id": "C" * 121, "amount_captured": 1},
                           ["Capture is too long (maximum is 120 characters)"]),
}  # fmt: skip
AMOUNTS_REFUSED: dict[str, tuple[Any, str]] = {
    "zero": (0, "Amount captured must be greater than 0"),
    "negative": (-1, "Amount captured must be greater than 0"),
    "text": ("1099", NOT_A_NUMBER),
    "true": (True, NOT_A_NUMBER),
    "a list": ([1], NOT_A_NUMBER),
    "an object": ({}, NOT_A_NUMBER),
    "a fraction": (10.99, "Amount captured must be an integer"),
    "a whole fraction": (1099.0, "Amount captured must be an integer"),
    "beyond all sense": (10**12, "Amount captured must be less than or equal to 999999999999"),
}


class TestAPayment:
    @pytest.mark.parametrize(("body", "problems"), list(PAYMENTS_REFUSED.values()), ids=list(PAYMENTS_REFUSED))
    def test_is_refused_with_every_problem(self, table, ordered, body, problems):
        assert message(table.post("payment", body), 422) == problems
        assert not Payment.objects.exists()

    @pytest.mark.parametrize(("amount", "problem"), list(AMOUNTS_REFUSED.values()), ids=list(AMOUNTS_REFUSED))
    def test_of_no_amount_is_refused(self, table, ordered, amount, problem):
        assert message(table.pay(amount), 422) == [problem]
        assert not Payment.objects.exists()

    @pytest.mark.parametrize("body", [{"paypal_order_id": "NO"}, {"paypal_order_id": "NO", "amount_captured": 0}])
    def test_for_an_order_that_is_not_there_is_said_before_anything_else(self, table, body):
        assert message(table.post("payment", body), 404) == "Order not found"

    def test_for_an_order_of_another_door_is_not_found(self, table):
        from tests.payments.builders import make_order

        order = make_order()
        Order.objects.update(reference=PAYPAL_ORDER)
        assert message(table.pay(1), 404) == "Order not found"
        assert not order.payments.exists()


class TestRepeated:
    def test_a_capture_is_taken_for_ever_also_on_another_order(self, table, ordered):
        table.pay(1099)
        table.order(cart_of(), "PAYPAL-124")
        taken = ["Capture has already been taken"]
        assert message(table.pay(1099), 422) == taken
        assert message(table.pay(5, reference="PAYPAL-124"), 422) == taken
        assert message(table.pay(5, f" {CAPTURE} "), 422) == taken
        assert Payment.objects.count() == 1

    @pytest.mark.parametrize("what", PATHS)
    def test_under_the_same_key_is_done_once_and_answered_the_same(self, table, ordered, what):
        body = {"cart_id": f"CART_{ordered.code}", "paypal_order_id": PAYPAL_ORDER, "capture_id": "C"}
        first, second = (table.post(what, body | {"amount_captured": 5}, key="once") for _ in range(2))
        assert (first.status_code, first.json()) == (second.status_code, second.json())
        assert (first.status_code, second["Idempotent-Replayed"]) == (201, "true")
        assert Cart.objects.count() == 1 + (what == "cart")
        assert Payment.objects.count() == (what == "payment")

    def test_under_the_same_key_with_another_body_is_a_422(self, table, ordered):
        table.pay(5, key="once")
        assert message(table.pay(6, key="once"), 422) == ["This Idempotency-Key was used with another body."]

    def test_under_a_key_whose_answer_was_lost_with_its_process_is_the_same_payment(self, table, ordered):
        table.pay(5, key="once")
        IdempotencyRecord.objects.all().delete()
        assert table.pay(5, key="once").json()["order_status"] == "partially_paid"
        assert Payment.objects.count() == 1

    def test_under_the_same_key_from_elsewhere_is_somebody_elses(self, table, ordered):
        table.pay(5, key="once")
        elsewhere = APIClient(REMOTE_ADDR="192.0.2.7")
        body = {"paypal_order_id": PAYPAL_ORDER, "capture_id": CAPTURE, "amount_captured": 5}
        answer = elsewhere.post("/api/payment", body, format="json", headers={"Idempotency-Key": "once"})
        assert message(answer, 422) == ["Capture has already been taken"]

    def test_a_malformed_key_is_a_400(self, table):
        assert isinstance(message(table.post("cart", key="é"), 400), str)


def test_a_lock_not_had_in_time_is_a_409_that_may_be_tried_again(table, ordered, monkeypatch):
    from common.errors import DomainError, ErrorCode
    from payments import captures

    def busy(*args: Any, **kwargs: Any) -> None:
        raise DomainError(ErrorCode.BUSY)

    monkeypatch.setattr(captures, "report", busy)
    answer = table.pay(5)
    assert message(answer, 409) == "The shop is busy. Please try again."
    assert answer["Retry-After"] == "1"


def test_whatever_fails_on_our_side_is_a_500_in_the_same_shape(table, monkeypatch):
    from carts import coded

    def breaks(shown_id: str) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(coded, "find", breaks)
    client = APIClient(raise_request_exception=False)
    assert message(client.get("/api/cart/CART_12345678"), 500) == "Something went wrong on our side."
