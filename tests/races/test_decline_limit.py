"""DECLINE_LIMIT with many at once: no more than the limit reach a gateway, and an honest crowd is never hindered."""

from __future__ import annotations

from collections import Counter
from threading import Condition

import pytest

from common.errors import DomainError, ErrorCode
from payments import declines
from payments import services as payments
from payments.gateways.test import TestGateway
from payments.models import TestCharge
from tests.factories import demo_shop
from tests.payments.builders import make_order
from tests.races.crowd import PATIENCE, tally, together

HERE = "203.0.113.7"
AT_ONCE = "tok_chargeDeclinedExpiredCard"
LIMIT, ATTACKERS, CROWD = 5, 12, 60


@pytest.fixture(autouse=True)
def shop(transactional_db, settings):
    settings.DECLINE_LIMIT = (LIMIT, 3600)
    demo_shop()


class Gate:
    """The gateway answers when each of the crowd has come to it or was refused: until then they are all under way."""

    def __init__(self, expected: int) -> None:
        self._left = expected
        self._changed = Condition()

    def one_has_come(self) -> None:
        with self._changed:
            self._left -= 1
            self._changed.notify_all()

    def wait_for_all(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._left <= 0, PATIENCE)


@pytest.fixture
def gate(monkeypatch) -> Gate:
    gate, purchase = Gate(ATTACKERS), TestGateway.purchase

    def behind_the_gate(self, request):
        if request.instrument == AT_ONCE:
            gate.one_has_come()
            gate.wait_for_all()
        return purchase(self, request)

    monkeypatch.setattr(TestGateway, "purchase", behind_the_gate)
    return gate


def orders(count: int) -> list[int]:
    found = []
    for number in range(count):
        order = make_order(pieces=1)
        order.email = f"rotated{number}@example.com"
        order.save()
        found.append(order.pk)
    return found


def pay(order_id: int, token: str):
    return payments.pay_order(order_id, provider="stripe", instrument=token, client_address=HERE)


def attack(gate: Gate) -> dict[str, int]:
    """One decline first, then all at once, each for an order and with an e-mail of its own."""
    first, *others = orders(ATTACKERS + 1)
    pay(first, "tok_chargeDeclined")

    def one(number: int) -> object:
        try:
            return pay(others[number], AT_ONCE)
        except DomainError:
            gate.one_has_come()
            raise

    return tally(together(ATTACKERS, one))


class TestDeclinedCardsAllAtOnce:
    def test_go_over_the_limit_where_those_under_way_are_not_counted(self, gate, monkeypatch):
        monkeypatch.setattr(declines, "_under_way", lambda order, subjects: Counter())
        attack(gate)
        assert TestCharge.objects.count() > LIMIT

    def test_never_go_over_it(self, gate):
        assert attack(gate) == {"done": LIMIT - 1, ErrorCode.BUSY: ATTACKERS - LIMIT + 1}
        assert TestCharge.objects.count() == LIMIT


def test_sixty_first_tries_behind_one_address_all_pass():
    mine = orders(CROWD)
    assert tally(together(CROWD, lambda number: pay(mine[number], "tok_visa"))) == {"done": CROWD}
