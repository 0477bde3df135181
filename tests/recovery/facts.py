"""Facts for tests of the policy: a mail that may be sent, and any facts at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from carts.states import CartStatus
from recovery.policy import Conditions, Facts, Limits
from recovery.states import Audience, CustomerKind, SuppressedBecause

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIMITS = Limits(
    audience=Audience.ALL, min_gap=20 * HOUR, max_mails_a_cart=6, max_mails_a_person=10, quiet_hours=(21, 8)
)
UTC_ZONE = (ZoneInfo("UTC"),)
GOOD = Facts(
    now=NOON,
    limits=LIMITS,
    conditions=Conditions(),
    sequence_audience=Audience.ALL,
    on_since=NOON - 30 * DAY,
    spell_at=NOON - HOUR,
    is_held_out=False,
    cart_status=CartStatus.ABANDONED,
    abandoned_at=NOON - HOUR,
    last_activity_at=NOON - HOUR * 1.5,
    has_address=True,
    can_be_bought=True,
    items_amount=4998,
    currency="USD",
    country="DK",
    is_being_paid=False,
    mails_about_cart=0,
    bought_at=None,
    has_newer_cart=False,
    suppressed="",
    is_bot=False,
    has_consent=False,
    last_mail_at=None,
    mails_to_person=0,
    zones=UTC_ZONE,
)

_moments = st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 15), timezones=st.just(UTC))  # noqa: DTZ001
_maybe = st.none() | _moments
_zones = st.sampled_from(["UTC", "America/New_York", "Europe/Copenhagen", "Asia/Kolkata", "Pacific/Auckland"])
hours = st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda pair: pair[0] != pair[1])
zones = st.lists(_zones.map(ZoneInfo), min_size=1, max_size=3).map(tuple)
moments = _moments
_limits = st.builds(
    Limits,
    audience=st.sampled_from(Audience),
    min_gap=st.integers(0, 48).map(lambda count: count * HOUR),
    max_mails_a_cart=st.integers(1, 4),
    max_mails_a_person=st.integers(1, 6),
    quiet_hours=st.none() | hours,
)
_conditions = st.builds(
    Conditions,
    minimum_amount=st.sampled_from([0, 2000, 6000]),
    currency=st.sampled_from(["USD", "EUR"]),
    customer_kind=st.sampled_from(CustomerKind),
    countries=st.sampled_from([frozenset(), frozenset({"DK"}), frozenset({"US", "DE"})]),
)
_spell = st.shared(_moments, key="spell")
any_facts = st.builds(
    Facts,
    now=_moments,
    limits=_limits,
    conditions=_conditions,
    sequence_audience=st.sampled_from([Audience.ALL, Audience.CUSTOMERS, Audience.CONSENT]),
    on_since=_maybe,
    spell_at=_spell,
    is_held_out=st.booleans(),
    cart_status=st.none() | st.sampled_from([CartStatus.ABANDONED] * 5 + list(CartStatus)),
    abandoned_at=st.one_of(_spell, _spell, _maybe),
    last_activity_at=_spell,
    has_address=st.booleans(),
    can_be_bought=st.booleans(),
    items_amount=st.integers(0, 10_000),
    currency=st.sampled_from(["USD", "EUR"]),
    country=st.sampled_from(["", "DK", "US"]),
    is_being_paid=st.booleans(),
    mails_about_cart=st.integers(0, 4),
    mails_to_person=st.integers(0, 6),
    bought_at=_maybe,
    has_newer_cart=st.booleans(),
    suppressed=st.sampled_from(["", "", "", *SuppressedBecause]),
    is_bot=st.booleans(),
    has_consent=st.booleans(),
    last_mail_at=_maybe,
    zones=zones,
)
