"""What can be done with a cart. Callers hold the cart's row lock (the checkout's lock takes it too)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import BigIntegerField, DateTimeField
from django.utils import timezone

from carts import cohorts
from carts.models import Cart, CartLine, Door
from carts.queries import BasketLine
from carts.states import BOUGHT, CART, CartStatus
from catalog.queries import Offer
from common import languages, rows
from common.errors import DomainError, ErrorCode
from common.prepared import Given, PreparedUpdate

MAX_LINES = 100
MAX_PIECES = 10_000  # of one variant


def start(*, currency: str, now: datetime, door: Door = Door.SHOP) -> Cart:
    moments = {"created_at": now, "updated_at": now, "last_activity_at": now}
    return rows.insert(Cart(currency=currency, door=door, language=languages.of_shopper(), **moments))


def start_with(demand: Mapping[int, int], *, currency: str, email: str, door: Door) -> Cart:
    """A cart that comes filled: {variant id: pieces}."""
    cart = Cart.objects.create(currency=currency, email=email, door=door)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, variant_id=variant_id, quantity=pieces) for variant_id, pieces in demand.items()
    )
    return cart


def put(
    cart: Cart, lines: list[BasketLine], *, offer: Offer, quantity: int, own_hold: int = 0, now: datetime
) -> BasketLine:
    """`quantity` more pieces; the same variant again grows its line. Changes `lines` as it changes the rows.

    `own_hold`: pieces of this variant the shopper has been promised by an earlier try.
    Raises DomainError: TOO_MANY_PIECES, NOT_ENOUGH_STOCK, TOO_MANY_LINES.
    """
    line = next((line for line in lines if line.variant_id == offer.variant_id), None)
    _check_demand(offer, quantity + (line.quantity if line else 0), own_hold)
    if line is not None:
        return _set_quantity(line, line.quantity + quantity, now)
    if len(lines) >= MAX_LINES:
        raise DomainError(ErrorCode.TOO_MANY_LINES, limit=MAX_LINES)
    row = CartLine(cart=cart, variant_id=offer.variant_id, quantity=quantity, created_at=now, updated_at=now)
    rows.insert(row)
    line = BasketLine(id=row.pk, quantity=quantity, created_at=now, updated_at=now, offer=offer)
    lines.append(line)
    return line


def change(
    lines: list[BasketLine], line: BasketLine, *, offer: Offer, quantity: int, own_hold: int = 0, now: datetime
) -> None:
    """The line holds `quantity` pieces of `offer` from now on; it keeps its id.

    A line that comes to hold what another one holds takes that one's place; quantities are not added up, the caller
    said how many. Raises DomainError: TOO_MANY_PIECES, NOT_ENOUGH_STOCK.
    """
    _check_demand(offer, quantity, own_hold)
    for twin in [other for other in lines if other is not line and other.variant_id == offer.variant_id]:
        CartLine.objects.filter(pk=twin.id).delete()
        lines.remove(twin)
    CartLine.objects.filter(pk=line.id).update(variant_id=offer.variant_id, quantity=quantity, updated_at=now)
    line.offer, line.quantity, line.updated_at = offer, quantity, now


def _set_quantity(line: BasketLine, quantity: int, now: datetime) -> BasketLine:
    CartLine.objects.filter(pk=line.id).update(quantity=quantity, updated_at=now)
    line.quantity, line.updated_at = quantity, now
    return line


def _check_demand(offer: Offer, pieces: int, own_hold: int) -> None:
    if pieces > MAX_PIECES:
        raise DomainError(ErrorCode.TOO_MANY_PIECES, limit=MAX_PIECES)
    available = offer.available + own_hold
    if pieces > available:
        raise DomainError(
            ErrorCode.NOT_ENOUGH_STOCK,
            variant_id=offer.variant_id,
            variant=offer.full_name,
            available=max(available, 0),
        )


def drop(lines: list[BasketLine], dropped: list[BasketLine]) -> None:
    CartLine.objects.filter(pk__in=[line.id for line in dropped]).delete()
    for line in dropped:
        lines.remove(line)


def touch(cart: Cart, *, now: datetime, **changes: str) -> None:
    """Somebody did something with this cart: notes when, and takes back the state (not the fact) of abandonment, and
    that it was given up.

    `changes`: contact fields (email, phone, full_name) written in the same statement.
    """
    if languages.of_shopper():
        changes["language"] = languages.of_shopper()
    if cart.status in {CartStatus.ABANDONED, CartStatus.EXPIRED}:
        cart.status = CartStatus.ACTIVE
    cart.last_activity_at = cart.updated_at = now
    for name, value in changes.items():
        setattr(cart, name, value)
    rows.update(cart, ("status", "last_activity_at", "updated_at", *changes))


def speak(cart_id: int, language: str) -> None:
    """What is written about this cart from now on is in this language."""
    Cart.objects.filter(pk=cart_id).exclude(language=language).update(language=language)


_CONVERTED = PreparedUpdate(
    lambda: Cart.objects.filter(pk=Given("id", BigIntegerField()), first_abandoned_at__isnull=True).exclude(
        status__in=BOUGHT
    ),
    ("email", "phone"),
    status=CartStatus.CONVERTED,
    bought_at=Given("now", DateTimeField()),
    updated_at=Given("now", DateTimeField()),
)


def mark_bought(cart_id: int, *, now: datetime) -> tuple[str, str]:
    """Recovered when it had ever been abandoned, else converted. Doing it twice is harmless.

    Gives the e-mail address and the telephone number that the cart has at this moment, empty where there is none.
    """
    for email, phone in _CONVERTED.rows(id=cart_id, now=now):
        return email, phone
    cart = Cart.objects.get(pk=cart_id)
    open_cart = Cart.objects.filter(pk=cart_id).exclude(status__in=BOUGHT)
    if open_cart.update(status=CartStatus.RECOVERED, bought_at=now, updated_at=now):
        cohorts.note_change(cart.pk, cart.first_abandoned_at)
    return cart.email, cart.phone


@transaction.atomic
def give_up(cart_id: int) -> None:
    """Nobody is to be reminded of this cart. A bought one stays bought."""
    cart = Cart.objects.select_for_update(no_key=True).get(pk=cart_id)
    if CART.allows(cart.status, CartStatus.EXPIRED):
        Cart.objects.filter(pk=cart_id).update(status=CartStatus.EXPIRED, updated_at=timezone.now())
