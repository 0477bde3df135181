"""What some of them were refused on the way: codes and things. (The demo sends to every country.) Written in bulk."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from carts.models import Refusal
from common.errors import ErrorCode
from demo.past.stories import PAYS_WITHIN, Story

Kind = Refusal.Kind
_OF_THE_LEFT, _OF_THE_OTHERS = 0.09, 0.02
_CODES = (("WELCOME", "unknown"), ("FRIENDS20", "unknown"), ("EXPIRED10", "expired"), ("BIG100", "below_minimum"))
_MOST_TIMES = 3


def write(stories: Sequence[Story], now: datetime) -> None:
    met = (_met(story, now) for story in stories)
    Refusal.objects.bulk_create(refusal for refusal in met if refusal is not None)


def _met(story: Story, now: datetime) -> Refusal | None:
    """Its dice are its own: what is refused changes no story."""
    dice = random.Random(f"refused:{story.number}")  # noqa: S311 - a story, not a secret
    if dice.random() >= (_OF_THE_LEFT if story.is_left else _OF_THE_OTHERS):
        return None
    kind, code, subject, reason = dice.choice(list(_possible(story, dice)))
    first_at = story.at + dice.random() * PAYS_WITHIN / 2
    if first_at > now:
        return None
    times = dice.randint(1, _MOST_TIMES)
    last_at = min(first_at + timedelta(seconds=20) * (times - 1), now)
    own = {"kind": kind, "code": code, "subject": subject, "reason": reason}
    return Refusal(cart=story.cart, **own, times=times, first_at=first_at, last_at=last_at)


def _possible(story: Story, dice: random.Random) -> Iterator[tuple[Kind, ErrorCode, str, str]]:
    code, reason = dice.choice(_CODES)
    yield Kind.DISCOUNT, ErrorCode.DISCOUNT_INVALID, code, reason
    variant, _ = dice.choice(story.lines)
    yield Kind.STOCK, ErrorCode.NOT_ENOUGH_STOCK, variant.sku, ""
