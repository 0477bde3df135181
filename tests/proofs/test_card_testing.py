"""Somebody tests stolen cards, with another cookie, e-mail and card each time: at most 20 reach a gateway, and none of
the honest shoppers beside it is hindered."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from carts.models import Cart, CartLine
from catalog.models import Stock
from checkouts.models import Checkout
from checkouts.services import expiry
from dialects.guest import COOKIE
from orders.models import Order
from payments.models import Payment, TestCharge
from tests.checkouts.api.conftest import by_token
from tests.factories import ADDRESS, MEDIUM_BLUE_ID, STANDARD_ID, demo_shop

LIMIT = 20  # of the default, 20/hour
ATTACKERS, HONEST = 8, 4  # threads
ATTACKER = "203.0.113.7"
TOTAL = 2499 + 599
STOLEN = [f"tok_chargeDeclined{why}" for why in ("", "InsufficientFunds", "ExpiredCard", "IncorrectCvc")]
Answers = Counter[str]
BUSY = "409 The shop is busy. Please try again."  # a lock not had in time: the same request may be sent again
TRIES = 10


@pytest.fixture(autouse=True)
def shop(transactional_db: None, settings: Any) -> None:
    settings.DECLINE_LIMIT = (LIMIT, 3600)
    demo_shop()
    Stock.objects.update(on_hand=50_000)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_of_2000_stolen_cards_20_reach_a_gateway_and_10000_honest_checkouts_pass(figures: Callable[..., None]) -> None:
    figures(**attacked(cards=2000, honest=10_000))


def test_of_120_stolen_cards_20_reach_a_gateway_and_40_honest_checkouts_pass(figures: Callable[..., None]) -> None:
    figures(**attacked(cards=120, honest=40))


def attacked(*, cards: int, honest: int) -> dict[str, object]:
    """An attack of so many cards beside so many shoppers. Fails when a 21st reaches the gateway or one is hindered."""
    begun = time.monotonic()
    stolen = zip(sessions("mallory", cards), cycle(STOLEN), cycle([ATTACKER]), strict=False)
    bought = [(session, "tok_visa", address(n)) for n, session in enumerate(sessions("honest", honest))]
    with ThreadPoolExecutor(ATTACKERS) as attackers, ThreadPoolExecutor(HONEST) as shoppers:
        attack, crowd = attackers.map(complete, stolen), shoppers.map(buy, bought)
        answers, welcome = Counter(attack), list(crowd)
    check_attack(answers, cards)
    assert {answer for answer, _ in welcome} == {"201"}
    assert Order.objects.filter(status="accepted").count() == honest
    return {
        "cards": cards,
        "reached_a_gateway": declined_at_the_gateway(),
        **{f"answered_{status}": count for status, count in sorted(by_status(answers).items())},
        "honest_checkouts": honest,
        "hindered": sum(answer != "201" for answer, _ in welcome),
        "told_once_that_the_shop_was_busy": sum(waited for _, waited in welcome),
        "seconds": round(time.monotonic() - begun),
    }


def by_status(answers: Answers) -> Answers:
    counted: Answers = Counter()
    for answer, count in answers.items():
        counted[answer[:3]] += count
    return counted


def check_attack(answers: Answers, cards: int) -> None:
    found = by_status(answers)
    assert set(found) <= {"402", "409", "429"}, answers
    assert found["402"] == declined_at_the_gateway() == LIMIT
    assert answers.total() == cards
    # Nothing is left of what was refused: no order, no payment, no goods held.
    assert Payment.objects.exclude(status="captured").count() == LIMIT
    assert Stock.objects.get(variant_id=MEDIUM_BLUE_ID).reserved == LIMIT


def declined_at_the_gateway() -> int:
    return TestCharge.objects.filter(outcome="declined").count()


def complete(shopper: tuple[UUID, str, str]) -> str:
    """The status, with the sentence of a refusal."""
    session, token, remote = shopper
    client = APIClient(REMOTE_ADDR=remote)
    client.cookies[COOKIE] = str(session)
    try:
        answer = client.post("/api/checkout/complete", by_token(token), format="json")
    finally:
        connection.close()
    return f"{answer.status_code} {answer.json().get('error', '')}".strip()


def buy(shopper: tuple[UUID, str, str]) -> tuple[str, bool]:
    """The answer, and whether the shop was busy before: then it is asked again, as `Retry-After` says."""
    waited = 0
    while (answer := complete(shopper)) == BUSY and waited < TRIES:
        waited += 1
        time.sleep(1)
    return answer, waited > 0


def address(number: int) -> str:
    return f"198.18.{number // 250}.{number % 250 + 1}"


def sessions(name: str, count: int) -> list[UUID]:
    """Checkouts that lack nothing but the money, each with an e-mail of its own."""
    carts = Cart.objects.bulk_create(
        Cart(currency="USD", email=f"{name}{number}@example.com", full_name="A Shopper") for number in range(count)
    )
    CartLine.objects.bulk_create(CartLine(cart=cart, variant_id=MEDIUM_BLUE_ID, quantity=1) for cart in carts)
    checkouts = Checkout.objects.bulk_create(
        Checkout(
            cart=cart,
            shipping_address=ADDRESS,
            shipping_method_id=STANDARD_ID,
            shown_total_amount=TOTAL,
            expires_at=expiry(timezone.now()),
        )
        for cart in carts
    )
    return [checkout.session_key for checkout in checkouts]
