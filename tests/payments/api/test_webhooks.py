"""Where gateways tell us things: what is taken, what is refused, and in which words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from django.test import Client

from dialects.webhooks import MAX_EVENT_BYTES
from outbox.models import OutboxEvent
from payments import events
from payments.models import GatewayEvent
from tests.payments.events_sent import (
    AT_PAYPALS,
    AT_STRIPES,
    AT_TRACKERS,
    STRIPE_SECRET,
    hear_paypal,
    hear_stripe,
    send_paypal,
    send_stripe,
)
from tests.standins.at_paypal import empty_paypal, shop_with_paypal
from tests.standins.faults import Fault
from tests.standins.paypal_server import PayPalStandIn, as_body
from tests.standins.stripe_server import signed_event

pytestmark = pytest.mark.django_db
INTENT = {"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_x", "metadata": {}}
CAPTURE = {"id": "CAPTURE1", "custom_id": "pay_x", "supplementary_data": {"related_ids": {"order_id": "ORDER1"}}}
BOTH = pytest.mark.parametrize("path", [AT_STRIPES, AT_TRACKERS])
ALL = pytest.mark.parametrize("path", [AT_STRIPES, AT_TRACKERS, AT_PAYPALS])


@pytest.fixture(autouse=True)
def secrets(settings) -> None:
    settings.STRIPE_WEBHOOK_SECRET = STRIPE_SECRET


@pytest.fixture
def paypal() -> Iterator[PayPalStandIn]:
    server = empty_paypal()
    with shop_with_paypal(server):
        yield server


def refusal(path: str, answer) -> str:
    """Why, out of the shape that this path's refusals have; nothing was stored."""
    assert not GatewayEvent.objects.exists()
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    if path == AT_TRACKERS:
        assert (set(body), body["success"], set(body["error"])) == ({"success", "error"}, False, {"code", "message"})
        return f"{body['error']['code']}: {body['error']['message']}"
    assert set(body) == {"error"}
    return body["error"].removeprefix("Webhook Error: ")


class TestStripe:
    @BOTH
    def test_a_signed_event_is_taken_stored_and_handed_on(self, path):
        answer = hear_stripe("payment_intent.succeeded", INTENT, path=path, event_id="evt_7")
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        event = GatewayEvent.objects.get()
        assert (event.gateway, event.event_id, event.type) == ("stripe", "evt_7", "payment_intent.succeeded")
        assert (event.reference, event.status) == ("pi_1", "received")
        assert abs(event.created_at.timestamp() - time.time()) < 60
        assert OutboxEvent.objects.get().payload == {"event": event.pk}

    @BOTH
    def test_said_a_hundred_times_it_is_stored_once_and_always_taken(self, path):
        answers = {hear_stripe("charge.refunded", INTENT, path=path, event_id="evt_7").status_code for _ in range(100)}
        assert answers == {200}
        assert (GatewayEvent.objects.count(), OutboxEvent.objects.count()) == (1, 1)

    def test_at_both_paths_it_is_one(self):
        for path in (AT_STRIPES, AT_TRACKERS):
            assert hear_stripe("charge.refunded", INTENT, path=path, event_id="evt_7").status_code == 200
        assert GatewayEvent.objects.count() == 1

    def test_secrets_in_it_are_not_kept(self):
        hear_stripe("payment_intent.created", {**INTENT, "last": [{"client_secret": "x"}]})
        raw = GatewayEvent.objects.get().raw
        assert "secret" not in json.dumps(raw)
        assert raw["data"]["object"]["id"] == "pi_1"

    def test_characters_that_no_database_holds_are_replaced(self):
        odd = {**INTENT, "description": "a\x00b", "name": "\ud800", "rate": float("nan")}
        assert hear_stripe("payment_intent.created", odd).status_code == 200
        kept = GatewayEvent.objects.get().raw["data"]["object"]
        assert (kept["description"], kept["name"], kept["rate"]) == ("a\ufffdb", "?", None)

    @BOTH
    @pytest.mark.parametrize(
        ("spoil", "why"),
        [
            (lambda body, signature: (body, ""), "The Stripe-Signature header is missing."),
            (lambda body, signature: (body, "nonsense"), "Unable to extract timestamp"),
            (lambda body, signature: (body, signature[:-4] + "0000"), "No signatures found"),
            (lambda body, signature: (body.replace(b"pi_1", b"pi_2"), signature), "No signatures found"),
            (lambda body, signature: (b"", signature), "No signatures found"),
            (lambda body, signature: (b"{", signature), "No signatures found"),
            (lambda body, signature: (b"\xff", signature), "not an event"),
        ],
        ids=["no header", "no signature", "wrong signature", "tampered", "no body", "no JSON", "no text"],
    )
    def test_what_was_not_signed_like_this_is_refused(self, path, spoil, why):
        answer = send_stripe(*spoil(*signed_event("x.y", INTENT, secret=STRIPE_SECRET)), path=path)
        assert answer.status_code == 400
        assert why in refusal(path, answer)

    @BOTH
    @pytest.mark.parametrize("seconds", [-301, 330, 3600])  # 330: until it is read it may be seconds nearer
    def test_a_time_too_old_or_in_the_future_is_refused(self, path, seconds):
        signed = signed_event("x.y", INTENT, secret=STRIPE_SECRET, at=time.time() + seconds)
        answer = send_stripe(*signed, path=path)
        assert (answer.status_code, "tolerance zone" in refusal(path, answer)) == (400, True)

    @BOTH
    def test_another_endpoints_secret_is_not_ours(self, path):
        answer = send_stripe(*signed_event("x.y", INTENT, secret="whsec_other"), path=path)
        assert answer.status_code == 400
        refusal(path, answer)

    @BOTH
    @pytest.mark.parametrize("text", ["[]", "1", "null", "{}", '{"id": "evt_1", "object": "event"}', "{"])
    def test_a_signed_body_that_is_no_event_is_refused(self, path, text):
        import stripe

        signature = stripe.WebhookSignature.generate_signature_header(text, STRIPE_SECRET)
        answer = send_stripe(text.encode(), signature, path=path)
        assert (answer.status_code, "not an event" in refusal(path, answer)) == (400, True)

    def test_the_documents_words_of_a_bad_signature(self):
        plain = send_stripe(b"{}", "t=1,v1=x", path=AT_STRIPES).json()
        assert plain["error"].startswith("Webhook Error: ")
        envelope = send_stripe(b"{}", "t=1,v1=x", path=AT_TRACKERS).json()
        assert (envelope["success"], envelope["error"]["code"]) == (False, "BAD_REQUEST")


class TestPayPal:
    def test_an_event_that_paypal_vouches_for_is_taken(self, paypal):
        answer = hear_paypal(paypal, "PAYMENT.CAPTURE.COMPLETED", "capture", CAPTURE, event_id="WH-7")
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        event = GatewayEvent.objects.get()
        assert (event.gateway, event.event_id, event.type) == ("paypal", "WH-7", "PAYMENT.CAPTURE.COMPLETED")
        assert (event.reference, event.created_at.year) == ("ORDER1", 2026)

    def test_said_again_and_again_it_is_stored_once(self, paypal):
        for _ in range(5):
            hear_paypal(paypal, "PAYMENT.CAPTURE.COMPLETED", "capture", CAPTURE, event_id="WH-7")
        assert GatewayEvent.objects.count() == 1

    def test_one_that_paypal_does_not_vouch_for_is_refused(self, paypal):
        body = as_body({"id": "WH-1", "event_type": "X", "create_time": "2026-11-21T10:00:00Z", "resource": {}})
        answer = send_paypal(body.replace(b"WH-1", b"WH-2"), paypal.sign(body))
        assert (answer.status_code, refusal(AT_PAYPALS, answer)) == (400, "The signature is not PayPal's.")

    def test_one_without_its_headers_is_refused_without_asking(self, paypal):
        answer = send_paypal(b'{"resource": {}}', {})
        assert (answer.status_code, refusal(AT_PAYPALS, answer)) == (400, "A signature header is missing.")
        assert paypal.log == []

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
    def test_what_is_no_event_is_refused_without_asking(self, paypal, body):
        answer = send_paypal(body, paypal.sign(body))
        assert answer.status_code == 400
        assert "The event is not" in refusal(AT_PAYPALS, answer)
        assert paypal.log == []

    def test_when_paypal_cannot_be_asked_it_is_to_be_sent_again(self, paypal):
        paypal.fail(Fault.ERROR_500, path="/v1/notifications", times=3)
        answer = hear_paypal(paypal, "PAYMENT.CAPTURE.COMPLETED", "capture", CAPTURE)
        assert answer.status_code == 503
        refusal(AT_PAYPALS, answer)
        assert hear_paypal(paypal, "PAYMENT.CAPTURE.COMPLETED", "capture", CAPTURE).status_code == 200


class TestAnyOfThem:
    @ALL
    def test_is_closed_while_its_secret_is_not_set(self, path, settings):
        settings.STRIPE_WEBHOOK_SECRET = settings.PAYPAL_WEBHOOK_ID = ""
        body, signature = signed_event("x.y", INTENT, secret="")
        answer = send_stripe(body, signature, path=path)
        assert answer.status_code == 404
        assert refusal(path, answer).endswith("This address is closed: its secret is not set.")

    @ALL
    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    def test_takes_posts_only(self, path, method):
        answer = Client(enforce_csrf_checks=True).generic(method, path)
        assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
        refusal(path, answer)

    @ALL
    def test_refuses_a_body_in_another_form(self, path):
        answer = Client().post(path, {"a": "1"})
        assert answer.status_code == 415
        refusal(path, answer)

    @ALL
    def test_refuses_more_than_a_megabyte_without_reading_it(self, path):
        answer = send_stripe(b" " * (MAX_EVENT_BYTES + 1), "", path=path)
        assert answer.status_code == 413
        assert refusal(path, answer).endswith("larger than 1024 kB.")

    @BOTH
    def test_takes_what_is_larger_than_other_calls_may_be(self, path):
        answer = hear_stripe("charge.refunded", {**INTENT, "more": "x" * 600_000}, path=path)
        assert answer.status_code == 200

    @ALL
    def test_refuses_a_body_of_unknown_length(self, path):
        answer = Client().generic("POST", path, b"", "application/json", HTTP_TRANSFER_ENCODING="chunked")
        assert answer.status_code == 411
        refusal(path, answer)

    @BOTH
    def test_a_fault_of_ours_makes_the_gateway_send_it_again(self, path, monkeypatch):
        def fail(**_: object) -> None:
            raise RuntimeError("on purpose")

        monkeypatch.setattr(events, "receive", fail)
        answer = hear_stripe("charge.refunded", INTENT, path=path)
        assert answer.status_code == 500
        refusal(path, answer)

    def test_an_event_takes_few_queries_and_a_repeated_one_fewer(self, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            hear_stripe("charge.refunded", INTENT, event_id="evt_7")
        with django_assert_max_num_queries(3):
            hear_stripe("charge.refunded", INTENT, event_id="evt_7")
