"""May this mail be sent now? One pure function over what is known; nothing is read here and nothing written.

The first reason that holds is the one that is written down, so their order matters: what ends the matter comes first,
then what concerns this step only. Being in the control group comes after all that can be known beforehand, so that both
groups are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from carts.states import BOUGHT, CartStatus
from recovery import quiet
from recovery.states import Audience, CustomerKind, Reason, Wait

PERSON_CAP_SPAN = timedelta(days=30)
ASK_AGAIN_AFTER = timedelta(minutes=15)  # while a payment is on its way


@dataclass(frozen=True)
class Conditions:
    """Of one step. Amounts in minor units of `currency`; with one, only carts in it meet them."""

    minimum_amount: int = 0
    currency: str = ""
    is_impossible: bool = False
    customer_kind: str = CustomerKind.ANY
    countries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Limits:
    """Of the shop: its settings."""

    audience: str
    min_gap: timedelta
    max_mails_a_cart: int
    max_mails_a_person: int  # within PERSON_CAP_SPAN, about whichever cart
    quiet_hours: quiet.Hours | None


@dataclass(frozen=True)
class Facts:
    """Everything a decision rests on, as it is at `now`. Amounts in minor units of `currency`."""

    now: datetime
    limits: Limits
    # the sequence
    conditions: Conditions
    sequence_audience: str
    on_since: datetime | None  # None: the sequence is off
    spell_at: datetime  # the abandonment this is about
    is_held_out: bool
    # the cart
    cart_status: str | None  # None: deleted
    abandoned_at: datetime | None
    last_activity_at: datetime | None
    has_address: bool
    can_be_bought: bool  # something in it
    items_amount: int
    currency: str
    country: str  # '': not known
    is_being_paid: bool
    mails_about_cart: int
    # the person, over all their carts and orders
    bought_at: datetime | None
    has_newer_cart: bool
    suppressed: str  # SuppressedBecause, or ''
    is_bot: bool
    has_consent: bool
    last_mail_at: datetime | None
    mails_to_person: int  # within PERSON_CAP_SPAN
    zones: tuple[ZoneInfo, ...]

    @property
    def has_bought_before(self) -> bool:
        return self.bought_at is not None

    @property
    def has_bought_since(self) -> bool:
        """Since they last touched this cart: also in the half hour in which it was not abandoned yet."""
        return self.bought_at is not None and self.bought_at >= (self.last_activity_at or self.spell_at)


@dataclass(frozen=True)
class Send:
    pass


@dataclass(frozen=True)
class Skip:
    reason: Reason


@dataclass(frozen=True)
class Postpone:
    until: datetime
    wait: Wait


Decision = Send | Skip | Postpone


def decide(facts: Facts) -> Decision:
    reason = _of_cart(facts) or _of_sequence(facts) or _of_person(facts) or _of_step(facts)
    if reason:
        return Skip(reason)
    if facts.is_being_paid:
        return Postpone(facts.now + ASK_AGAIN_AFTER, Wait.BEING_PAID)
    quiet_until = quiet.ends_at(facts.now, facts.limits.quiet_hours, facts.zones)
    if quiet_until:
        return Postpone(quiet_until, Wait.QUIET_HOURS)
    if facts.last_mail_at and facts.now - facts.last_mail_at < facts.limits.min_gap:
        return Skip(Reason.CAPPED)
    return Send()


def _of_cart(facts: Facts) -> Reason | None:
    if facts.cart_status is None:
        return Reason.DELETED
    if facts.cart_status in BOUGHT or facts.has_bought_since:
        return Reason.PURCHASED
    if facts.cart_status == CartStatus.EXPIRED:
        return Reason.EXPIRED
    is_this_spell = facts.cart_status == CartStatus.ABANDONED and facts.abandoned_at == facts.spell_at
    return None if is_this_spell else Reason.CAME_BACK


def _of_sequence(facts: Facts) -> Reason | None:
    if facts.limits.audience == Audience.OFF:
        return Reason.SWITCHED_OFF
    if facts.on_since is None:
        return Reason.SEQUENCE_OFF
    return Reason.TOO_OLD if facts.spell_at < facts.on_since else None


def _of_person(facts: Facts) -> Reason | None:
    if not facts.has_address:
        return Reason.NO_ADDRESS
    if facts.suppressed:
        return Reason(facts.suppressed)
    if facts.is_bot:
        return Reason.BOT
    if facts.has_newer_cart:
        return Reason.NEWER_CART
    audiences = {facts.limits.audience, facts.sequence_audience}
    if Audience.CONSENT in audiences and not facts.has_consent:
        return Reason.NO_CONSENT
    if Audience.CUSTOMERS in audiences and not facts.has_bought_before:
        return Reason.NO_CUSTOMER
    return None


def _of_step(facts: Facts) -> Reason | None:
    if not facts.can_be_bought:
        return Reason.EMPTY
    if facts.mails_about_cart >= facts.limits.max_mails_a_cart:
        return Reason.CART_CAP
    if facts.mails_to_person >= facts.limits.max_mails_a_person:
        return Reason.PERSON_CAP
    if not _meets(facts.conditions, facts):
        return Reason.CONDITION
    return Reason.HOLDOUT if facts.is_held_out else None


def _meets(conditions: Conditions, facts: Facts) -> bool:
    if conditions.is_impossible or (conditions.currency and conditions.currency != facts.currency):
        return False  # amounts of two currencies cannot be compared
    if facts.items_amount < conditions.minimum_amount:
        return False
    if conditions.countries and facts.country not in conditions.countries:
        return False
    if conditions.customer_kind == CustomerKind.ANY:
        return True
    return (conditions.customer_kind == CustomerKind.RETURNING) == facts.has_bought_before
