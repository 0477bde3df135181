"""The control group: people who get no recovery mail, so that it can be seen what the mails are worth.

Drawn by a digest, so that nobody can steer it and a repeat draws the same; kept, so that nobody changes groups when the
share does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.conf import settings

from recovery.models import Holdout

_SALT = "recovery control group, first draw"
_PARTS = 10_000


def is_drawn(person: str, percent: int) -> bool:
    """Whether this person is in the control group when it has `percent` of all people."""
    number = int.from_bytes(hashlib.sha256(f"{_SALT}:{person}".encode()).digest()[:8])
    return number % _PARTS < percent * (_PARTS // 100)


def groups_of(people: Iterable[str]) -> dict[str, Holdout]:
    """{person: their group}; who was in no group yet is in one from now on. Empty where there is no control group.

    In two statements, or none.
    """
    percent = settings.RECOVERY_HOLDOUT_PERCENT
    persons = sorted(set(people))
    if not percent or not persons:
        return {}
    drawn = [Holdout(person=person, is_held_out=is_drawn(person, percent), percent=percent) for person in persons]
    Holdout.objects.bulk_create(drawn, ignore_conflicts=True)
    return {group.person: group for group in Holdout.objects.filter(person__in=persons)}


def would_hold_out(person: str) -> bool:
    """Without drawing: what `held_out` would say."""
    percent = settings.RECOVERY_HOLDOUT_PERCENT
    if not percent:
        return False
    drawn = Holdout.objects.filter(person=person).first()
    return drawn.is_held_out if drawn else is_drawn(person, percent)
