"""Who is compared: mailed people and the control group, each entered once, by a rule that does not know the group.

A person enters at the first look at which a mail could go to them were it not for their group: before the mail waits
for anything (quiet hours, a payment, the mail server), and before it is known what they do next. From that moment on
both groups are watched for the same time, whatever they get. Were the mailed ones taken from their first mail on
instead, those who buy while it waits would be missing on that side alone.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Exists, Q

from recovery.knowledge import Case
from recovery.models import Enrolment
from recovery.policy import Decision, Skip
from recovery.states import Reason

_AFTER_THE_DRAW = (Reason.HOLDOUT, Reason.CAPPED)  # all other reasons are looked at before the group is


def is_fit(decision: Decision) -> bool:
    """Whether nothing but the group, or the hour, stands in the way of a mail."""
    return not isinstance(decision, Skip) or decision.reason in _AFTER_THE_DRAW


def enter(case: Case) -> None:
    """Writes down that the case's owner is compared from now on, unless they are already or were in no draw."""
    enrolment = case.enrolment
    if enrolment.drawn_percent is None or enrolment.compared_at or not is_fit(case.decision):
        return
    others = Enrolment.objects.filter(person=enrolment.person, compared_at__isnull=False)
    own = Enrolment.objects.filter(~Q(Exists(others)), pk=enrolment.pk, compared_at__isnull=True)
    try:
        with transaction.atomic():
            own.update(compared_at=case.facts.now)
    except IntegrityError:  # another worker, about another cart of theirs, at this very moment
        return
