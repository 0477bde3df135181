"""What came of a payment and what a gateway told of it, for a shop's owner. The raw words stay beside these: somebody
may search for them, here or at the gateway."""

from __future__ import annotations

from collections.abc import Callable

from common.templatetags.shop import money
from payments.captures import BY_HAND
from payments.models import PaymentEntry
from payments.staff_word import STAFF, TO_BE_PAID_BACK
from payments.states import PaymentStatus

S = PaymentStatus
_Of = Callable[[PaymentEntry], str]


def of_entry(entry: PaymentEntry) -> str:
    """A sentence without its full stop; like its row it stays as it is."""
    if entry.heard_from == BY_HAND:
        return "Staff noted what was paid back by hand"
    if entry.heard_from == STAFF:
        return _of_staff(entry)
    said = _STAYS if entry.status_before == entry.status_after else _CAME
    return said[S(entry.status_after)](entry)


def _of_staff(entry: PaymentEntry) -> str:
    if entry.status_after != S.CAPTURED:
        return "Staff settled it as not ours"
    if entry.note.startswith(TO_BE_PAID_BACK):
        left = money(entry.captured_amount - entry.refunded_amount, entry.payment.currency)
        return f"Staff settled that {left} goes back"
    return f"Staff took {_taken(entry)} as ours"


def _taken(entry: PaymentEntry) -> str:
    return money(entry.captured_amount, entry.payment.currency)


def _was_taken(entry: PaymentEntry) -> str:
    begins = "It went through after all: " if entry.status_before in {S.DECLINED, S.VOIDED} else ""
    return f"{begins}{_taken(entry)} was taken"


def _still_taken(entry: PaymentEntry) -> str:
    if entry.refunded_amount:
        return f"{money(entry.refunded_amount, entry.payment.currency)} of it was paid back so far"
    return f"Still {_taken(entry)} taken, and nothing paid back"


def _let_go(entry: PaymentEntry) -> str:
    return "The held money was let go of" if entry.status_before == S.AUTHORIZED else "Given up before money was taken"


def _at_work(entry: PaymentEntry) -> str:
    approved = entry.status_before == S.REQUIRES_ACTION
    return "The shopper approved; the gateway is at work" if approved else "No clear answer: nobody knew yet"


def _plainly(words: str) -> _Of:
    return lambda entry: words  # noqa: ARG005 - told alike of each


_CAME: dict[S, _Of] = {
    S.CREATED: _plainly("Begun"),
    S.PROCESSING: _at_work,
    S.REQUIRES_ACTION: _plainly("The shopper was asked to approve"),
    S.AUTHORIZED: _plainly("The money was held, not yet taken"),
    S.CAPTURED: _was_taken,
    S.DECLINED: _plainly("Declined: nothing was taken"),
    S.VOIDED: _let_go,
    S.REVIEW: _plainly("Not what was asked for: left to a person"),
}
_STAYS: dict[S, _Of] = {
    S.CREATED: _plainly("Nothing new"),
    S.PROCESSING: _plainly("Still no clear answer"),
    S.REQUIRES_ACTION: _plainly("Still waiting for the shopper to approve"),
    S.AUTHORIZED: _plainly("Still held"),
    S.CAPTURED: _still_taken,
    S.DECLINED: _plainly("Declined, as before"),
    S.VOIDED: _plainly("Given up, as before"),
    S.REVIEW: _plainly("Still left to a person"),
}

_WHO = {
    "answer": "by the gateway's answer",
    "look-up": "by the gateway, when it was asked",
    "webhook": "by the gateway, which an event made us ask",
    "report": "by the report of who took the money",
}


def at_whose_word(entry: PaymentEntry) -> str:
    return _WHO.get(entry.heard_from, "")


# --- events ---------------------------------------------------------------------------------------
def of_event(event_type: str) -> str:
    """What a gateway's event is about."""
    kind = event_type.lower()
    return next((words for begins, words in _EVENTS if kind.startswith(begins)), "something else")


_EVENTS = (  # of two that fit the first is meant
    ("payment_intent.succeeded", "a payment went through"),
    ("payment_intent.payment_failed", "a payment failed"),
    ("payment_intent.canceled", "a payment was given up"),
    ("payment_intent.requires_action", "the shopper is asked to approve"),
    ("payment_intent.amount_capturable_updated", "money is held"),
    ("payment_intent.processing", "a payment is under way"),
    ("payment_intent.created", "a payment was begun"),
    ("charge.succeeded", "a charge went through"),
    ("charge.captured", "held money was taken"),
    ("charge.failed", "a charge failed"),
    ("charge.expired", "held money was let go of"),
    ("charge.refund", "money goes back, or went"),
    ("charge.dispute", "a shopper or their bank disputes a charge"),
    ("refund.failed", "a refund failed"),
    ("refund.", "a refund was made or has moved on"),
    ("checkout.session.completed", "the shopper is through the gateway's page"),
    ("checkout.session.async_payment_succeeded", "a payment went through"),
    ("checkout.session.async_payment_failed", "a payment failed"),
    ("checkout.session.expired", "the gateway's page ran out of time"),
    ("checkout.order.approved", "the shopper approved"),
    ("checkout.order.completed", "a payment went through"),
    ("payment.capture.completed", "money was taken"),
    ("payment.capture.pending", "money is on its way"),
    ("payment.capture.refunded", "money went back"),
    ("payment.capture.reversed", "money was taken back"),
    ("payment.capture.denied", "a payment was declined"),
    ("payment.capture.declined", "a payment was declined"),
    ("payment.authorization.created", "money is held"),
    ("payment.authorization.voided", "held money was let go of"),
    ("payment.refund", "a refund was made or has moved on"),
    ("customer.dispute", "a shopper disputes a payment"),
)
