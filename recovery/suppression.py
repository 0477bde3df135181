"""Addresses that no recovery mail goes to."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from carts import people
from common.persons import email_key, hint_of
from common.transactions import in_transaction
from recovery.models import Consent, Suppression
from recovery.states import SuppressedBecause


@in_transaction
def suppress(email: str, reason: SuppressedBecause, *, source: str = "") -> bool:
    """No recovery mail to this address any more. True when it is new; the first reason stays."""
    person = email_key(email)
    if not person:
        return False
    return suppress_person(person, reason, hint=hint_of(email), source=source)


@in_transaction
def suppress_person(person: str, reason: SuppressedBecause, *, hint: str = "", source: str = "") -> bool:
    """As `suppress`, by the digest of an address that may be gone by now.

    Under the person's lock: a mail that is claimed at this moment either sees it or was claimed before.
    """
    people.locked([person])
    Consent.objects.filter(person=person, withdrawn_at__isnull=True).update(withdrawn_at=timezone.now())
    _, is_new = Suppression.objects.get_or_create(
        person=person, defaults={"reason": reason, "hint": hint, "source": source[:200]}
    )
    return is_new


def of_address(email: str) -> QuerySet[Suppression]:
    return Suppression.objects.filter(person=email_key(email))
