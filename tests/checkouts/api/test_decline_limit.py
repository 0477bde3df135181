"""Beyond DECLINE_LIMIT completing answers 429 with Retry-After, in each API's own shape, and nothing is left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Stock
from checkouts.models import Checkout, ShippingRate
from orders.models import Order
from payments.models import DeclineMark, Payment, TestCharge
from tests.checkouts.api.conftest import Guest, by_token
from tests.openapi.calls import CALLS, buyer

NO = by_token("tok_chargeDeclined")
YES = by_token("tok_visa")
SENTENCE = "Too many payments were declined. Please try again in 60 minutes."


@pytest.fixture(autouse=True)
def limit_of_two(settings: Any) -> None:
    settings.DECLINE_LIMIT = (2, 3600)
    settings.SUPABASE_JWT_SECRET = "the secret that buyers' tokens are signed with"


@pytest.fixture
def attacker(guest: Guest) -> Guest:
    """Two declines are behind them."""
    guest.ready()
    assert [guest.complete(NO).status_code for _ in range(2)] == [402, 402]
    return guest


def test_the_next_one_is_429_and_says_when_to_come_back(attacker: Guest):
    answer = attacker.complete(NO)
    assert (answer.status_code, answer.json()) == (429, {"success": False, "error": SENTENCE})
    assert 3590 <= int(answer["Retry-After"]) <= 3600
    assert TestCharge.objects.count() == Payment.objects.count() == 2


def test_a_good_card_is_429_too_and_the_checkout_stays_open(attacker: Guest):
    assert attacker.complete(YES).status_code == 429
    assert Checkout.objects.get().status == "active"
    DeclineMark.objects.update(at=timezone.now() - timedelta(hours=1))
    assert attacker.complete(YES).status_code == 201


def test_with_another_cookie_and_e_mail_nothing_of_them_is_written(attacker: Guest, other_guest: Guest):
    other_guest.ready()
    other_guest.call("put", "/customer-details", {"email": "rotated@example.com", "phone": "", "full_name": "R"})
    before = Stock.objects.get(pk=7).reserved
    assert other_guest.complete(by_token("tok_chargeDeclinedExpiredCard")).status_code == 429
    assert (Order.objects.count(), Stock.objects.get(pk=7).reserved) == (1, before)


def test_the_answer_is_not_kept_under_an_idempotency_key(attacker: Guest):
    assert attacker.complete(YES, key="k").status_code == 429
    DeclineMark.objects.all().delete()
    assert attacker.complete(YES, key="k").status_code == 201


def test_an_honest_shopper_from_elsewhere_is_not_hindered(attacker: Guest, other_guest: Guest, settings: Any):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    other_guest.client.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.9"
    other_guest.ready()
    other_guest.call("put", "/customer-details", {"email": "honest@example.com", "phone": "", "full_name": "H"})
    assert other_guest.complete(YES).status_code == 201


def test_a_forged_address_is_not_believed(attacker: Guest, other_guest: Guest):
    other_guest.client.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.9"
    other_guest.ready()
    other_guest.call("put", "/customer-details", {"email": "honest@example.com", "phone": "", "full_name": "H"})
    assert other_guest.complete(YES).status_code == 429


def test_what_is_free_is_bought_all_the_same(attacker: Guest, other_guest: Guest):
    """No gateway is asked, so there is nothing to protect."""
    other_guest.call("post", "/items", {"product_id": 92, "variant_id": 92, "quantity": 1})
    other_guest.fill_in()
    ShippingRate.objects.update(amount=0)
    other_guest.get()
    assert other_guest.complete(YES).status_code == 201


def test_the_intent_api_says_it_in_its_own_shape(attacker: Guest):
    call = CALLS["intent_begin_checkout"]()
    answer = call.but(headers=buyer()).send()
    assert (answer.status_code, answer.json()) == (429, {"error": SENTENCE})
    assert int(answer["Retry-After"]) > 3500
    assert Order.objects.count() == 1
