"""A shop whose people do what they are told: some buy anyway, some because a mail came. All else is the shop's code."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics import figures
from analytics.definitions import COMPARE_WINDOW, Period
from analytics.lift import Group
from carts.models import Cart, CartLine
from carts.states import CartStatus
from common.persons import email_key
from orders import services as orders
from payments.link_orders import goods_of
from payments.models import Payment
from payments.states import PaymentStatus
from recovery.holdout import is_drawn
from recovery.models import Holdout
from tests.factories import MEDIUM_BLUE_ID, demo_shirt
from tests.recovery.sequences import HOUR, Time, make_sequence

TWO_HOURS = timedelta(hours=2)
BEFORE = 0.1  # buy before the first mail is due: neither group has them
OTHER_CART = 0.4  # of those who buy, with a new cart instead of the one they left
LATER = 0.1  # of those who buy, when nobody watches them any more


@dataclass
class Person:
    email: str
    is_held_out: bool
    cart: Cart
    is_compared: bool = True
    counted_amount: int = 0


class LiftShop:
    def __init__(self, dice: random.Random, *, rate: float, lift: float) -> None:
        self.dice, self.rate, self.lift = dice, rate, lift
        self.time = Time()
        self.people: list[Person] = []
        demo_shirt(on_hand=1_000_000)
        make_sequence(HOUR)

    @property
    def period(self) -> Period:
        today = figures.shop_day(self.time.now)
        return Period(today - timedelta(days=1), today + timedelta(days=1))

    def live(self, count: int) -> None:
        """Everybody leaves a cart, is mailed two hours later or held out, and buys or does not."""
        started_at = self.time.now
        self.people = [self._leave(number, started_at) for number in range(count)]
        while self.time.run():
            pass
        for person in self.people:
            if self.dice.random() < BEFORE:
                person.is_compared = False
                self._buy(person, started_at + timedelta(minutes=5))
        self.time.now = started_at + TWO_HOURS
        while self.time.run():
            pass
        for person in self.people:
            if person.is_compared:
                self._decide(person)

    def told(self, *, is_held_out: bool) -> Group:
        """What the figures should say: from what people were told, without a look at the tables."""
        own = [each for each in self.people if each.is_compared and each.is_held_out == is_held_out]
        return Group(len(own), sum(each.counted_amount > 0 for each in own))

    def paid(self, *, is_held_out: bool) -> int:
        own = (each for each in self.people if each.is_compared and each.is_held_out == is_held_out)
        return sum(each.counted_amount for each in own)

    def _leave(self, number: int, at: datetime) -> Person:
        email = f"person.{number}@example.com"
        percent = Holdout.objects.values_list("percent", flat=True).first() or 30
        left = {"abandoned_at": at, "first_abandoned_at": at, "last_activity_at": at}
        cart = self._cart(email, status=CartStatus.ABANDONED, language="en", **left)
        return Person(email, is_drawn(email_key(email), percent), cart)

    def _cart(self, email: str, **values: object) -> Cart:
        cart = Cart.objects.create(currency="USD", email=email, **values)
        CartLine.objects.create(cart=cart, variant_id=MEDIUM_BLUE_ID, quantity=self.dice.randint(1, 3))
        return cart

    def _decide(self, person: Person) -> None:
        dice, chance = self.dice, self.rate + (0 if person.is_held_out else self.lift / (1 - LATER))
        if dice.random() >= chance:
            return
        after = timedelta(seconds=dice.randint(60, int(COMPARE_WINDOW.total_seconds()) - 60))
        is_late = dice.random() < LATER
        amount = self._buy(person, self.time.now + after + (COMPARE_WINDOW if is_late else timedelta(0)))
        person.counted_amount = 0 if is_late else amount

    def _buy(self, person: Person, at: datetime) -> int:
        """By the shop's services: the order, its payment, its acceptance. Minor units paid."""
        is_other = self.dice.random() < OTHER_CART
        cart = self._cart(person.email.upper()) if is_other else person.cart
        order = orders.place(goods_of(cart))
        orders.hold(order)
        key = order.source
        Payment.objects.create(
            order=order,
            provider="test",
            gateway="test",
            gateway_reference=key,
            idempotency_key=key,
            status=PaymentStatus.CAPTURED,
            currency=order.currency,
            amount=order.total_amount,
            captured_amount=order.total_amount,
        )
        orders.apply_payment(order, captured_amount=order.total_amount, refunded_amount=0, is_accepted=True, now=at)
        return order.total_amount
