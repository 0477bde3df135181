"""Stripe tells what happened late, doubled, in any order, in part or not at all: one final state."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import combinations, permutations
from typing import Any

import pytest

from orders.models import Order
from outbox.models import OutboxEvent
from payments import reconcile
from payments import services as payments
from payments.models import GatewayEvent, Payment, Refund
from tests.checkouts.shopping import deliver_events, its_time_has_come
from tests.payments.builders import TOTAL
from tests.payments.events_sent import hear_stripe
from tests.payments.refund_shops import AtStripe, paid_at
from tests.standins.stripe_server import StripeStandIn

HAPPENED = ("created", "failed", "succeeded", "refunded")
REFUNDED = 1000


@pytest.fixture
def at(monkeypatch) -> Iterator[AtStripe]:
    with paid_at("stripe", monkeypatch) as where:
        assert isinstance(where, AtStripe)
        yield where


class Story:
    """A shopper's card is declined, the next one is taken, and the merchant pays a part back in Stripe's own pages.

    `told` has Stripe's event of each of it, as it was at its moment.
    """

    def __init__(self, server: StripeStandIn, payment: Payment) -> None:
        self._server, self._books = server, server.books
        self._intent = self._books.intent(payment.gateway_reference)
        self.told: dict[str, tuple[str, dict[str, Any]]] = {}
        self._note("created", "payment_intent.created", self._intent)

    def _note(self, name: str, kind: str, carried: dict[str, Any]) -> None:
        self.told[name] = (kind, deepcopy(carried))

    def goes_on_to(self, name: str) -> None:
        for step in HAPPENED[: HAPPENED.index(name) + 1]:
            if step not in self.told:
                getattr(self, f"_{step}")()

    def _failed(self) -> None:
        self._server.browser_confirms(self._intent["client_secret"], "tok_chargeDeclined")
        self._note("failed", "payment_intent.payment_failed", self._intent)

    def _succeeded(self) -> None:
        self._server.browser_confirms(self._intent["client_secret"])
        self._note("succeeded", "payment_intent.succeeded", self._intent)

    def _refunded(self) -> None:
        self._books.refund({"payment_intent": self._intent["id"], "amount": str(REFUNDED)})
        self._note("refunded", "charge.refunded", self._books.charge_of(self._intent))

    def tell(self, name: str) -> None:
        kind, carried = self.told[name]
        hear_stripe(kind, carried, event_id=f"evt_{name}")
        deliver_events()


@pytest.fixture
def story(order, at) -> Story:
    return Story(at.server, payments.pay_order(order.pk, provider="stripe", instrument=payments.IN_BROWSER))


def final(order: Order) -> tuple[object, ...]:
    order.refresh_from_db()
    payment = order.payments.get()
    accepted = OutboxEvent.objects.filter(name="order.accepted").count()
    back = list(Refund.objects.values_list("status", "amount"))
    return payment.status, order.status, order.captured_amount, order.refunded_amount, back, accepted


THE_ONE = ("captured", "accepted", TOTAL, REFUNDED, [("done", REFUNDED)], 1)


@pytest.mark.parametrize("names", list(permutations(HAPPENED)), ids=" > ".join)
class TestAllOfThem:
    def test_when_everything_is_over(self, order, story, names):
        story.goes_on_to("refunded")
        for name in names:
            story.tell(name)
        assert final(order) == THE_ONE
        assert set(GatewayEvent.objects.values_list("status", flat=True)) == {"done"}

    def test_as_soon_as_it_can_be_and_once_more_at_the_end(self, order, story, names):
        for name in names:
            story.goes_on_to(name)
            story.tell(name)
        for name in reversed(names):
            story.tell(name)
        assert final(order) == THE_ONE
        assert GatewayEvent.objects.count() == len(HAPPENED)


PARTS = [part for size in range(1, 4) for part in combinations(HAPPENED, size)]


@pytest.mark.parametrize("names", PARTS, ids=" + ".join)
def test_some_of_them_lost_and_any_one_of_the_rest_tells_it_all(order, story, names):
    story.goes_on_to("refunded")
    for name in names:
        story.tell(name)
    assert final(order) == THE_ONE


def test_all_of_them_lost_and_the_reconciler_settles_it(order, story):
    story.goes_on_to("refunded")
    its_time_has_come(order.payments.get())
    reconcile.settle_doubtful()
    assert final(order) == THE_ONE
