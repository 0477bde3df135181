"""Forgetting whom recovery mails were about, once their cart is gone.

What has to stay, stays: an objection (Suppression) does not expire; the link that ends the mails works as long as
somebody has one of them, so a mail that may have arrived keeps its row and the person's digest; a consent in force is
the proof of it. Links and clicks go with their cart.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from common.retention import BATCH
from common.transactions import in_transaction
from recovery.models import Consent, Enrolment, Holdout, Message
from recovery.states import MAY_HAVE_ARRIVED, Outcome


@in_transaction
def forget_enrolments(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of ended enrolments whose cart is gone, with the mails that were never sent. How many."""
    old = Enrolment.objects.filter(cart__isnull=True, ended_at__lte=before).exclude(person="")
    unfinished = Message.objects.filter(enrolment=OuterRef("pk"), outcome__in=(Outcome.WAITING, Outcome.HANDING_OVER))
    old = old.filter(~Exists(unfinished))
    if not old.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    locked = old.order_by("ended_at").select_for_update(skip_locked=True, no_key=True)
    ids = list(locked.values_list("pk", flat=True)[:limit])
    mails = Message.objects.filter(enrolment__in=ids)
    mails.exclude(outcome__in=MAY_HAVE_ARRIVED).delete()
    mails.update(subject="", error="")
    enrolments = Enrolment.objects.filter(pk__in=ids)
    enrolments.filter(~Exists(Message.objects.filter(enrolment=OuterRef("pk")))).delete()
    enrolments.update(person="", compared_at=None)  # a person is compared once: nobody is, without one
    return len(ids)


@in_transaction
def forget_groups(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of people of whom nothing else is left. Drawn again they come into the same group, at today's share."""
    enrolments = Enrolment.objects.filter(person=OuterRef("person"))
    old = Holdout.objects.filter(~Exists(enrolments), drawn_at__lte=before)
    if not old.exists():
        return 0
    persons = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    return Holdout.objects.filter(pk__in=persons).delete()[0]


@in_transaction
def forget_consents(before: datetime, *, limit: int = BATCH) -> int:
    """One batch of consents that were withdrawn so long ago that nobody asks for their proof. How many."""
    old = Consent.objects.filter(withdrawn_at__lte=before)
    if not old.exists():
        return 0
    ids = list(old.order_by("withdrawn_at").values_list("pk", flat=True)[:limit])
    return Consent.objects.filter(pk__in=ids).delete()[0]
