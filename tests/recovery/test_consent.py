"""Where the shop asks first: the box on the checkout page, and the proof that is kept of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.networks import network_of
from common.persons import email_key
from dialects.guest import COOKIE
from outbox.models import OutboxEvent
from recovery.models import Consent
from recovery.states import Outcome, Reason
from tests.checkouts.shopping import checkout_of, deliver_events, ready_session
from tests.factories import CUSTOMER
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import Time, log, make_sequence

ASKS = "may remind me by e-mail"


@pytest.fixture
def shopper(shop, client):
    session = ready_session()
    client.cookies[COOKIE] = str(session)
    client.checkout = checkout_of(session).pk
    return client


def press_update(shopper, **more: str):
    return shopper.post("/checkout/", {"action": "update", "checkout": shopper.checkout, **more})


def test_nobody_is_asked_where_consent_is_not_the_rule(shopper, settings):
    assert ASKS not in shopper.get("/checkout/").content.decode()
    press_update(shopper, may_remind="1", email=CUSTOMER["email"])
    assert not OutboxEvent.objects.filter(name="shopper.agreed").exists()


class TestWhereTheShopAsks:
    @pytest.fixture(autouse=True)
    def asks(self, settings) -> None:
        settings.RECOVERY_AUDIENCE = "consent"

    def test_the_box_is_there_and_not_ticked(self, shopper):
        html = shopper.get("/checkout/").content.decode()
        assert ASKS in html
        assert 'name="may_remind" value="1">' in html

    def test_a_tick_is_kept_as_proof_once(self, shopper):
        for _ in range(2):
            press_update(shopper, may_remind="1", email=CUSTOMER["email"])
        deliver_events()
        consent = Consent.objects.get()
        assert consent.person == email_key(CUSTOMER["email"])
        assert (consent.hint, consent.network, consent.source) == ("c***@example.com", "127.0.0.0", "checkout page")
        assert ASKS in consent.text
        assert consent.given_at == OutboxEvent.objects.get(name="shopper.agreed").created_at

    def test_no_tick_is_no_consent(self, shopper):
        press_update(shopper, email=CUSTOMER["email"])
        deliver_events()
        assert not Consent.objects.exists()

    def test_only_who_agreed_is_reminded(self, shopper):
        press_update(shopper, may_remind="1", email=CUSTOMER["email"])
        deliver_events()
        make_sequence(3600)
        for email in (CUSTOMER["email"], "other@example.com"):
            make_abandoned(email, ago=timedelta(hours=2), last_activity_at=Time().now)
        Time().run()
        assert sorted(log()) == sorted([(Outcome.SENT, ""), (Outcome.SKIPPED, Reason.NO_CONSENT)])


@pytest.mark.parametrize(
    ("address", "kept"),
    [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::"), ("", ""), ("nonsense", "")],
)
def test_an_address_is_kept_in_part(address, kept):
    assert network_of(address) == kept
