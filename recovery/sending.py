"""Sends what is due, each mail once.

    no transaction    write the mail, open the line to the mail server
    transaction       lock the cart and its owner; may it be sent? then claim it: from here on it is never sent again
    no transaction    hand it over
    transaction       write down what the mail server said

A purchase by the same person either was committed before the claim, which then sees it, or is committed after it. A
process that dies before the claim has done nothing; one that dies after it leaves a mail that nobody knows the fate of:
it is shown as unknown and not repeated.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from carts import people
from carts.models import Cart
from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from recovery import aftermath, comparison, knowledge, letters, log
from recovery.knowledge import Case
from recovery.letters import Letter
from recovery.mailer import Mailer, MailServerAway
from recovery.models import Enrolment, Message
from recovery.policy import Send

logger = logging.getLogger(__name__)
BATCH = 100
PUT_OFF = timedelta(hours=1)
Clock = Callable[[], datetime]


def run_seconds() -> float:
    """Then other jobs of the worker get their turn; and long before another worker may take this one up: of two that
    send side by side in one process, a kill leaves two mails of which nobody knows."""
    return settings.JOB_LEASE_SECONDS / 6


def send_due(*, clock: Clock = timezone.now, seconds: float | None = None) -> int:
    """Decides on everything that is due, oldest page first, for `run_seconds` at most. How many mails were handed over.

    Raises MailServerAway when the mail server cannot be reached: everything is due as before.
    """
    aftermath.give_up_lost(clock())
    stop_at = time.monotonic() + (run_seconds() if seconds is None else seconds)
    sent = 0
    for enrolment_id in _due_ids(clock):
        if time.monotonic() >= stop_at:
            break
        sent += _send_or_put_off(enrolment_id, clock)
    return sent


def _send_or_put_off(enrolment_id: int, clock: Clock) -> bool:
    """What nobody foresaw about one person must not keep everybody else's mails. Raises MailServerAway, and what a
    database raises that is not there; one that was busy is left for the next time."""
    try:
        return send_one(enrolment_id, clock=clock)
    except (MailServerAway, OperationalError, InterfaceError):
        raise
    except Exception as error:
        if isinstance(error, DomainError) and error.code is ErrorCode.BUSY:
            return False
        logger.exception("Enrolment %s could not be decided on; it is put off", enrolment_id)
        now = clock()
        knowledge.due(now).filter(pk=enrolment_id).update(due_at=now + PUT_OFF)
        return False


def _due_ids(clock: Clock) -> Iterator[int]:
    """Each due enrolment once, a page at a time: what cannot be decided now must not hold up what is behind it."""
    last: tuple[datetime, int] | None = None
    while True:
        rows = knowledge.due_after(last, clock())[:BATCH]
        page = list(rows.values_list("due_at", "pk"))
        yield from (pk for _, pk in random.sample(page, len(page)))  # workers side by side would write the same mails
        if len(page) < BATCH:
            return
        last = page[-1]


def send_one(enrolment_id: int, *, clock: Clock = timezone.now) -> bool:
    """Decides on one enrolment's next mail, and hands it over if it may go. True when it was handed over.

    Nothing happens where somebody else is at it, or where it is not due any more. Raises MailServerAway.
    """
    enrolment = knowledge.due(clock()).select_related("sequence", "cart").filter(pk=enrolment_id).first()
    if enrolment is None:  # somebody else was quicker
        return False
    case = look(enrolment, clock())
    if case is not None:
        comparison.enter(case)
    if case is None or not isinstance(case.decision, Send):
        _decide(enrolment_id, None, clock)
        return False
    letter = write(case, clock)
    if letter is None:
        return False
    with Mailer() as mailer:
        claim = _decide(enrolment_id, Draft(letter, case.version), clock)
        if claim is None:
            return False
        crash_point("recovery mail claimed, not handed over")
        answer = mailer.hand_over(letter.message)
        crash_point("recovery mail handed over, not noted")
    aftermath.finish(claim, answer, now=clock())
    return True


@dataclass(frozen=True)
class Draft:
    """A mail that was written before it was known whether it may go, and what it says."""

    letter: Letter
    version: tuple[object, ...]


def look(enrolment: Enrolment, now: datetime) -> Case | None:
    """Without locks: whether it is worth writing the mail."""
    step = knowledge.next_step(enrolment)
    if step is None:
        return None
    cart = enrolment.cart
    bought = people.bought_at([*knowledge.identities_of(cart), enrolment.person])
    return knowledge.case_of(enrolment, step, cart, bought_at=knowledge.last_purchase(bought.values()), now=now)


def write(case: Case, clock: Clock) -> Letter | None:
    assert case.cart is not None  # noqa: S101 - nothing is sent about a cart that is gone
    earlier = Message.objects.filter(enrolment=case.enrolment, step=case.step).values_list("public_id", flat=True)
    try:
        return letters.write(case.cart, case.step, case.things, now=clock(), public_id=earlier.first())
    except Exception as error:  # a text that cannot be filled in must not hold up everybody else's mails
        logger.exception("The mail of %s could not be written", case.step)
        with transaction.atomic():
            log.write_failure(case, f"{type(error).__name__}: {error}", now=clock())
        return None


def _decide(enrolment_id: int, draft: Draft | None, clock: Clock) -> log.Claim | None:
    """The transaction that decides. A claim where the mail is to be handed over now."""
    with transaction.atomic():
        case = locked_case(enrolment_id, clock)
        if case is None:
            return None
        if not isinstance(case.decision, Send):
            log.write_decision(case, case.decision)
            return None
        if draft is None or draft.version != case.version:  # it became fit to be sent, or another mail, just now
            return None
        return log.claim(case, draft.letter)


def locked_case(enrolment_id: int, clock: Clock, *, before_its_time: bool = False) -> Case | None:
    """The case with its cart, its person and itself locked, in this order; None where there is nothing to decide.

    A cart that its shopper or another worker is at is left for the next time.
    """
    seen = Enrolment.objects.filter(pk=enrolment_id).values("cart_id", "person").first()
    if seen is None:
        return None
    cart = None
    if seen["cart_id"]:
        cart = Cart.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=seen["cart_id"]).first()
        if cart is None:
            return None
    bought = people.locked([*knowledge.identities_of(cart), seen["person"]])
    now = clock()
    found = knowledge.running() if before_its_time else knowledge.due(now)
    wanted = found.filter(pk=enrolment_id).select_related("sequence")
    enrolment = wanted.select_for_update(no_key=True, of=("self",)).first()
    if enrolment is None:
        return None
    step = knowledge.next_step(enrolment)
    if step is None:
        if not before_its_time:  # its last mail has an answer by then
            log.end(enrolment, now=now)
        return None
    return knowledge.case_of(enrolment, step, cart, bought_at=knowledge.last_purchase(bought.values()), now=now)
