"""Whoever does not want such mails gets none: by a button, or by the mailbox provider's one request (RFC 8058)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from recovery.models import Consent, Message, Suppression
from recovery.states import Outcome, Reason
from tests.recovery.carts import make_abandoned
from tests.recovery.sequences import DAY, Time, log, make_sequence

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def time(shop) -> Time:
    make_sequence(3600, DAY)
    make_abandoned(ago=timedelta(hours=2))
    time = Time()
    assert time.run() == 1
    return time


@pytest.fixture
def url(time) -> str:
    return mail.outbox[-1].extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")


def test_looking_changes_nothing(url, client):
    answer = client.get(url)
    assert (answer.status_code, answer.cookies) == (200, {})
    assert "ada@" not in answer.content.decode()
    assert not Suppression.objects.exists()


def test_one_request_of_a_mailbox_provider_is_enough(url, time):
    answer = Client(enforce_csrf_checks=True).post(url, ONE_CLICK, HTTP_SEC_FETCH_SITE="cross-site")
    assert answer.status_code == 200
    assert Suppression.objects.get().reason == "unsubscribed"
    time.on(days=1).run()
    assert log()[-1] == (Outcome.SKIPPED, Reason.UNSUBSCRIBED)


def test_the_button_does_the_same_and_a_second_press_nothing_more(url, client):
    for _ in range(2):
        answer = client.post(url)
        assert "no more mails like this" in answer.content.decode()
    assert Suppression.objects.count() == 1
    assert "no more mails" in client.get(url).content.decode()


def test_it_holds_for_every_sequence_and_every_spelling(url, client, time, settings):
    settings.RECOVERY_MIN_GAP_SECONDS = 0
    client.post(url)
    make_sequence(60, name="Another", position=9)
    make_abandoned("ADA@example.COM", abandoned_at=time.now)
    time.run()
    time.on(hours=2).run()
    assert log()[-1] == (Outcome.SKIPPED, Reason.UNSUBSCRIBED)


def test_consent_is_withdrawn_and_its_proof_kept(url, client):
    consent = Consent.objects.create(person=Message.objects.get().person, text_version="1", source="test")
    client.post(url)
    consent.refresh_from_db()
    assert consent.withdrawn_at


def test_it_works_when_the_cart_is_gone(url, client):
    Message.objects.get().enrolment.cart.delete()
    assert client.post(url).status_code == 200
    assert Suppression.objects.exists()


def test_one_we_did_not_give_out(shop, client):
    for method in (client.get, client.post):
        assert method("/unsubscribe/x").status_code == 404
    assert client.put("/unsubscribe/x").status_code == 405
    assert not Suppression.objects.exists()
