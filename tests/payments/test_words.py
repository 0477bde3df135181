"""What is said of a payment is said in words that a shop's owner knows."""

from __future__ import annotations

import pytest

from payments import words
from payments.captures import BY_HAND
from payments.models import Payment, PaymentEntry
from payments.states import PAYMENT, PaymentStatus


def entry(before: str, after: str, **more: object) -> PaymentEntry:
    values = {"heard_from": "answer", "outcome": after, "captured_amount": 1200, "refunded_amount": 0} | more
    return PaymentEntry(payment=Payment(currency="USD"), status_before=before, status_after=after, **values)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (entry("created", "captured"), "$12.00 was taken"),
        (entry("declined", "captured"), "It went through after all: $12.00 was taken"),
        (entry("created", "processing"), "No clear answer: nobody knew yet"),
        (entry("requires_action", "processing"), "The shopper approved; the gateway is at work"),
        (entry("authorized", "voided"), "The held money was let go of"),
        (entry("requires_action", "voided"), "Given up before money was taken"),
        (entry("captured", "captured", refunded_amount=500), "$5.00 of it was paid back so far"),
        (entry("captured", "captured"), "Still $12.00 taken, and nothing paid back"),
        (entry("captured", "review"), "Not what was asked for: left to a person"),
        (entry("review", "captured", heard_from="staff"), "Staff took $12.00 as ours"),
        (
            entry("review", "captured", heard_from="staff", note="To be paid back, says ada."),
            "Staff settled that $12.00 goes back",
        ),
        (
            entry("review", "captured", heard_from="staff", note="To be paid back, says ada.", refunded_amount=200),
            "Staff settled that $10.00 goes back",
        ),
        (entry("review", "declined", heard_from="staff"), "Staff settled it as not ours"),
        (entry("captured", "captured", heard_from=BY_HAND), "Staff noted what was paid back by hand"),
    ],
)
def test_an_entry_of_the_trail_is_a_sentence(told, said):
    assert words.of_entry(told) == said


@pytest.mark.parametrize("move", [*PAYMENT.moves, *((status, status) for status in PaymentStatus)])
def test_whatever_comes_of_a_payment_there_are_words_for_it(move):
    before, after = move
    assert words.of_entry(entry(before, after))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("payment_intent.succeeded", "a payment went through"),
        ("charge.refund.updated", "money goes back, or went"),
        ("charge.dispute.created", "a shopper or their bank disputes a charge"),
        ("PAYMENT.CAPTURE.COMPLETED", "money was taken"),
        ("PAYMENT.REFUND.FAILED", "a refund was made or has moved on"),
        ("account.updated", "something else"),
    ],
)
def test_a_gateways_event_is_about_something(raw, said):
    assert words.of_event(raw) == said
