"""Whether a mail may be sent, for each reason by example and for any facts at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from carts.states import CartStatus
from recovery import quiet
from recovery.bots import is_bot
from recovery.policy import Conditions, Postpone, Send, Skip, decide
from recovery.states import Audience, CustomerKind, Reason, Wait
from tests.recovery import facts as make
from tests.recovery.facts import DAY, GOOD, HOUR, LIMITS, NOON

EUR_50 = Conditions(minimum_amount=5000, currency="EUR")
OF_REASON = {
    Reason.DELETED: {"cart_status": None},
    Reason.PURCHASED: {"bought_at": NOON - HOUR * 1.2},  # while the cart was idle and not abandoned yet
    Reason.EXPIRED: {"cart_status": CartStatus.EXPIRED},
    Reason.CAME_BACK: {"cart_status": CartStatus.ACTIVE},
    Reason.SWITCHED_OFF: {"limits": replace(LIMITS, audience=Audience.OFF)},
    Reason.SEQUENCE_OFF: {"on_since": None},
    Reason.TOO_OLD: {"on_since": NOON - HOUR / 2},
    Reason.NO_ADDRESS: {"has_address": False},
    Reason.UNSUBSCRIBED: {"suppressed": "unsubscribed"},
    Reason.BOUNCED: {"suppressed": "bounced"},
    Reason.COMPLAINED: {"suppressed": "complained"},
    Reason.BY_STAFF: {"suppressed": "by_staff"},
    Reason.BOT: {"is_bot": True},
    Reason.NEWER_CART: {"has_newer_cart": True},
    Reason.NO_CONSENT: {"limits": replace(LIMITS, audience=Audience.CONSENT)},
    Reason.NO_CUSTOMER: {"sequence_audience": Audience.CUSTOMERS},
    Reason.EMPTY: {"can_be_bought": False},
    Reason.CART_CAP: {"mails_about_cart": 6},
    Reason.PERSON_CAP: {"mails_to_person": 10},
    Reason.CONDITION: {"conditions": replace(EUR_50, currency="USD")},
    Reason.HOLDOUT: {"is_held_out": True},
    Reason.CAPPED: {"last_mail_at": NOON - 20 * HOUR + timedelta(seconds=1)},
}


def test_a_cart_left_an_hour_ago_is_mailed():
    assert decide(GOOD) == Send()


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_by_example(reason):
    assert decide(replace(GOOD, **OF_REASON[reason])) == Skip(reason)


@pytest.mark.parametrize(
    "changes",
    [
        {"bought_at": NOON - 2 * HOUR},  # before they filled this cart
        {"last_mail_at": NOON - 20 * HOUR},
        {"limits": replace(LIMITS, audience=Audience.CONSENT), "has_consent": True},
        {"limits": replace(LIMITS, audience=Audience.CUSTOMERS), "bought_at": NOON - 9 * DAY},
        {"conditions": Conditions(minimum_amount=4998, currency="USD")},
        {"conditions": Conditions(countries=frozenset({"DK", "SE"}))},
        {"conditions": Conditions(customer_kind=CustomerKind.NEW)},
        {"conditions": Conditions(customer_kind=CustomerKind.RETURNING), "bought_at": NOON - 9 * DAY},
        {"spell_at": NOON - DAY, "abandoned_at": NOON - DAY, "on_since": NOON - DAY},
    ],
)
def test_what_is_no_reason(changes):
    assert decide(replace(GOOD, **changes)) == Send()


@pytest.mark.parametrize("status", [CartStatus.RECOVERED, CartStatus.CONVERTED])
def test_a_cart_that_was_bought_is_purchased_whoever_paid(status):
    assert decide(replace(GOOD, cart_status=status)) == Skip(Reason.PURCHASED)


def test_another_spell_of_the_cart_has_an_enrolment_of_its_own():
    assert decide(replace(GOOD, abandoned_at=NOON - HOUR / 4)) == Skip(Reason.CAME_BACK)


@pytest.mark.parametrize(
    "conditions",
    [
        EUR_50,
        Conditions(minimum_amount=1, currency="EUR"),  # two currencies cannot be compared
        Conditions(countries=frozenset({"SE"})),
        Conditions(customer_kind=CustomerKind.RETURNING),
    ],
)
def test_conditions_that_are_not_met(conditions):
    assert decide(replace(GOOD, conditions=conditions)) == Skip(Reason.CONDITION)


def test_a_payment_on_its_way_is_waited_for():
    decision = decide(replace(GOOD, is_being_paid=True))
    assert decision == Postpone(NOON + HOUR / 4, Wait.BEING_PAID)


class TestQuietHours:
    def test_a_mail_waits_until_they_are_over(self):
        night = NOON.replace(hour=23)
        decision = decide(replace(GOOD, now=night))
        assert decision == Postpone(datetime(2026, 3, 11, 8, tzinfo=UTC), Wait.QUIET_HOURS)

    def test_a_reason_not_to_send_is_not_waited_for(self):
        assert decide(replace(GOOD, now=NOON.replace(hour=23), is_held_out=True)) == Skip(Reason.HOLDOUT)

    def test_they_are_those_of_the_shoppers_own_day(self):
        tokyo = (ZoneInfo("Asia/Tokyo"),)  # noon in UTC is 21:00 there
        decision = decide(replace(GOOD, zones=tokyo))
        assert decision == Postpone(datetime(2026, 3, 10, 23, tzinfo=UTC), Wait.QUIET_HOURS)

    def test_in_a_country_of_many_zones_it_is_quiet_while_it_is_quiet_in_one(self):
        """Noon in UTC is 8:00 in New York and 2:00 in Honolulu, where 8:00 is 18:00 in UTC."""
        decision = decide(replace(GOOD, zones=quiet.zones_of("US")))
        assert decision == Postpone(datetime(2026, 3, 10, 18, tzinfo=UTC), Wait.QUIET_HOURS)

    def test_where_it_is_always_quiet_somewhere_one_zone_counts(self):
        zones = (ZoneInfo("UTC"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Honolulu"))
        assert quiet.ends_at(NOON, (10, 9), zones) == datetime(2026, 3, 11, 9, tzinfo=UTC)

    def test_a_country_nobody_named_has_the_shops_zone(self, settings):
        settings.TIME_ZONE = "Europe/Copenhagen"
        assert quiet.zones_of("") == quiet.zones_of("XX") == (ZoneInfo("Europe/Copenhagen"),)
        assert quiet.zones_of("JP") == (ZoneInfo("Asia/Tokyo"),)

    def test_without_such_hours_any_time_will_do(self):
        limits = replace(LIMITS, quiet_hours=None)
        assert decide(replace(GOOD, now=NOON.replace(hour=3, day=11), limits=limits)) == Send()

    @given(make.moments, make.hours.filter(lambda hours: (hours[1] - hours[0]) % 24 <= 7), make.zones)
    def test_when_they_end_it_is_quiet_nowhere_and_a_moment_before_it_was(self, now, hours, zones):
        end = quiet.ends_at(now, hours, zones)
        if end is None:
            assert not any(_is_quiet(now, hours, zone) for zone in zones)
            return
        assert end - now <= timedelta(days=2)
        assert not any(_is_quiet(end, hours, zone) for zone in zones)
        assert any(_is_quiet(end - timedelta(seconds=1), hours, zone) for zone in zones)


def _is_quiet(moment, hours, zone) -> bool:
    """Said another way than the code: by walking from the first quiet hour to the last."""
    hour = hours[0]
    while hour != hours[1]:
        if hour == moment.astimezone(zone).hour:
            return True
        hour = (hour + 1) % 24
    return False


class TestForAnyFacts:
    @settings(max_examples=200)
    @given(make.any_facts)
    def test_what_is_sent_breaks_no_rule(self, facts):
        if decide(facts) != Send():
            return
        assert facts.cart_status == CartStatus.ABANDONED
        assert facts.abandoned_at == facts.spell_at >= facts.on_since
        assert facts.bought_at is None or facts.bought_at < facts.last_activity_at
        assert not facts.suppressed
        assert not any([facts.is_bot, facts.is_held_out, facts.has_newer_cart, facts.is_being_paid])
        assert facts.last_mail_at is None or facts.now - facts.last_mail_at >= facts.limits.min_gap
        assert facts.mails_about_cart < facts.limits.max_mails_a_cart
        assert facts.mails_to_person < facts.limits.max_mails_a_person
        assert facts.limits.audience != Audience.OFF
        if Audience.CONSENT in {facts.limits.audience, facts.sequence_audience}:
            assert facts.has_consent
        hours = facts.limits.quiet_hours
        assert hours is None or not any(_is_quiet(facts.now, hours, zone) for zone in facts.zones)

    @settings(max_examples=100)
    @given(make.any_facts)
    def test_a_purchase_a_refusal_or_another_mail_never_makes_one_go(self, facts):
        worse = (
            {"bought_at": max(facts.now, facts.last_activity_at)},
            {"suppressed": "unsubscribed"},
            {"last_mail_at": facts.now},
            {"is_held_out": True},
        )
        for changes in worse:
            if decide(facts) != Send() and decide(replace(facts, **changes)) == Send():
                assert changes == {"last_mail_at": facts.now}  # the one before was said to be later than now
                assert facts.limits.min_gap == timedelta(0)

    @given(make.any_facts)
    def test_what_is_put_off_is_put_off_into_the_future(self, facts):
        decision = decide(facts)
        assert not isinstance(decision, Postpone) or facts.now < decision.until <= facts.now + timedelta(days=2)


@pytest.mark.parametrize(
    ("email", "verdict"),
    [
        ("john.smith@storebotmail.joonix.net", True),
        ("X@STOREBOTMAIL.JOONIX.NET", True),
        ("a@mail.googlebot.com", True),
        ("ada@example.com", False),
        ("ada@notjoonix.net", False),
        ("joonix.net@example.com", False),
        ("nonsense", False),
    ],
)
def test_bots_are_known_by_their_domain(email, verdict):
    assert is_bot(email) is verdict
