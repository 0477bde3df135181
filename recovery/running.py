"""Who is in which sequence now: a person in one at a time, about their newest cart."""

from __future__ import annotations

from collections.abc import Sequence as Many
from datetime import datetime

from recovery import knowledge
from recovery.models import Enrolment, Message, Step
from recovery.states import Outcome, Reason


def replace(fresh: Many[Enrolment], now: datetime) -> None:
    """Writes the new enrolments, sorted by the age of their carts: a person's last one runs, all others have ended.

    Needs the people's row locks.
    """
    running = Enrolment.objects.filter(ended_at__isnull=True, person__in={each.person for each in fresh})
    earlier = {
        each.person: each for each in running.select_for_update(no_key=True, of=("self",)).select_related("cart")
    }
    newest = {each.person: each for each in fresh}
    for each in fresh:
        if each is not newest[each.person]:
            _note_end(each, Reason.NEWER_CART, now)
    for person, old in list(earlier.items()):
        if _is_newer(old, newest[person]):
            _note_end(newest[person], Reason.NEWER_CART, now)
            del earlier[person]
        else:
            is_same = old.cart_id == newest[person].cart_id
            _note_end(old, Reason.CAME_BACK if is_same else Reason.NEWER_CART, now)
    Enrolment.objects.bulk_update(earlier.values(), ["ended_at", "ended_because"])
    Enrolment.objects.bulk_create(fresh)
    _write_skips([*earlier.values(), *(each for each in fresh if each.ended_at)], now)


def _is_newer(old: Enrolment, fresh: Enrolment) -> bool:
    """The running one's cart was touched later than the one that was found only now."""
    if old.cart is None or fresh.cart is None or old.cart_id == fresh.cart_id:
        return False
    return old.cart.last_activity_at > fresh.cart.last_activity_at


def _note_end(enrolment: Enrolment, reason: Reason, now: datetime) -> None:
    enrolment.ended_at, enrolment.ended_because = now, reason


def _write_skips(ended: Many[Enrolment], now: datetime) -> None:
    """The mail each would have sent next is not sent, and the log says why."""
    if not ended:
        return
    decided = _decided(ended)
    for reason in {each.ended_because for each in ended}:
        waiting = Message.objects.filter(
            enrolment__in=[each.pk for each in ended if each.ended_because == reason], outcome=Outcome.WAITING
        )
        waiting.update(outcome=Outcome.SKIPPED, reason=reason, decided_at=now)
    steps: dict[int, list[Step]] = {}
    for each_step in Step.objects.filter(sequence__in={each.sequence_id for each in ended}, is_active=True):
        steps.setdefault(each_step.sequence_id, []).append(each_step)
    skips = [
        Message(
            enrolment=each,
            step=step,
            person=each.person,
            outcome=Outcome.SKIPPED,
            reason=each.ended_because,
            decided_at=now,
        )
        for each in ended
        if (step := _next(steps.get(each.sequence_id, []), each, decided)) is not None
    ]
    Message.objects.bulk_create(skips, ignore_conflicts=True)


def _decided(enrolments: Many[Enrolment]) -> set[tuple[int, int]]:
    """(enrolment, step) of the mails that were decided already."""
    of_them = knowledge.decided_messages().filter(enrolment__in=[each.pk for each in enrolments if each.pk])
    return set(of_them.values_list("enrolment_id", "step_id"))


def _next(steps: Many[Step], enrolment: Enrolment, decided: set[tuple[int, int]]) -> Step | None:
    """As knowledge.next_step, for many."""
    later = [
        step
        for step in steps
        if step.delay_seconds > enrolment.decided_delay_seconds and (enrolment.pk, step.pk) not in decided
    ]
    return min(later, key=lambda step: step.delay_seconds, default=None)
