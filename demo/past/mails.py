"""The rows of the recovery mails: their sequence, who was in it, each mail and what came of it. Written in bulk."""

from __future__ import annotations

from datetime import datetime, timedelta

from demo.past.mailing import HELD_OUT_PERCENT, Mailing
from demo.past.stories import DAYS
from demo.recovery import TEXTS, add_step
from recovery.models import Click, Enrolment, Holdout, Message, RecoveryLink, Suppression
from recovery.models import Sequence as MailSequence

NAME = "First reminders"
DELAYS = (3600, 86_400, 259_200)
_LAST_STEP_FROM = 3000  # minor units: for less than this, two mails are enough
_OFF_FOR = timedelta(hours=60)  # by then the last step that was still to come has had its time


def begin(now: datetime, currency: str) -> Mailing:
    """The sequence the shop had before the demo's own: off, as are its steps. Whatever happens, it sends nothing."""
    sequence = MailSequence.objects.create(name=NAME, position=1, created_at=now - timedelta(days=DAYS + 1))
    for delay, (subject, body) in zip(DELAYS, TEXTS, strict=True):
        add_step(sequence, delay, subject, body)
    sequence.steps.update(is_active=False)
    sequence.steps.filter(delay_seconds=DELAYS[-1]).update(minimum_amount=_LAST_STEP_FROM, currency=currency)
    steps = list(sequence.steps.prefetch_related("texts"))
    return Mailing(sequence, steps, off_at=now - _OFF_FOR)


def write(past: Mailing) -> None:
    """Once carts and checkouts are written."""
    Enrolment.objects.bulk_create(sorted(past.enrolments, key=lambda enrolment: enrolment.created_at))
    Holdout.objects.bulk_create(_groups(past))
    Message.objects.bulk_create(sorted(past.messages, key=lambda message: message.decided_at))
    RecoveryLink.objects.bulk_create(sorted(past.links, key=lambda link: link.created_at))
    for click, visit in past.clicks:
        click.checkout = visit.checkout
    Click.objects.bulk_create(sorted((click for click, _ in past.clicks), key=lambda click: click.at))
    for suppression, message in past.suppressions:
        suppression.source = f"message {message.pk}"
    rows = (suppression for suppression, _ in past.suppressions)
    Suppression.objects.bulk_create(sorted(rows, key=lambda suppression: suppression.created_at))


def _groups(past: Mailing) -> list[Holdout]:
    """Each person's, drawn when they were first in it."""
    first = {enrolment.person: enrolment for enrolment in reversed(past.enrolments)}
    return [
        Holdout(
            person=person,
            is_held_out=enrolment.is_held_out,
            percent=HELD_OUT_PERCENT,
            drawn_at=enrolment.created_at,
        )
        for person, enrolment in first.items()
    ]
