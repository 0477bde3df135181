"""What is decided of each mail, written down: claimed to be sent, skipped and why, put off, failed.

In the caller's transaction, with the enrolment locked unless it says otherwise. What the mail server says of a claimed
one is in recovery.aftermath.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from catalog import discounts
from recovery.knowledge import Case, next_step
from recovery.letters import Letter
from recovery.models import Enrolment, Message, RecoveryLink, Step
from recovery.policy import Postpone, Skip
from recovery.states import MESSAGE, ONLY_THIS_STEP, Outcome, Reason
from recovery.tokens import digest_of

# After the last step: until the mail server has answered, the enrolment is the person's running one.
SETTLING = timedelta(hours=1)


@dataclass(frozen=True)
class Claim:
    """The right to hand one mail over, once."""

    message: Message
    enrolment: Enrolment
    # To be put back where the mail server says "not now".
    decided_before: int
    origin_before: datetime


# --- deciding -------------------------------------------------------------------------------------
def write_decision(case: Case, decision: Skip | Postpone) -> None:
    now = case.facts.now
    if isinstance(decision, Postpone):
        _move(case.enrolment, due_at=decision.until, waits_for=decision.wait)
        return
    _write_message(case, Outcome.SKIPPED, reason=decision.reason)
    if decision.reason in ONLY_THIS_STEP:
        _go_on(case.enrolment, case.step, now=now)
    else:
        end(case.enrolment, now=now, reason=decision.reason)


def write_failure(case: Case, error: str, *, now: datetime) -> None:
    """A mail that could not even be written; the sequence goes on. Locks the enrolment itself."""
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=case.enrolment.pk)
    if next_step(enrolment) != case.step:  # decided meanwhile
        return
    _write_message(case, Outcome.FAILED, error=error[:300], finished_at=now)
    _go_on(enrolment, case.step, now=now)


def claim(case: Case, letter: Letter) -> Claim:
    """From here on this mail is never handed over by anybody else."""
    enrolment, now = case.enrolment, case.facts.now
    before = enrolment.decided_delay_seconds, enrolment.origin_at
    message = _write_message(
        case,
        Outcome.HANDING_OVER,
        public_id=letter.public_id,
        subject=letter.subject[:300],
        language=letter.language,
        unsubscribe_hash=digest_of(letter.unsubscribe_token),
    )
    _write_link(case, letter, message)
    # Late by whatever cause: the steps after it keep their distance from it.
    enrolment.origin_at = max(enrolment.origin_at, now - timedelta(seconds=case.step.delay_seconds))
    _go_on(enrolment, case.step, now=now, is_settled=False)
    return Claim(message, enrolment, *before)


def _write_message(case: Case, outcome: Outcome, **values: object) -> Message:
    """The row of this step and spell. There is one already where an earlier try was told to come again."""
    earlier = Message.objects.filter(enrolment=case.enrolment, step=case.step).first()
    message = earlier or Message(enrolment=case.enrolment, step=case.step, person=case.enrolment.person)
    if earlier:
        MESSAGE.check(earlier.outcome, outcome)
    values |= {"outcome": outcome, "decided_at": case.facts.now}
    if outcome == Outcome.HANDING_OVER:
        values["attempts"] = message.attempts + 1
    for name, value in values.items():
        setattr(message, name, value)
    message.save()
    return message


def _write_link(case: Case, letter: Letter, message: Message) -> None:
    assert case.cart is not None  # noqa: S101 - nothing is sent about a cart that is gone
    step, currency = case.step, case.cart.currency
    discount = None
    if letter.code and letter.code_ends_at:
        discount = discounts.issue(
            letter.code,
            basis_points=step.basis_points,
            off_amount=step.off_amount,
            minimum_amount=step.floor_amount,
            currency=currency,
            ends_at=letter.code_ends_at,
        )
    if message.attempts > 1:
        _take_back_link(message)
    RecoveryLink.objects.create(
        token_hash=digest_of(letter.link_token),
        cart=case.cart,
        message=message,
        discount=discount,
        told_amounts=letter.told_amounts,
        created_at=case.facts.now,
        expires_at=case.facts.now + timedelta(seconds=settings.CART_EXPIRES_AFTER_SECONDS),
    )


def _take_back_link(message: Message) -> None:
    """Of an earlier try, which nobody ever saw, and its code."""
    link = RecoveryLink.objects.filter(message=message).select_related("discount").first()
    if link is not None:
        link.delete()
        if link.discount is not None:
            link.discount.delete()


# --- moving an enrolment on -----------------------------------------------------------------------
def _go_on(enrolment: Enrolment, step: Step, *, now: datetime, is_settled: bool = True) -> None:
    """The step is decided; the next one is due at its own distance, or there is none."""
    enrolment.decided_delay_seconds = step.delay_seconds
    following = next_step(enrolment)
    if following is not None:
        due_at = enrolment.origin_at + timedelta(seconds=following.delay_seconds)
    elif is_settled:
        end(enrolment, now=now)
        return
    else:
        due_at = now + SETTLING
    _move(enrolment, due_at=due_at)


def _move(enrolment: Enrolment, *, due_at: datetime, waits_for: str = "") -> None:
    enrolment.due_at, enrolment.waits_for = due_at, waits_for
    enrolment.save(update_fields=["due_at", "waits_for", "decided_delay_seconds", "origin_at"])


def end(enrolment: Enrolment, *, now: datetime, reason: Reason | str = "") -> None:
    enrolment.ended_at, enrolment.ended_because, enrolment.waits_for = now, reason, ""
    enrolment.save(update_fields=["ended_at", "ended_because", "waits_for", "decided_delay_seconds", "origin_at"])
