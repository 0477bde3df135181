"""What shoppers wanted and were refused, noted on their carts: why a cart was lost is often among it.

A refusal takes back all that its transaction did, so it is noted once that is over, in a transaction of its own. Noting
never takes the place of the refusal: what cannot be noted is not.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from carts.models import Cart, Refusal
from catalog.models import Variant
from common.cards import without_card_numbers
from common.errors import DomainError, ErrorCode

MOST = 20  # of one cart; more of them say nothing more about it
_SUBJECT_LENGTH = 40  # of what was typed

Kind = Refusal.Kind
A = TypeVar("A")
P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger(__name__)

# What a shopper meets who buys. What a client gets wrong is not among it; declines are rows of their payments.
_KINDS = {
    ErrorCode.DISCOUNT_INVALID: Kind.DISCOUNT,
    ErrorCode.DISCOUNT_GONE: Kind.DISCOUNT,
    ErrorCode.NOT_ENOUGH_STOCK: Kind.STOCK,
    ErrorCode.SOLD_OUT: Kind.STOCK,
    ErrorCode.VARIANT_NOT_FOR_SALE: Kind.STOCK,
    ErrorCode.SHIPPING_METHOD_NOT_FOUND: Kind.SHIPPING,
    ErrorCode.TOTAL_CHANGED: Kind.TOTAL,
    ErrorCode.TOO_MANY_DECLINES: Kind.DECLINES,
}


def noted_on(
    cart_of: Callable[[A], int | None],
) -> Callable[[Callable[Concatenate[A, P], R]], Callable[Concatenate[A, P], R]]:
    """Of a verb, below its `in_transaction`: what it refuses is noted on the cart of its first argument.

    That is looked for when all that the verb did is taken back: a cart that was begun in the same transaction is not
    there, and nothing is noted.
    """

    def decorated(verb: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
        @functools.wraps(verb)
        def run(whose: A, *args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return verb(whose, *args, **kwargs)
            except DomainError as refusal:
                if kind_of(refusal):
                    refusal.afterwards = functools.partial(note, refusal, functools.partial(cart_of, whose))
                raise

        return run

    return decorated


def kind_of(refusal: DomainError) -> Kind | None:
    """None of what is not noted."""
    if refusal.code is ErrorCode.SHIPPING_METHOD_NOT_FOUND and not refusal.values.get("country"):
        return None  # no such method: a client's mistake
    return _KINDS.get(refusal.code)


def note(refusal: DomainError, cart_of: Callable[[], int | None]) -> None:
    """At the end of all transactions. Never raises."""
    try:
        cart_id, kind = cart_of(), kind_of(refusal)
        if cart_id is not None and kind is not None:
            _write(cart_id, kind, refusal.code, _subject(refusal), str(refusal.values.get("reason", "")))
    except Exception as error:  # whatever it is, the shopper is to hear of the refusal
        logger.warning("A refusal could not be noted: %s", error)


def _subject(refusal: DomainError) -> str:
    values = refusal.values
    if "variant_id" in values:
        return Variant.objects.filter(pk__in=[values["variant_id"]]).values_list("sku", flat=True).first() or ""
    if "country" in values:
        return str(values["country"])
    typed = str(values.get("discount_code", "")).replace("\0", "").strip().upper()  # PostgreSQL keeps no zero byte
    return without_card_numbers(typed)[:_SUBJECT_LENGTH]


@transaction.atomic
def _write(cart_id: int, kind: Kind, code: ErrorCode, subject: str, reason: str) -> None:
    """Those of one cart take turns: so none is lost, and there are never too many."""
    now = timezone.now()
    if Cart.objects.select_for_update(no_key=True).filter(pk=cart_id).only("pk").first() is None:
        return
    own = Refusal.objects.filter(cart_id=cart_id)
    if own.filter(code=code, subject=subject).update(times=F("times") + 1, last_at=now):
        return
    if own.count() < MOST:
        own.create(
            cart_id=cart_id, kind=kind, code=code, subject=subject, reason=reason[:40], first_at=now, last_at=now
        )
