"""Sends a cart's next recovery mail before its time, where staff wants it: by the same look, claim and hand-over as
every other, with everything that is asked there. Only its hour is not waited for.

What stands against it is said and written nowhere: the mail is looked at again at its time, as if nobody had asked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from carts.models import Cart
from carts.states import CartStatus
from common.transactions import in_transaction
from recovery import aftermath, comparison, knowledge, log, sending
from recovery.knowledge import Case
from recovery.mailer import Mailer
from recovery.models import Enrolment, Message
from recovery.policy import Decision, Postpone, Skip
from recovery.sending import Clock, Draft
from recovery.states import Outcome, Reason, Wait

SENT = ""
ALREADY = "Sent already by this press"
_BUSY = "Its shopper, or a worker, is at it at this moment"
_CHANGED = "It changed while its mail was written"


def send_now(
    cart_id: int, *, pressed_at: datetime, note: Callable[[Message], None], clock: Clock = timezone.now
) -> str:
    """SENT where the mail server took it, else a sentence why not. A mail that went out since `pressed_at` answers a
    second click of the same press. `note` runs in the transaction that claims the mail. Raises MailServerAway,
    and DomainError(BUSY)."""
    enrolment = knowledge.running().select_related("sequence", "cart").filter(cart=cart_id).first()
    if enrolment is None:
        return _why_in_none(cart_id)
    case = sending.look(enrolment, clock())
    if case is None:
        return "No mail is left to be sent"
    stands_against = _reason(case, pressed_at)
    if stands_against:
        return stands_against
    comparison.enter(case)
    letter = sending.write(case, clock)
    if letter is None:
        return "The mail could not be written"
    with Mailer() as mailer:
        claim = _claim(enrolment.pk, Draft(letter, case.version), pressed_at, note, clock)
        if isinstance(claim, str):
            return claim
        answer = mailer.hand_over(letter.message)
    aftermath.finish(claim, answer, now=clock())
    return SENT if answer.outcome == Outcome.SENT else f"{answer.outcome.label}: {answer.error}"


@in_transaction
def _claim(
    enrolment_id: int, draft: Draft, pressed_at: datetime, note: Callable[[Message], None], clock: Clock
) -> log.Claim | str:
    """The transaction that decides. The claim, or why there is none."""
    case = sending.locked_case(enrolment_id, clock, before_its_time=True)
    if case is None:
        return _BUSY
    stands_against = _reason(case, pressed_at)
    if stands_against:
        return stands_against
    if draft.version != case.version:
        return _CHANGED
    claim = log.claim(case, draft.letter)
    note(claim.message)
    return claim


def _reason(case: Case, pressed_at: datetime) -> str:
    """'' where it may go."""
    last = case.facts.last_mail_at
    return ALREADY if last and last >= pressed_at else sentence_of(case.decision)


def sentence_of(decision: Decision) -> str:
    """'' of a Send."""
    if isinstance(decision, Skip):
        return str(Reason(decision.reason).label)
    return str(Wait(decision.wait).label) if isinstance(decision, Postpone) else ""


def _why_in_none(cart_id: int) -> str:
    """Why the cart is in no sequence at the moment."""
    cart = Cart.objects.filter(pk=cart_id).first()
    if cart is None:
        return str(Reason.DELETED.label)
    if cart.status != CartStatus.ABANDONED:
        return f"It is {cart.status}: only carts that were left are written about"
    if not cart.is_followed_up:
        return "It was left just now: the next sweep puts it into a sequence"
    last = Enrolment.objects.filter(cart=cart).first()
    if last is None:
        return "It is in no sequence"
    return str(last.get_ended_because_display()) if last.ended_because else "No mail is left to be sent"
