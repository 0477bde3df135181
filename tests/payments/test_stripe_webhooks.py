"""A webhook is believed when it is signed with our secret, now."""

from __future__ import annotations

import time

import pytest

from payments.gateways.stripe import WebhookRefused, verify_webhook
from tests.standins.stripe_server import signed_event

SECRET = "whsec_of_the_tests"
INTENT = {"id": "pi_1", "object": "payment_intent"}


def test_a_signed_event_is_read_with_what_it_is_about():
    body, signature = signed_event("payment_intent.succeeded", INTENT, secret=SECRET)
    event = verify_webhook(body, signature, SECRET)
    assert (event.id, event.type) == ("evt_1", "payment_intent.succeeded")
    assert (event.object_id, event.object_type, event.payment_reference) == ("pi_1", "payment_intent", "pi_1")
    assert abs(event.created_at.timestamp() - time.time()) < 60
    assert event.raw["data"]["object"] == INTENT


@pytest.mark.parametrize(
    ("carried", "about"),
    [
        ({"id": "ch_1", "object": "charge", "payment_intent": "pi_1"}, "pi_1"),
        ({"id": "re_1", "object": "refund", "payment_intent": {"id": "pi_1"}}, "pi_1"),
        ({"id": "cs_1", "object": "checkout.session", "payment_intent": None}, "cs_1"),
        ({"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1"}, "cs_1"),
        ({"id": "acct_1", "object": "account"}, ""),
        ({"object": "balance"}, ""),
    ],
)
def test_the_payment_is_named_whatever_the_event_carries(carried, about):
    body, signature = signed_event("some.event", carried, secret=SECRET)
    assert verify_webhook(body, signature, SECRET).payment_reference == about


@pytest.mark.parametrize("kind", ["payment_intent", "charge", "checkout.session"])
def test_the_payments_own_key_is_named_where_the_event_carries_it(kind):
    """The intent of a hosted page is found by it: that payment is known by its session."""
    carried = {"id": "x_1", "object": kind, "metadata": {"payment_key": "pay_1_purchase", "hosted": "yes"}}
    body, signature = signed_event("some.event", carried, secret=SECRET)
    assert verify_webhook(body, signature, SECRET).payment_key == "pay_1_purchase"
    body, signature = signed_event("some.event", {**carried, "metadata": None}, secret=SECRET)
    assert verify_webhook(body, signature, SECRET).payment_key == ""


@pytest.mark.parametrize("seconds", [-301, 301, 3600])
def test_a_time_too_far_away_is_refused_in_the_past_and_in_the_future(seconds):
    body, signature = signed_event("some.event", INTENT, secret=SECRET, at=time.time() + seconds)
    with pytest.raises(WebhookRefused, match="tolerance"):
        verify_webhook(body, signature, SECRET)


@pytest.mark.parametrize("seconds", [-290, 290])
def test_a_clock_that_is_a_little_off_does_not_matter(seconds):
    body, signature = signed_event("some.event", INTENT, secret=SECRET, at=time.time() + seconds)
    assert verify_webhook(body, signature, SECRET).id == "evt_1"


def test_while_the_secret_is_changed_either_signature_will_do():
    body, old = signed_event("some.event", INTENT, secret="whsec_old")
    _, new = signed_event("some.event", INTENT, secret=SECRET)
    both = f"{old},{new.split(',')[1]}"
    assert verify_webhook(body, both, SECRET).id == "evt_1"


def test_another_secret_another_body_or_no_signature_is_refused():
    body, signature = signed_event("some.event", INTENT, secret=SECRET)
    for changed, signed, secret in [
        (body, signature, "whsec_of_somebody_else"),
        (body.replace(b"pi_1", b"pi_2"), signature, SECRET),
        (body, "", SECRET),
        (body, "t=now,v1=x", SECRET),
        (body, "nonsense", SECRET),
        (body, f"v1={signature.split('v1=')[1]}", SECRET),
        (b"\xff\xfe", signature, SECRET),
    ]:
        with pytest.raises(WebhookRefused):
            verify_webhook(changed, signed, secret)


def test_without_a_secret_nothing_is_believed():
    body, signature = signed_event("some.event", INTENT, secret="")
    with pytest.raises(WebhookRefused):
        verify_webhook(body, signature, "")


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b"{}", b"no json", b'{"object": "event", "id": "evt_1"}'])
def test_a_signed_body_that_is_no_event_is_refused(body):
    import stripe

    signature = stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET)
    with pytest.raises(WebhookRefused):
        verify_webhook(body, signature, SECRET)


def test_the_refusal_never_repeats_the_body():
    body, _ = signed_event("some.event", {"object": "account", "email": "somebody@example.com"}, secret=SECRET)
    with pytest.raises(WebhookRefused) as refusal:
        verify_webhook(body, "t=1,v1=x", SECRET)
    assert "somebody" not in str(refusal.value)
