"""Newly abandoned carts go into a sequence: in sets, and each person into one at a time, about the newest cart.

Rows are locked in the order in which everybody locks them: carts, then people, then enrolments.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from carts import people
from carts.models import Cart, Door
from carts.states import CartStatus
from common.persons import email_key
from recovery import holdout, running
from recovery.knowledge import identities_of, last_purchase
from recovery.models import Consent, Enrolment, Holdout, Sequence, Step
from recovery.states import Audience

BATCH = 500


@dataclass(frozen=True)
class Candidate:
    """A cart to be enrolled, and its owner."""

    cart: Cart
    person: str
    bought_at: datetime | None
    has_consent: bool

    @property
    def age(self) -> tuple[datetime, int]:
        return self.cart.last_activity_at, self.cart.pk


def enrol(*, now: datetime, limit: int = BATCH) -> int:
    """One batch. How many carts were looked at; fewer than `limit` means that there are no more."""
    new = Cart.objects.filter(status=CartStatus.ABANDONED, is_followed_up=False).order_by("abandoned_at")
    if not new.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    with transaction.atomic():
        carts = list(new.select_for_update(skip_locked=True, no_key=True)[:limit])
        _enrol(carts, now)
        Cart.objects.filter(pk__in=[cart.pk for cart in carts]).update(is_followed_up=True)
    return len(carts)


def _enrol(carts: Many[Cart], now: datetime) -> None:
    sequences = active_sequences()
    if not sequences or settings.RECOVERY_AUDIENCE == Audience.OFF:
        return
    on_since = min(sequence.activated_at for sequence in sequences if sequence.activated_at)
    young = [cart for cart in carts if cart.abandoned_at and cart.abandoned_at >= on_since and _is_their_own(cart)]
    candidates = _candidates([cart for cart in young if email_key(cart.email)])
    groups = holdout.groups_of(candidate.person for candidate in candidates)
    fresh = [
        _enrolment(candidate, sequence, groups.get(candidate.person))
        for candidate in sorted(candidates, key=lambda candidate: candidate.age)
        if (sequence := _sequence_for(candidate, sequences))
    ]
    running.replace(fresh, now)


def _is_their_own(cart: Cart) -> bool:
    """What staff filled in for somebody on the phone was not left by them."""
    return cart.door != Door.STAFF


def active_sequences() -> list[Sequence]:
    """Those that are on and have something to send, in their order, with their steps."""
    found = Sequence.objects.filter(activated_at__isnull=False).prefetch_related("steps")
    return [sequence for sequence in found if steps_of(sequence)]


def steps_of(sequence: Sequence) -> list[Step]:
    return [step for step in sequence.steps.all() if step.is_active]


def _candidates(carts: Many[Cart]) -> list[Candidate]:
    """Locks the people."""
    keys = {cart.pk: identities_of(cart) for cart in carts}
    bought = people.locked(key for own in keys.values() for key in own) if carts else {}
    persons = {cart.pk: email_key(cart.email) for cart in carts}
    consents = Consent.objects.filter(person__in=set(persons.values()), withdrawn_at__isnull=True)
    agreed = set(consents.values_list("person", flat=True)) if carts else set()
    return [
        Candidate(
            cart, persons[cart.pk], last_purchase(bought[key] for key in keys[cart.pk]), persons[cart.pk] in agreed
        )
        for cart in carts
    ]


def _sequence_for(candidate: Candidate, sequences: Many[Sequence]) -> Sequence | None:
    """The first one meant for this person; else the first, which then says why it sends nothing."""
    abandoned_at = candidate.cart.abandoned_at
    on_then = [each for each in sequences if abandoned_at and each.activated_at and each.activated_at <= abandoned_at]
    fitting = [each for each in on_then if _is_meant_for(candidate, each.audience)]
    return next(iter([*fitting, *on_then]), None)


def _is_meant_for(candidate: Candidate, audience: str) -> bool:
    if audience == Audience.CONSENT:
        return candidate.has_consent
    return audience == Audience.ALL or candidate.bought_at is not None


def _enrolment(candidate: Candidate, sequence: Sequence, group: Holdout | None) -> Enrolment:
    cart = candidate.cart
    spell_at = cart.abandoned_at
    assert spell_at is not None  # noqa: S101 - the callers chose abandoned carts
    return Enrolment(
        cart=cart,
        sequence=sequence,
        person=candidate.person,
        spell_at=spell_at,
        is_held_out=group is not None and group.is_held_out,
        drawn_percent=group.percent if group else None,
        origin_at=spell_at,
        due_at=spell_at + timedelta(seconds=steps_of(sequence)[0].delay_seconds),
    )
