"""What the mail provider tells ends recovery mails where it must, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from carts import people
from common.errors import DomainError, ErrorCode
from common.persons import email_key
from recovery import undelivered
from recovery.models import Suppression
from recovery.states import SuppressedBecause
from tests.recovery.api.told import AT, authorization, brevo, mailgun, open_webhook, postmark

pytestmark = pytest.mark.django_db
ADA = "Ada@example.com"

ENDS = {
    ("postmark", "bounced"): postmark("HardBounce", ADA),
    ("postmark", "bounced "): postmark("BadEmailAddress", ADA),
    ("postmark", "complained"): postmark("SpamComplaint", ADA, record="SpamComplaint"),
    ("postmark", "unsubscribed"): {
        "RecordType": "SubscriptionChange", "Recipient": ADA, "SuppressSending": True,
        "SuppressionReason": "ManualSuppression", "ChangedAt": "2025-05-24T10:30:00Z",
    },
    ("brevo", "bounced"): brevo("hard_bounce", ADA),
    ("brevo", "bounced "): brevo("invalid_email", ADA),
    ("brevo", "complained"): brevo("spam", ADA),
    ("brevo", "unsubscribed"): brevo("unsubscribe", ADA),
    ("mailgun", "bounced"): mailgun("failed", ADA, severity="permanent", reason="bounce"),
    ("mailgun", "complained"): mailgun("complained", ADA),
    ("mailgun", "unsubscribed"): mailgun("unsubscribed", ADA),
}  # fmt: skip
SAYS_NOTHING = {
    "postmark": [
        postmark("SoftBounce", ADA),
        postmark("Transient", ADA),
        postmark("Blocked", ADA),
        postmark("Unknown", ADA),
        {"RecordType": "Delivery", "Recipient": ADA, "DeliveredAt": "2025-05-24T10:30:00Z"},
        {"RecordType": "SubscriptionChange", "Recipient": ADA, "SuppressSending": False},
    ],
    "brevo": [brevo("soft_bounce", ADA), brevo("blocked", ADA), brevo("delivered", ADA), brevo("unheard_of", ADA)],
    "mailgun": [
        mailgun("failed", ADA, severity="temporary", reason="generic"),
        mailgun("failed", ADA, severity="permanent", reason="generic"),
        mailgun("opened", ADA),
    ],
}


@pytest.fixture(autouse=True)
def known() -> None:
    """Ada has bought here before."""
    people.locked([email_key(ADA)])


def tell(body: Any, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).post(AT, body, "application/json", headers=authorization() | headers)


@pytest.mark.parametrize(("told", "body"), ENDS.items(), ids=["-".join(told).strip() for told in ENDS])
def test_these_end_recovery_mails(settings, told, body):
    esp, reason = told
    open_webhook(settings, esp)
    answer = tell(body)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    row = Suppression.objects.get()
    assert (row.person, row.hint, row.reason) == (email_key(ADA), "a***@example.com", reason.strip())
    assert row.source.lower() == esp


@pytest.mark.parametrize(
    ("esp", "number"), [(esp, number) for esp, bodies in SAYS_NOTHING.items() for number in range(len(bodies))]
)
def test_these_do_not(settings, esp, number):
    open_webhook(settings, esp)
    assert tell(SAYS_NOTHING[esp][number]).status_code == 200
    assert not Suppression.objects.exists()


class TestOneAddress:
    @pytest.fixture(autouse=True)
    def opened(self, settings) -> None:
        open_webhook(settings)

    def test_told_again_stays_as_it_is(self):
        for kind in ("HardBounce", "HardBounce", "SpamNotification"):
            assert tell(postmark(kind, ADA)).status_code == 200
        assert Suppression.objects.get().reason == SuppressedBecause.BOUNCED

    def test_that_we_never_wrote_to_is_left_alone(self):
        assert tell(postmark("HardBounce", "someone@elsewhere.example")).status_code == 200
        assert not Suppression.objects.exists()

    @pytest.mark.parametrize("email", ["", "no address", "nul\u0000@example.com", "\ud800@example.com", "a" * 5000])
    def test_that_is_none_is_left_alone(self, email):
        assert tell(json.dumps(postmark("HardBounce", email))).status_code == 200
        assert not Suppression.objects.exists()

    def test_costs_as_many_statements_as_any_other_and_nothing_where_nothing_follows(self):
        with CaptureQueriesContext(connection) as caught:
            tell(postmark("Transient", ADA))
        assert len(caught) == 0
        with CaptureQueriesContext(connection) as caught:
            tell(postmark("HardBounce", "someone@elsewhere.example"))
        assert len(caught) == 2

    def test_while_the_shop_is_busy_is_told_again(self, monkeypatch):
        def busy(*_: object, **__: object) -> None:
            raise DomainError(ErrorCode.BUSY)

        monkeypatch.setattr(undelivered, "heard", busy)
        assert tell(postmark("HardBounce", ADA)).status_code == 409


class TestWhoMayTell:
    @pytest.mark.parametrize("secret", ["provider:wrong", "", "provider", "\u00e9:\u00e9"])
    def test_not_without_the_secret(self, settings, secret):
        open_webhook(settings)
        answer = Client().post(AT, postmark("HardBounce", ADA), "application/json", headers=authorization(secret))
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("Webhook Error: The name and password")
        assert not Suppression.objects.exists()

    @pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Bearer abc", "Basic /////w=="])
    def test_nor_with_a_header_that_is_none(self, settings, header):
        open_webhook(settings)
        assert tell(postmark("HardBounce", ADA), Authorization=header).status_code == 400

    def test_nor_where_the_provider_signs_with_another_signature(self, settings):
        open_webhook(settings, "mailgun")
        body = mailgun("complained", ADA)
        body["signature"]["token"] = "another"
        assert tell(body).status_code == 400
        assert not Suppression.objects.exists()

    @pytest.mark.parametrize("unset", ["EMAIL_ESP", "EMAIL_WEBHOOK_SECRET"])
    def test_nor_where_nothing_is_set_up(self, settings, unset):
        open_webhook(settings)
        setattr(settings, unset, "")
        assert tell(postmark("HardBounce", ADA)).status_code == 404

    def test_another_method(self, settings):
        open_webhook(settings)
        assert Client().get(AT).status_code == 405


@pytest.mark.parametrize("esp", list(SAYS_NOTHING))
@pytest.mark.parametrize("body", ["{", "", "[]", "{}", "null", "7", '"x"', "[7]", '{"event": {}, "Type": []}', "\xff"])
def test_what_is_no_event_is_a_400_or_nothing(settings, esp, body):
    open_webhook(settings, esp)
    answer = Client(raise_request_exception=False).generic(
        "POST", AT, body.encode("latin-1"), "application/json", headers=authorization()
    )
    assert answer.status_code in {200, 400}
    assert not Suppression.objects.exists()
