"""Every way completing a checkout can end, as its client sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from carts.models import Cart
from catalog.models import Discount, Price, Reservation, Stock, Variant
from checkouts.models import Checkout
from dialects.guest import COOKIE
from orders import mails
from orders.models import Order
from outbox.models import OutboxEvent
from payments.models import Payment, TestCharge
from tests.checkouts.api.conftest import BY_CARD, CUSTOMER, SHIPPING_ADDRESS, Guest, by_token


def error(response: Any, status: int) -> str:
    assert response.status_code == status, response.content
    body = response.json()
    assert set(body) == {"success", "error"}
    return body["error"]


def test_a_bought_checkout_leaves_one_order_one_charge_and_less_stock(guest: Guest):
    before = Stock.objects.get(pk=7)
    answer = guest.ready().complete().json()
    order, payment = Order.objects.get(), Payment.objects.get()
    assert (order.pk, order.number, order.status) == (answer["data"]["id"], answer["data"]["order_number"], "accepted")
    assert (payment.captured_amount, payment.currency, payment.status) == (5597, "USD", "captured")
    assert TestCharge.objects.get().captured_amount == 5597
    after = Stock.objects.get(pk=7)
    assert (after.on_hand, after.reserved) == (before.on_hand - 2, 0)
    assert list(OutboxEvent.objects.filter(name="order.accepted").values_list("payload", flat=True)) == [
        {"order": order.pk, "source": order.source}
    ]


def test_the_confirmation_mail_has_the_order_and_a_link_and_one_message_id(guest: Guest):
    guest.ready().complete()
    order = Order.objects.get()
    mails.send_confirmation(order.pk)
    mails.send_confirmation(order.pk)
    first, second = mail.outbox
    assert first.to == ["customer@example.com"]
    assert order.number in first.subject
    assert "2 x Organic Cotton T-Shirt, Medium / Blue" in first.body
    assert "$55.97" in first.body
    assert "123 Main Street" in first.body
    assert "simulated" in first.body
    assert mails.order_url(order) in first.body
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_declined_card_is_a_402_and_leaves_the_checkout_open(guest: Guest):
    guest.ready()
    assert error(guest.complete(by_token("tok_chargeDeclined")), 402) == "Payment failed: Your card was declined."
    assert guest.get().json()["status"] == "active"
    assert Order.objects.get().number is None
    assert OutboxEvent.objects.filter(name="order.accepted").count() == 0


def test_after_a_decline_another_card_pays_the_same_order(guest: Guest):
    guest.ready().complete(by_token("tok_chargeDeclined"))
    assert guest.complete().status_code == 201
    assert Order.objects.count() == 1
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["captured", "declined"]


def test_after_a_decline_the_basket_may_change_and_the_order_follows(guest: Guest):
    guest.ready().complete(by_token("tok_chargeDeclined"))
    guest.call("put", "/items/42", {"variant_id": 8, "quantity": 1})
    assert guest.complete().json()["data"]["items"][0]["variant_id"] == 8
    assert dict(Reservation.objects.values_list("stock_id", "status")) == {7: "released", 8: "committed"}
    assert Stock.objects.get(pk=7).reserved == 0


def test_a_shopper_is_not_blocked_by_their_own_earlier_try(guest: Guest):
    guest.add({"product_id": 90, "variant_id": 90, "quantity": 1})
    guest.fill_in()
    error(guest.complete(by_token("tok_chargeDeclined")), 402)
    assert guest.call("put", "/items/90", {"quantity": 1}).status_code == 200
    assert guest.complete().status_code == 201


def test_completing_twice_is_a_409_and_charges_once(guest: Guest):
    guest.ready().complete()
    assert error(guest.complete(), 409) == "This checkout is already completed."
    assert (Order.objects.count(), TestCharge.objects.count()) == (1, 1)


def test_after_completing_a_look_brings_a_fresh_checkout(guest: Guest):
    old = guest.ready().get().json()
    guest.complete()
    fresh = guest.get().json()
    assert (fresh["session_id"], fresh["items"]) == (old["session_id"], [])
    assert fresh["id"] != old["id"]


def test_a_write_after_completing_finds_no_checkout(guest: Guest):
    guest.ready().complete()
    error(guest.call("put", "/customer-details", CUSTOMER), 404)


def test_an_expired_checkout_is_a_404_and_a_look_brings_a_fresh_one(guest: Guest):
    old = guest.ready().get().json()
    Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    error(guest.complete(), 404)
    error(guest.call("put", "/customer-details", CUSTOMER), 404)
    fresh = guest.get().json()
    assert fresh["id"] != old["id"]
    assert fresh["items"] == []
    assert Checkout.objects.get(pk=old["id"]).status == "expired"


def test_adding_after_expiry_begins_a_fresh_checkout(guest: Guest):
    old = guest.ready().get().json()
    Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    fresh = guest.add().json()
    assert (fresh["id"] != old["id"], fresh["items"][0]["quantity"]) == (True, 2)


def test_every_write_slides_the_expiry_and_a_look_does_not(guest: Guest):
    guest.add()
    Checkout.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
    soon = guest.get().json()["expires_at"]
    later = guest.call("put", "/customer-details", CUSTOMER).json()["expires_at"]
    assert guest.get().json()["expires_at"] == later > soon


@pytest.mark.parametrize(
    ("forgotten", "named"),
    [
        ("items", "items"),
        ("/shipping-address", "shipping_address"),
        ("/customer-details", "customer_details.email"),
        ("/shipping-method", "shipping_method_id"),
    ],
)
def test_what_is_missing_is_a_400_that_names_it(guest: Guest, forgotten: str, named: str):
    guest.add()
    steps = {
        "/shipping-address": SHIPPING_ADDRESS,
        "/customer-details": CUSTOMER,
        "/shipping-method": {"shipping_method_id": 1},
    }
    for path, body in steps.items():
        if path != forgotten:
            guest.call("put", path, body)
    if forgotten == "items":
        guest.call("delete", "/items/42")
    assert named in error(guest.complete(), 400)
    assert Order.objects.count() == 0


def test_all_that_is_missing_is_listed_at_once(guest: Guest):
    guest.get()
    sentence = error(guest.complete(), 400)
    assert "Missing: items, customer_details.email, shipping_address, shipping_method_id." in sentence


@pytest.mark.parametrize(
    "body",
    [
        {"payment_provider": "stripe"},
        {"payment_provider": "stripe", "payment_data": {}},
        {"payment_provider": "stripe", "payment_data": {"card_details": {"token": "tok_unheard_of"}}},
        {"payment_provider": "stripe", "payment_data": {"card_details": {"card_number": "5105105105105100"}}},
        {"payment_provider": "bitcoin"},
        {"payment_provider": "mobilepay", "payment_data": {}},
        {"payment_provider": "mobilepay", "payment_data": {"phone_number": "not a number"}},
        by_token("tok_currencyRefused"),
    ],
)
def test_wrong_payment_data_is_a_422_and_the_checkout_stays_open(guest: Guest, body: dict[str, Any]):
    guest.ready()
    assert error(guest.complete(body), 422)
    assert guest.get().json()["status"] == "active"
    assert guest.complete().status_code == 201


def test_a_real_card_number_is_refused_with_the_advice_to_send_a_token_and_never_echoed(guest: Guest):
    guest.ready()
    body = {
        "payment_provider": "stripe",
        "payment_data": {"card_details": {"card_number": "5105105105105100", "cvv": "987"}},
    }
    sentence = error(guest.complete(body), 422)
    assert "token" in sentence
    assert "5105" not in sentence
    assert "987" not in sentence


def test_a_published_test_number_stands_for_its_token(guest: Guest):
    body = {"payment_provider": "stripe", "payment_data": {"card_details": {"card_number": "4242 4242 4242 4242"}}}
    assert guest.ready().complete(body).status_code == 201
    assert Payment.objects.get().instrument == "tok_visa"


def test_three_d_secure_is_a_201_that_asks_for_action(guest: Guest):
    answer = guest.ready().complete(by_token("tok_threeDSecureRequired")).json()
    assert (answer["action_required"], answer["data"]["payment_status"]) == (True, "pending")
    assert answer["redirect_url"].endswith(Payment.objects.get().gateway_reference)
    assert answer["data"]["order_number"] == ""


def test_no_clear_answer_is_a_201_in_processing_and_a_repeat_a_409(guest: Guest):
    answer = guest.ready().complete(by_token("tok_late")).json()
    assert (answer["data"]["payment_status"], answer["action_required"]) == ("processing", False)
    error(guest.complete(), 409)
    assert TestCharge.objects.count() == 1


def test_paypal_answers_with_the_address_where_the_shopper_approves(guest: Guest):
    answer = guest.ready().complete({"payment_provider": "paypal"}).json()
    assert answer["action_required"] is True
    assert answer["redirect_url"]


def test_a_price_that_rose_since_it_was_shown_is_a_409_and_the_next_look_shows_it(guest: Guest):
    guest.ready()
    Price.objects.filter(variant_id=7, currency="USD").update(amount=2999)
    error(guest.complete(), 409)
    error(guest.complete(), 409)  # still not shown
    assert TestCharge.objects.count() == 0
    assert guest.get().json()["final_amount"] == 65.97
    assert guest.complete().json()["data"]["final_amount"] == 65.97


def test_a_code_that_ended_since_it_was_shown_is_a_409_and_the_next_look_shows_it(guest: Guest):
    guest.ready().call("post", "/discount", {"discount_code": "SUMMER25"})
    Discount.objects.filter(code="SUMMER25").update(ends_at=timezone.now())
    error(guest.complete(), 409)
    shown = guest.get().json()
    assert (shown["discount_amount"], shown["applied_discount"]) == (0, None)
    assert guest.complete().json()["data"]["final_amount"] == 55.97


def test_what_was_sold_meanwhile_is_a_409_that_names_it_and_nothing_is_charged(guest: Guest, other_guest: Guest):
    last_one = {"product_id": 90, "variant_id": 90, "quantity": 1}
    for shopper in (guest, other_guest):
        shopper.add(last_one)
        shopper.fill_in()
    assert guest.complete().status_code == 201
    assert "sold out" in error(other_guest.complete(), 409)
    assert (Order.objects.count(), TestCharge.objects.count()) == (1, 1)


def test_what_was_taken_off_sale_meanwhile_is_a_409(guest: Guest):
    guest.ready()
    Variant.objects.filter(pk=7).update(is_active=False)
    error(guest.complete(), 409)


def test_a_code_usable_once_is_used_by_the_first_who_pays(guest: Guest, other_guest: Guest):
    for shopper in (guest, other_guest):
        assert shopper.ready().call("post", "/discount", {"discount_code": "ONCE"}).status_code == 200
    assert guest.complete().json()["data"]["discount_amount"] == 5
    error(other_guest.complete(), 409)
    other_guest.get()
    assert other_guest.complete().json()["data"]["discount_amount"] == 0


def test_a_free_order_needs_no_gateway(guest: Guest):
    guest.add({"product_id": 92, "variant_id": 92, "quantity": 1})
    guest.fill_in()
    Checkout.objects.get().shipping_method.rates.update(amount=0)
    guest.get()
    answer = guest.complete().json()
    assert (answer["data"]["final_amount"], answer["action_required"]) == (0, False)
    assert answer["data"]["order_number"]
    assert TestCharge.objects.count() == 0


def test_without_a_billing_address_the_order_bills_the_shipping_address(guest: Guest):
    guest.add()
    guest.call("put", "/shipping-address", SHIPPING_ADDRESS)
    guest.call("put", "/customer-details", CUSTOMER)
    guest.call("put", "/shipping-method", {"shipping_method_id": 1})
    assert guest.complete().json()["data"]["billing_address"] == SHIPPING_ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "javascript:alert(1)",
        "//example.com",
        "/relative",
        "https://user:pass@example.com/",
        "https://exa mple.com/",
        "https://",
    ],
)
def test_a_redirect_address_we_may_not_use_is_a_400(guest: Guest, url: str):
    error(guest.ready().complete(BY_CARD | {"redirect_url": url}), 400)


def test_a_redirect_address_of_our_own_is_fine_and_it_may_be_left_out(guest: Guest, other_guest: Guest):
    assert guest.ready().complete(BY_CARD | {"redirect_url": "http://127.0.0.1:8000/thanks"}).status_code == 201
    body = {name: value for name, value in BY_CARD.items() if name != "redirect_url"}
    assert other_guest.ready().complete(body).status_code == 201


def test_where_hosts_are_named_only_those_are_redirected_to(guest: Guest):
    with override_settings(REDIRECT_HOSTS=["shop.example"]):
        error(guest.ready().complete(BY_CARD), 400)
        assert guest.complete(BY_CARD | {"redirect_url": "https://shop.example/ok"}).status_code == 201


def test_a_completed_answer_is_given_again_to_the_same_key(guest: Guest):
    first = guest.ready().complete(key="pay-once")
    second = guest.complete(key="pay-once")
    assert (second.status_code, second.json()) == (201, first.json())
    assert TestCharge.objects.count() == 1


def test_a_declined_answer_is_not_kept_so_the_same_key_may_pay_after_all(guest: Guest):
    guest.ready()
    error(guest.complete(by_token("tok_chargeDeclined"), key="k"), 402)
    assert guest.complete(by_token("tok_chargeDeclined"), key="k").status_code == 402
    assert Payment.objects.count() == 2


def test_outside_the_demo_there_is_no_test_provider(guest: Guest):
    guest.ready()
    with override_settings(DEMO=False):
        error(guest.complete(by_token("tok_visa", provider="test")), 422)


@pytest.mark.parametrize(
    "changes",
    [{"payment_provider": 5}, {"payment_data": "x"}, {"payment_data": {"card_details": 1}}, {"redirect_url": 1}],
)
def test_a_body_of_wrong_types_is_a_400(guest: Guest, changes: dict[str, Any]):
    error(guest.ready().complete(BY_CARD | changes), 400)


@pytest.mark.parametrize("token", ["tok_visa 4539578763621486", "tok_visa4539578763621486", "4539578763621486"])
def test_a_card_number_dressed_as_a_token_is_refused_and_kept_nowhere(guest: Guest, token: str):
    assert "4539" not in error(guest.ready().complete(by_token(token)), 422)
    assert Payment.objects.count() == 0


def test_a_try_to_pay_is_activity(guest: Guest):
    guest.ready()
    long_ago = timezone.now() - timedelta(minutes=20)
    Cart.objects.update(last_activity_at=long_ago)
    guest.complete(by_token("tok_chargeDeclined"))
    assert Cart.objects.get().last_activity_at > long_ago


def test_a_repeated_answer_brings_the_cookie_again(guest: Guest):
    guest.add(key="k")
    assert guest.add(key="k").cookies[COOKIE].value == guest.client.cookies[COOKIE].value


def test_a_simulated_payment_says_so(guest: Guest):
    assert guest.ready().complete()["Payment-Played-By"] == "test"
