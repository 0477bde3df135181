"""What the gateways' books hold that they have not told yet, as the events that Stripe and PayPal would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.standins.faults import StandIn
from tests.standins.paypal_server import PayPalStandIn
from tests.standins.stripe_server import StripeStandIn

Json = dict[str, Any]
_OF_AN_INTENT = {
    "requires_action": "payment_intent.requires_action",
    "succeeded": "payment_intent.succeeded",
    "canceled": "payment_intent.canceled",
}
_OF_A_CAPTURE = {"COMPLETED": "COMPLETED", "PENDING": "PENDING", "DECLINED": "DENIED"}


@dataclass(frozen=True)
class Event:
    """`mark` tells it from all others of its gateway."""

    mark: tuple[object, ...]
    kind: str
    carried: Json


class News:
    """`fresh()`: the events since it was last asked."""

    def __init__(self, server: StandIn, read: Callable[[Any], Iterator[Event]]) -> None:
        self._server, self._read = server, read
        self._told: set[tuple[object, ...]] = set()

    def fresh(self) -> list[Event]:
        with self._server.lock:
            events = [event for event in self._read(self._server) if event.mark not in self._told]
            self._told.update(event.mark for event in events)
            return deepcopy(events)


def of_stripe(server: StripeStandIn) -> Iterator[Event]:
    books = server.books
    for intent in books.intents.values():
        yield Event((intent["id"],), "payment_intent.created", intent)
        if intent["last_payment_error"]:
            yield Event((intent["id"], "failed"), "payment_intent.payment_failed", intent)
        if kind := _OF_AN_INTENT.get(intent["status"]):
            yield Event((intent["id"], kind), kind, intent)
    for charge in books.charges.values():
        if charge["amount_refunded"]:
            yield Event((charge["id"], charge["amount_refunded"]), "charge.refunded", charge)
    for refund in books.refunds.values():
        yield Event((refund["id"],), "refund.created", refund)


def of_paypal(server: PayPalStandIn) -> Iterator[Event]:
    for order in server.orders.values():
        if order.status == "APPROVED":
            yield Event((order.id,), "CHECKOUT.ORDER.APPROVED", server._show(order))
        for capture in order.captures:
            if word := _OF_A_CAPTURE.get(capture.status):
                kind = f"PAYMENT.CAPTURE.{word}"
                yield Event((capture.id, word), kind, server._show_capture(order, capture))
            for refund in capture.refunds:
                yield Event((refund["id"],), "PAYMENT.CAPTURE.REFUNDED", refund)
