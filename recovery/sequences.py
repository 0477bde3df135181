"""Switching sequences on and off, and what would happen if one were on: nothing is sent by looking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from carts import people
from carts.models import Cart
from carts.states import CartStatus
from common.errors import DomainError, ErrorCode
from common.persons import email_key
from common.transactions import in_transaction
from recovery import holdout
from recovery.knowledge import case_of, identities_of, last_purchase
from recovery.models import Enrolment, Sequence, Step
from recovery.policy import Postpone, Skip

LOOK_BACK = timedelta(days=7)
LOOKED_AT = 200  # carts; each takes a few queries
SEND = "send"


@in_transaction
def switch_on(sequence_id: int) -> None:
    """From now on carts that are abandoned go into it; none that was abandoned before. Doing it twice is harmless.

    Raises DomainError(INVALID_VALUE) where it has nothing to send.
    """
    sequence = Sequence.objects.select_for_update(no_key=True).get(pk=sequence_id)
    reason = what_is_missing(sequence)
    if reason:
        raise DomainError(ErrorCode.INVALID_VALUE, field="steps", reason=reason)
    if sequence.activated_at is None:
        sequence.activated_at = timezone.now()
        sequence.save(update_fields=["activated_at"])


def switch_off(sequence_id: int) -> None:
    """Nothing more is sent, also about carts that are in it already. Doing it twice is harmless."""
    Sequence.objects.filter(pk=sequence_id).update(activated_at=None)


def what_is_missing(sequence: Sequence) -> str:
    """Why it cannot be switched on; '' where it can."""
    steps = [step for step in sequence.steps.prefetch_related("texts") if step.is_active]
    if not steps:
        return "It has no step that is sent."
    silent = [step for step in steps if not step.texts.all()]
    return f"A step has no text: {silent[0]}." if silent else ""


# --- a dry run ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DryRun:
    """What the first mail would come to for carts that are abandoned now. `counts`: {"send", or a reason: how many}."""

    since: datetime
    verdicts: list[tuple[Cart, str]]

    @property
    def counts(self) -> Counter[str]:
        return Counter(verdict for _, verdict in self.verdicts)


def dry_run(sequence: Sequence, *, now: datetime | None = None, limit: int = LOOKED_AT) -> DryRun:
    """As if the sequence had been on for a week: the newest carts abandoned since, and what would happen to each.

    Writes nothing, not even who would be in the control group.
    """
    now = now or timezone.now()
    since = now - LOOK_BACK
    step = sequence.steps.filter(is_active=True).order_by("delay_seconds").first()
    carts = Cart.objects.filter(status=CartStatus.ABANDONED, abandoned_at__gte=since).order_by("-abandoned_at")
    found = [cart for cart in carts[:limit] if email_key(cart.email)] if step else []
    return DryRun(since, [(cart, _verdict(sequence, step, cart, since, now)) for cart in found if step])


def _verdict(sequence: Sequence, step: Step, cart: Cart, since: datetime, now: datetime) -> str:
    as_if = copy(sequence)
    as_if.activated_at = since
    person = email_key(cart.email)
    enrolment = Enrolment(
        cart=cart,
        sequence=as_if,
        person=person,
        spell_at=cart.abandoned_at or now,
        is_held_out=holdout.would_hold_out(person),
    )
    bought = people.bought_at([*identities_of(cart), person])
    decision = case_of(enrolment, step, cart, bought_at=last_purchase(bought.values()), now=now).decision
    if isinstance(decision, Skip):
        return decision.reason
    return decision.wait if isinstance(decision, Postpone) else SEND


def newest_cart(of: Iterable[str] = (CartStatus.ABANDONED,)) -> Cart | None:
    """One to look at a mail with."""
    return Cart.objects.filter(status__in=list(of)).exclude(email="").order_by("-id").first()
