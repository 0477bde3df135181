"""Buying at another shop of this software: step by step, each repeatable, nothing believed that does not add up."""

import json

import pytest

from catalog.models import Stock
from checkouts.models import Checkout
from orders.models import Order
from purchases.discovery import discover
from purchases.other_shops import Buyer, Item, OtherShopRefused, OtherShopUnclear, Quote, missing_to_pay
from tests.factories import ADDRESS, CUSTOMER, MEDIUM_BLUE_ID, SHIRT_ID, STANDARD_ID
from tests.purchases.reading.other_shop import ORIGIN, OtherShopHere, changed, lost, refusing
from tests.purchases.reading.sites import Resolver

API = "/api/checkout"
SHIRTS = Item(SHIRT_ID, MEDIUM_BLUE_ID, 2)
COMPLETE = ("POST", f"{API}/complete")
resolver = Resolver(other_test=["127.0.0.1"])


def known_shop():
    shop = discover(ORIGIN, resolver=resolver)
    assert shop is not None
    return shop


@pytest.fixture
def buyer(other):
    return Buyer(known_shop(), request_id="purchase:1", resolver=resolver)


def again(buyer: Buyer) -> Buyer:
    """After a crash: all that is left is the session."""
    return Buyer(buyer.shop, request_id="purchase:1", session=buyer.session, resolver=resolver)


STEPS = {
    "open": lambda buyer: buyer.open(),
    "item": lambda buyer: buyer.put_item(SHIRTS),
    "customer": lambda buyer: buyer.put_customer(**CUSTOMER),
    "address": lambda buyer: buyer.put_address(ADDRESS),
    "method": lambda buyer: buyer.put_method(STANDARD_ID),
    "quote": lambda buyer: buyer.quote(SHIRTS),
}


def ready(buyer: Buyer) -> Buyer:
    for step in STEPS.values():
        step(buyer)
    return buyer


def test_a_purchase_from_cookie_to_order(other, buyer):
    ready(buyer)
    assert buyer.quote(SHIRTS) == Quote(4998, 599, 5597, "USD")
    bought = buyer.complete()
    order = Order.objects.get()
    assert (bought.order_id, bought.order_number, bought.total_amount) == (order.pk, order.number, 5597)
    assert (order.email, order.full_name) == (CUSTOMER["email"], CUSTOMER["full_name"])
    assert order.shipping_address == ADDRESS
    assert order.payments.get().gateway == "test"


@pytest.mark.parametrize("doubled", STEPS)
def test_every_step_may_be_done_again_by_another_worker(other, buyer, doubled):
    for name, step in STEPS.items():
        step(buyer)
        if name == doubled:
            step(again(buyer))
    assert buyer.complete().total_amount == 5597


@pytest.mark.parametrize(
    "call",
    [("GET", API), ("POST", f"{API}/items"), ("PUT", f"{API}/customer-details"), ("PUT", f"{API}/shipping-address"),
     ("PUT", f"{API}/shipping-method")],
)  # fmt: skip
def test_an_answer_that_is_lost_before_paying_is_unclear_and_the_step_is_done_again(other, buyer, call):
    other.spoil[call] = lost
    with pytest.raises(OtherShopUnclear):
        ready(buyer)
    ready(buyer)
    assert buyer.complete().total_amount == 5597
    assert Order.objects.count() == 1


def test_an_answer_that_is_lost_while_paying_is_found_again_and_paid_once(other, buyer):
    ready(buyer)
    other.spoil[COMPLETE] = lost
    with pytest.raises(OtherShopUnclear):
        buyer.complete()
    bought = again(buyer).complete()
    assert bought == again(buyer).complete()
    assert Order.objects.get().number == bought.order_number
    assert Stock.objects.get(variant_id=MEDIUM_BLUE_ID).on_hand == 5000 - 2
    assert len(set(other.keys)) == 1


def test_two_purchases_have_two_keys(other, buyer):
    ready(buyer).complete()
    ready(Buyer(buyer.shop, request_id="purchase:2", resolver=resolver)).complete()
    assert Order.objects.count() == 2
    assert len(set(other.keys)) == 2


def test_what_else_is_in_the_checkout_goes(other, buyer):
    buyer.open()
    buyer.put_item(Item(SHIRT_ID, 8, 1))
    buyer.put_item(SHIRTS)
    [line] = Checkout.objects.get().cart.lines.all()
    assert (line.variant_id, line.quantity) == (MEDIUM_BLUE_ID, 2)


def test_the_shops_refusal_is_told_in_its_words(buyer):
    buyer.open()
    with pytest.raises(OtherShopRefused, match="says no \\(404\\).*Product not found"):
        buyer.put_item(Item(999_999, None, 1))
    with pytest.raises(OtherShopRefused, match="Only 5000 of"):
        buyer.put_item(Item(SHIRT_ID, MEDIUM_BLUE_ID, 5001))


@pytest.mark.parametrize(
    "values",
    [{"currency": "EUR"}, {"final_amount": 55.96}, {"final_amount": "55.97"}, {"final_amount": -1},
     {"final_amount": True}, {"total_amount": 49.985}, {"shipping_cost": None}, {"items": []}, {"items": "x"},
     {"total_amount": 1e15},
     {"items": [{"product_id": SHIRT_ID, "variant_id": MEDIUM_BLUE_ID, "quantity": 1, "price": 24.99}]},
     {"items": [{"product_id": SHIRT_ID, "variant_id": MEDIUM_BLUE_ID, "quantity": 2, "price": 24.98}]},
     {"discount_amount": 5, "final_amount": 50.97}],
)  # fmt: skip
def test_a_quote_that_does_not_add_up_is_refused(other, buyer, values):
    ready(buyer)
    other.spoil["GET", API] = changed(**values)
    with pytest.raises(OtherShopRefused, match="does not answer as it should"):
        buyer.quote(SHIRTS)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_shop_that_is_out_of_order_before_paying_is_unclear(other, buyer, status):
    other.spoil["GET", API] = refusing(status)
    with pytest.raises(OtherShopUnclear):
        buyer.open()


def test_a_shop_that_sends_us_elsewhere_is_not_followed(other, buyer):
    ready(buyer)
    other.spoil["PUT", f"{API}/shipping-method"] = refusing(307, Location="http://evil.test/")
    with pytest.raises(OtherShopRefused):
        buyer.put_method(1)
    other.spoil[COMPLETE] = refusing(307, Location="http://evil.test/")
    with pytest.raises(OtherShopUnclear):
        buyer.complete()


def test_a_session_that_is_none_is_not_kept(other, buyer):
    other.spoil["GET", API] = refusing(200, Set_Cookie="checkout_session_id=x; evil=1")
    with pytest.raises(OtherShopRefused, match="gives no session"):
        buyer.open()
    assert buyer.session == ""


CLEAR = [
    (402, "Payment failed: the payment was declined."),
    (400, "The checkout is not complete yet."),
    (404, "Checkout not found"),
    (409, "The total has changed. Look at the checkout again before completing it."),
    (409, "Medium / Blue is sold out."),
    (409, "Only 1 of Medium / Blue is left."),
    (422, "Unknown payment provider: test."),
    (429, "Too many payments were declined."),
]
UNCLEAR = [
    (409, "A payment for this checkout is in progress. Its outcome is not known yet."),
    (409, "The shop is busy. Please try again."),
    (409, "This checkout is already completed."),
    (500, "Something went wrong."),
    (502, ""),
    (200, ""),
    (301, ""),
]


@pytest.mark.parametrize(("status", "sentence"), CLEAR)
def test_a_clear_no_while_paying(other, buyer, status, sentence):
    other.spoil[COMPLETE] = refusing(status, sentence)
    with pytest.raises(OtherShopRefused) as refused:
        ready(buyer).complete()
    stop = "" if sentence.endswith(".") else "."
    assert refused.value.note == f'http://other.test says no ({status}): "{sentence}"{stop}'


@pytest.mark.parametrize(("status", "sentence"), UNCLEAR)
def test_anything_else_while_paying_is_not_known(other, buyer, status, sentence):
    other.spoil[COMPLETE] = refusing(status, sentence)
    with pytest.raises(OtherShopUnclear) as unclear:
        ready(buyer).complete()
    assert "says no" not in unclear.value.note
    assert unclear.value.note.endswith((".", '."'))


def test_a_shop_that_gives_no_reason(other, buyer):
    other.spoil[COMPLETE] = refusing(500, "")
    with pytest.raises(OtherShopUnclear, match="^it answered with 500 and gives no reason.$"):
        ready(buyer).complete()


def test_what_the_shop_repeats_of_a_person_is_not_told_on(other, buyer):
    other.spoil[COMPLETE] = refusing(400, "No mail to jane.secret@example.com, please")
    with pytest.raises(OtherShopRefused, match="No mail to .e-mail., please") as refused:
        ready(buyer).complete()
    assert "jane" not in refused.value.note


@pytest.mark.parametrize(
    "values",
    [{"success": False}, {"action_required": True}, {"data": {"payment_status": "processing"}}, {"data": {"id": "x"}},
     {"data": {"order_number": ""}}, {"data": {"currency": "EUR"}}, {"data": {"final_amount": "55.97"}}],
)  # fmt: skip
def test_an_order_that_is_not_surely_paid_is_not_known(other, buyer, values):
    other.spoil[COMPLETE] = changed(**json.loads(json.dumps(values)))
    with pytest.raises(OtherShopUnclear):
        ready(buyer).complete()


def test_what_was_taken_is_told_even_where_it_is_not_what_was_quoted(other, buyer):
    other.spoil[COMPLETE] = changed(data={"final_amount": 60})
    assert ready(buyer).complete().total_amount == 6000


class TestWhoCanPayThere:
    def test_both_are_demos(self, buyer):
        assert missing_to_pay(buyer.shop) == ""

    def test_the_other_is_a_real_shop(self, other):
        shop = self.real_shop(other)
        assert missing_to_pay(shop).startswith("http://other.test is a real shop and takes nothing; what is missing")
        with pytest.raises(OtherShopRefused):
            Buyer(shop, request_id="1", resolver=resolver).complete()
        assert COMPLETE not in other.asked

    def real_shop(self, other: OtherShopHere):
        other.settings["DEMO"] = False
        return known_shop()

    def test_this_is_a_real_shop(self, other, buyer, settings):
        settings.DEMO = False
        assert "a real shop has no way to pay there yet" in missing_to_pay(buyer.shop)
        with pytest.raises(OtherShopRefused):
            buyer.complete()
        assert COMPLETE not in other.asked
