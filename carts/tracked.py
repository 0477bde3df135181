"""Carts that another store tells us of: their things are names and prices only, and sold there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from carts import cohorts, people
from carts.models import Cart, CartItem, Door
from carts.states import BOUGHT, TOLD, CartStatus
from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction

# Fifteen digits: the largest sum that every JSON number holds to the cent.
MAX_AMOUNT = 10**15 - 1


@dataclass(frozen=True)
class ToldItem:
    name: str
    quantity: int
    unit_amount: int  # minor units


@dataclass(frozen=True)
class ToldCart:
    """A cart as its store tells it. Raises DomainError(INVALID_VALUE) where it is worth more than can be counted."""

    email: str
    full_name: str
    items: tuple[ToldItem, ...]
    is_active: bool = False  # somebody is still shopping: we find out ourselves when it is abandoned

    def __post_init__(self) -> None:
        if self.amount > MAX_AMOUNT:
            raise DomainError(ErrorCode.INVALID_VALUE, field="items", reason="come to more than can be counted")

    @property
    def amount(self) -> int:
        return sum(item.quantity * item.unit_amount for item in self.items)


@transaction.atomic
def add(told: Sequence[ToldCart], *, currency: str, now: datetime) -> list[Cart]:
    """One cart each, in the same order: abandoned on arrival unless it is said to be active."""
    carts = Cart.objects.bulk_create([_cart(one, currency, now) for one in told])
    CartItem.objects.bulk_create(
        CartItem(cart=cart, name=item.name, quantity=item.quantity, unit_amount=item.unit_amount)
        for cart, one in zip(carts, told, strict=True)
        for item in one.items
    )
    return carts


def _cart(told: ToldCart, currency: str, now: datetime) -> Cart:
    cart = Cart(
        door=Door.TRACKER,
        currency=currency,
        email=told.email,
        full_name=told.full_name,
        created_at=now,
        updated_at=now,
        last_activity_at=now,
    )
    if not told.is_active:
        cart.status, cart.first_abandoned_at, cart.abandoned_at = CartStatus.ABANDONED, now, now
        cart.abandoned_amount, cart.language = told.amount, settings.LANGUAGE_CODE
    return cart


@in_transaction
def mark(cart_id: int, status: str, *, now: datetime) -> Cart:
    """What the store says has become of a cart, of whichever door. The same again changes nothing.

    Raises DomainError: CART_NOT_FOUND, ILLEGAL_MOVE.
    """
    cart = _locked(cart_id)
    if cart.status == status:
        return cart
    TOLD.check(cart.status, status)
    _must_fit_its_past(cart, status)
    cart.status, cart.updated_at = status, now
    if status in BOUGHT:
        cart.bought_at = now
        people.note_purchase(emails=[cart.email], phones=[cart.phone], now=now)
        cohorts.note_change(cart.pk, cart.first_abandoned_at)
    cart.save(update_fields=["status", "updated_at", "bought_at"])
    return cart


def _must_fit_its_past(cart: Cart, status: str) -> None:
    """Only what was abandoned can be recovered, and what was is not simply converted. Raises DomainError."""
    was_abandoned = cart.first_abandoned_at is not None
    if status in BOUGHT and was_abandoned != (status == CartStatus.RECOVERED):
        current = "abandoned once" if was_abandoned else "never abandoned"
        raise DomainError(ErrorCode.ILLEGAL_MOVE, what="cart", current=current, target=status)


@in_transaction
def remove(cart_id: int) -> None:
    """Deletes another store's cart and what was in it.

    Raises DomainError: CART_NOT_FOUND; CART_KEPT for a cart of our own doors, and for one that has had a payment link
    or a checkout: an order may stand on it, and money be on its way.
    """
    cart = _locked(cart_id)
    if cart.door != Door.TRACKER or cart.payment_link_expires_at:
        raise DomainError(ErrorCode.CART_KEPT)
    try:
        cart.delete()
        cohorts.note_change(cart_id, cart.first_abandoned_at)
    except ProtectedError as error:
        raise DomainError(ErrorCode.CART_KEPT) from error


def _locked(cart_id: int) -> Cart:
    cart = Cart.objects.select_for_update(no_key=True).filter(pk=cart_id).first()
    if cart is None:
        raise DomainError(ErrorCode.CART_NOT_FOUND)
    return cart
