"""Delivers the gateways' events as badly as it happens: late, in any order, twice, three times, or never.

An event that the shop does not take is sent again, as gateways do.
"""

from __future__ import annotations

import heapq
import random
import threading
import time
from collections import Counter
from itertools import count

import requests

from tests.proofs.faults import news
from tests.proofs.faults.house import STRIPE_EVENTS_SECRET, House
from tests.proofs.faults.news import Event, News
from tests.standins.paypal_server import as_body
from tests.standins.stripe_server import signed_event

LATEST = 5.0  # seconds an event is late at most
COPIES = (0, 1, 1, 1, 1, 2, 3)
TRIES, PAUSE = 20, 1.0
_RESOURCES = {"CHECKOUT.ORDER.APPROVED": "checkout-order", "PAYMENT.CAPTURE.REFUNDED": "refund"}


class Postman:
    """`with Postman(house, seed) as postman:` carries; `counted` tells what became of events: told, dropped,
    doubled, sent again after which refusal."""

    def __init__(self, house: House, seed: str) -> None:
        self.house = house
        self.counted: Counter[str] = Counter()
        self._draw = random.Random(f"{seed}: events")
        self._sources = {
            "stripe": News(house.stripe, news.of_stripe),
            "paypal": News(house.paypal, news.of_paypal),
        }
        self._bag: list[tuple[float, int, str, Event, int]] = []  # due at, number, from whom, what, tries
        self._numbers = count(1)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> Postman:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.set()
        self._thread.join()

    @property
    def has_delivered_all(self) -> bool:
        return not self._bag

    def _carry(self) -> None:
        while not self._closing.wait(0.05):
            for sender, source in self._sources.items():
                for event in source.fresh():
                    self._post(sender, event)
            while self._bag and self._bag[0][0] <= time.monotonic():
                _, _, sender, event, tries = heapq.heappop(self._bag)
                if said := self._refusal(sender, event):
                    self.counted[f"sent_again_after_{said}"] += 1
                    self._put(sender, event, PAUSE, tries + 1)

    def _post(self, sender: str, event: Event) -> None:
        copies = self._draw.choice(COPIES)
        self.counted["told"] += 1
        self.counted["dropped"] += not copies
        self.counted["doubled"] += copies > 1
        for _ in range(copies):
            self._put(sender, event, self._draw.uniform(0, LATEST), 0)

    def _put(self, sender: str, event: Event, later: float, tries: int) -> None:
        if tries < TRIES:
            heapq.heappush(self._bag, (time.monotonic() + later, next(self._numbers), sender, event, tries))

    def _refusal(self, sender: str, event: Event) -> str:
        """'' when the shop has taken it."""
        path, body, headers = self._letter(sender, event)
        headers |= {"Content-Type": "application/json"}
        try:
            answer = requests.post(self.house.url + path, body, headers=headers, timeout=(5, 20))
        except requests.RequestException:
            return "no_answer"
        return "" if answer.status_code == 200 else str(answer.status_code)

    def _letter(self, sender: str, event: Event) -> tuple[str, bytes, dict[str, str]]:
        event_id = f"evt_{sender}_" + "_".join(map(str, event.mark))
        if sender == "stripe":
            body, signature = signed_event(event.kind, event.carried, secret=STRIPE_EVENTS_SECRET, event_id=event_id)
            return "/api/stripe/webhook", body, {"Stripe-Signature": signature}
        body = as_body(
            {
                "id": event_id,
                "event_type": event.kind,
                "resource_type": _RESOURCES.get(event.kind, "capture"),
                "create_time": "2026-11-21T10:00:00.000Z",
                "resource": event.carried,
            }
        )
        return "/api/webhooks/paypal", body, self.house.paypal.sign(body)
