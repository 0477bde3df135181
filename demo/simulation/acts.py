"""What shoppers do, each by the service the shop's own doors call.

Most purchases go a shorter way: `_buy` is what accepting an order does to the cart and to its buyer, in one
transaction, in the same order, without the order and its money. One in fifty goes the whole way.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from django.utils import timezone

from carts import people, tracked
from carts import services as carts
from carts.models import Cart
from carts.states import BOUGHT, CartStatus
from checkouts import completion
from checkouts import services as checkouts
from checkouts.models import Checkout
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from demo.simulation.people import Person
from demo.simulation.script import Act, Deed, Story
from payments import reconcile
from payments.gateways.test import TestGateway
from payments.models import Payment
from payments.states import PaymentStatus
from recovery import coming_back, suppression, unsubscribing
from recovery.states import SuppressedBecause

TRIES = 20  # of somebody who is told that the shop is busy
REST_OF_A_PURCHASE = 0.004  # seconds between noting a purchase and committing it, at most
TAKEN, WANTS_APPROVAL = "tok_visa", "tok_threeDSecureRequired"


@dataclass
class Shoppers:
    """Plays acts. `also_known_as`: {cart's id: the account's address it was bought under}, for the checks."""

    carts: dict[int, int] = field(default_factory=dict)  # {story's number: cart's id}
    stories: list[Story] = field(default_factory=list)
    has_to_wait: bool = True  # between noting and committing; nobody to wait for where all happens in turn
    also_known_as: dict[int, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def play(self, act: Act) -> None:
        for _ in range(TRIES):
            try:
                self._play(act)
            except DomainError as refusal:
                if refusal.code is ErrorCode.BUSY:
                    continue
                return self._count(self.refused, f"{act.deed}: {refusal.code}")
            return self._count(self.done, act.deed)
        return self._count(self.refused, f"{act.deed}: {ErrorCode.BUSY}")

    def _count(self, counter: Counter[str], what: str) -> None:
        with self._lock:
            counter[what] += 1

    def _play(self, act: Act) -> None:
        cart_id, person = self.carts[act.story], Person(act.person)
        match act.deed:
            case Deed.BUY:
                self._buy_somehow(act, cart_id, person)
            case Deed.BUY_IN_FULL:
                _pay(cart_id, TAKEN)
            case Deed.BEGIN_TO_PAY:
                _pay(cart_id, WANTS_APPROVAL)
            case Deed.APPROVE:
                _approve(cart_id)
            case Deed.CHANGE:
                _touch(cart_id)
            case Deed.MOVE:
                _touch(cart_id, email=person.other_address)
            case Deed.REMOVE:
                tracked.remove(cart_id)
            case Deed.GIVE_UP:
                carts.give_up(cart_id)
            case Deed.UNSUBSCRIBE if act.token:
                unsubscribing.unsubscribe(act.token)
            case Deed.UNSUBSCRIBE:
                suppression.suppress(person.address, SuppressedBecause.UNSUBSCRIBED)
            case Deed.COMPLAIN:
                suppression.suppress(person.address, SuppressedBecause.COMPLAINED)
            case Deed.BE_SUPPRESSED:
                suppression.suppress(person.address, SuppressedBecause.BY_STAFF)
            case Deed.COME_BACK:
                _come_back(act.token)

    def _buy_somehow(self, act: Act, cart_id: int, person: Person) -> None:
        """Another store says so, or the shopper pays here; who has an account may be signed in."""
        if self.stories[act.story].is_tracked and _is_abandoned(cart_id):
            tracked.mark(cart_id, CartStatus.RECOVERED, now=timezone.now())
            return
        account = person.other_address if person.has_account else ""
        rest = random.random() * REST_OF_A_PURCHASE if self.has_to_wait else 0  # noqa: S311
        # One that was bought before was bought without their account, whatever they press now.
        if _buy(cart_id, account, rest) and account:
            self.also_known_as[cart_id] = account


def _is_abandoned(cart_id: int) -> bool:
    return Cart.objects.filter(pk=cart_id, status=CartStatus.ABANDONED).exists()


@in_transaction
def _buy(cart_id: int, account: str, rest: float) -> bool:
    """As orders.services.accept does it: first the cart, then its buyer. False where it was bought before."""
    now = timezone.now()
    cart = _locked(cart_id)
    if cart.status in BOUGHT:
        return False
    carts.mark_bought(cart_id, now=now)
    people.note_purchase(emails=[cart.email, account], phones=[cart.phone], now=now)
    time.sleep(rest)
    return True


def _locked(cart_id: int) -> Cart:
    cart = Cart.objects.select_for_update(no_key=True).filter(pk=cart_id).first()
    if cart is None:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    return cart


@in_transaction
def _touch(cart_id: int, **changes: str) -> None:
    cart = _locked(cart_id)
    if cart.status in BOUGHT:
        raise DomainError(ErrorCode.CART_CLOSED)
    carts.touch(cart, now=timezone.now(), **changes)


def _pay(cart_id: int, instrument: str) -> None:
    session_key = Checkout.objects.filter(cart=cart_id).values_list("session_key", flat=True).first()
    checkouts.find(session_key)  # the page is shown, and what it shows is what is paid
    completion.complete(session_key, choice=completion.PaymentChoice("stripe", instrument))


def _approve(cart_id: int) -> None:
    """At the gateway; then the shop is told."""
    payment = Payment.objects.filter(order__cart=cart_id, status=PaymentStatus.REQUIRES_ACTION).first()
    if payment is None:
        raise DomainError(ErrorCode.ORDER_NOT_PAYABLE)
    TestGateway().answer_shopper(payment.gateway_reference, approves=True)
    settled = reconcile.look_up(payment.pk)
    completion.follow(settled.order.source)


def _come_back(token: str) -> None:
    landing = coming_back.look(token)
    if landing is None or landing.state != coming_back.LinkState.OPEN:
        raise DomainError(ErrorCode.CART_CLOSED)
    coming_back.come_back(landing)
