"""Years that have passed: rows are made old, so that they are to be forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from carts.models import Cart, Identity
from checkouts.models import Checkout
from common.retention import cut_off
from orders.models import Order
from payments.models import Difference, GatewayEvent, Payment, Refund
from purchases.models import Purchase
from recovery.models import Consent, Enrolment, Holdout, Message

AGE = timedelta(days=366)
MOMENTS = {
    Cart: ("created_at", "updated_at", "last_activity_at", "abandoned_at", "first_abandoned_at", "bought_at"),
    Identity: ("created_at", "bought_at"),
    Checkout: ("created_at", "updated_at", "expires_at"),
    Order: ("created_at", "updated_at", "accepted_at", "expires_at"),
    Payment: ("created_at", "updated_at"),
    Refund: ("created_at", "updated_at"),
    GatewayEvent: ("received_at", "done_at"),
    Difference: ("found_at", "seen_at"),
    Purchase: ("created_at", "deadline_at", "ended_at"),
    Enrolment: ("created_at", "spell_at", "ended_at"),
    Message: ("decided_at", "finished_at"),
    Holdout: ("drawn_at",),
    Consent: ("given_at", "withdrawn_at"),
}


def let_a_year_pass(age: timedelta = AGE) -> None:
    """For everything that is here."""
    for model, names in MOMENTS.items():
        model.objects.update(**{name: F(name) - age for name in names})  # type: ignore[attr-defined]


def before() -> datetime:
    assert cut_off() < timezone.now()
    return cut_off()
