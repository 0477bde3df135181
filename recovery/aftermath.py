"""What came of a mail that was handed over. Each in a transaction of its own; the enrolment is locked first."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.conf import settings

from carts.models import Cart
from common.errors import DomainError, ErrorCode
from common.persons import hint_of
from common.transactions import in_transaction
from recovery import suppression
from recovery.knowledge import next_step
from recovery.log import Claim, end
from recovery.mailer import Answer
from recovery.models import Enrolment, Message
from recovery.states import MESSAGE, Outcome, Reason, SuppressedBecause, Wait

MOST_ATTEMPTS = 5
FIRST_RETRY = timedelta(minutes=5)
BUSY_PAUSES = (0.1, 0.5, 2.0, 5.0)  # seconds, on top of what the database waits by itself


def finish(claim: Claim, answer: Answer, *, now: datetime) -> None:
    """What the mail server said becomes what we know. Raises DomainError(BUSY) after half a minute or more."""
    _note_persistently(claim, answer, now)
    if answer.is_bounce:  # apart: people are locked before enrolments, never after
        cart = Cart.objects.filter(enrolments=claim.enrolment).first()  # it may have been deleted meanwhile
        hint = hint_of(cart.email) if cart else ""
        source = f"message {claim.message.pk}"
        suppression.suppress_person(claim.message.person, SuppressedBecause.BOUNCED, hint=hint, source=source)


def _note_persistently(claim: Claim, answer: Answer, now: datetime) -> None:
    """A word that is not written down is lost: the mail would be shown as unknown, though we know."""
    for pause in BUSY_PAUSES:
        try:
            return _note(claim, answer, now)
        except DomainError as error:
            if error.code is not ErrorCode.BUSY:
                raise
            time.sleep(pause)
    return _note(claim, answer, now)


@in_transaction
def _note(claim: Claim, answer: Answer, now: datetime) -> None:
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=claim.enrolment.pk)
    message = Message.objects.select_for_update(no_key=True).get(pk=claim.message.pk)
    outcome = answer.outcome
    if outcome == Outcome.WAITING and message.attempts >= MOST_ATTEMPTS:
        outcome = Outcome.FAILED
    if not MESSAGE.allows(message.outcome, outcome):
        return  # given up as lost meanwhile, and not known to be sent now either
    message.outcome, message.error, message.finished_at = outcome, answer.error, now
    if outcome == Outcome.WAITING:
        _try_again_later(claim, message, enrolment, now)
    elif enrolment.ended_at is None and next_step(enrolment) is None:
        end(enrolment, now=now)
    message.save(update_fields=["outcome", "reason", "error", "finished_at"])


def _try_again_later(claim: Claim, message: Message, enrolment: Enrolment, now: datetime) -> None:
    """The same step again, after asking again whether it may go; never where something ended the matter meanwhile."""
    if enrolment.ended_at is not None:
        message.outcome, message.reason = Outcome.SKIPPED, enrolment.ended_because or Reason.NEWER_CART
        return
    enrolment.due_at = now + FIRST_RETRY * 2 ** (message.attempts - 1)
    enrolment.waits_for = Wait.MAIL_SERVER
    enrolment.decided_delay_seconds, enrolment.origin_at = claim.decided_before, claim.origin_before
    enrolment.save(update_fields=["due_at", "waits_for", "decided_delay_seconds", "origin_at"])


def give_up_lost(now: datetime) -> int:
    """Mails whose worker died while handing them over: nobody knows whether they arrived. How many."""
    last = now - timedelta(seconds=settings.HANDOVER_LEASE_SECONDS)
    lost = Message.objects.filter(outcome=Outcome.HANDING_OVER, decided_at__lte=last)
    if not lost.exists():  # a plain read: an idle worker must not take SQLite's write lock
        return 0
    error = "The worker died while it was handing this mail over."
    return lost.update(outcome=Outcome.UNKNOWN, error=error, finished_at=now)
