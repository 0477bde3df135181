"""What became of the mails of a while: counts that add up, each the head of a list that can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from carts.models import Cart, Door
from carts.states import CartStatus
from common.admin import COUNT_CAP
from recovery.models import Enrolment, Message, Sequence
from recovery.states import Audience, Outcome, Reason

LOOKED_AT = 5_000  # abandoned carts, one by one, for those in no sequence


@dataclass(frozen=True)
class Line:
    outcome: str
    reason: str
    count: int

    @property
    def title(self) -> str:
        return str(Reason(self.reason).label if self.reason else Outcome(self.outcome).label)


def outcomes_since(since: datetime) -> list[Line]:
    """The newest COUNT_CAP mails that were decided on since then, each once: most frequent first."""
    newest = Message.objects.filter(decided_at__gte=since).order_by("-decided_at").values("pk")[:COUNT_CAP]
    rows = Message.objects.filter(pk__in=newest).order_by().values_list("outcome", "reason")
    return [Line(*row) for row in rows.annotate(n=Count("pk")).order_by("-n", "outcome", "reason")]


def in_no_sequence(carts: QuerySet[Cart]) -> QuerySet[Cart]:
    """Those of them that were abandoned and went into none: no mail was ever decided on about them. Whatever became of
    them since; those that wait to be looked at are none of them."""
    enrolled = Enrolment.objects.filter(cart=OuterRef("pk"))
    waits = Q(status=CartStatus.ABANDONED, is_followed_up=False)
    return carts.filter(~Exists(enrolled), first_abandoned_at__isnull=False).exclude(waits)


def newest_in_no_sequence(carts: QuerySet[Cart]) -> QuerySet[Cart]:
    """Those of them among the LOOKED_AT carts of the shop that were first abandoned last. A page has to stay quick:
    where every cart is in a sequence, nothing but looking at each would tell so. Asks one query for the moment of the
    oldest of them: PostgreSQL finds the rest by index, and would not among so many ids."""
    left_at = Cart.objects.filter(first_abandoned_at__isnull=False).order_by("-first_abandoned_at")
    oldest = left_at.values_list("first_abandoned_at", flat=True)[LOOKED_AT - 1 : LOOKED_AT].first()
    return in_no_sequence(carts.filter(first_abandoned_at__gte=oldest) if oldest else carts)


def never_considered(since: datetime) -> int:
    """Of the newest carts first abandoned since then."""
    return newest_in_no_sequence(Cart.objects.filter(first_abandoned_at__gte=since)).count()


def why_never() -> str:
    """Half a sentence, as things are now."""
    if settings.RECOVERY_AUDIENCE == Audience.OFF:
        return "recovery mails are switched off (RECOVERY_AUDIENCE)"
    if not Sequence.objects.filter(activated_at__isnull=False).exists():
        return "no sequence is on"
    return "they were abandoned before a sequence was switched on, over before anybody looked, or filled in by staff"


def why_in_none(cart: Cart) -> str:
    """Why this abandoned cart is in no sequence, as things are now. One query at most."""
    if settings.RECOVERY_AUDIENCE == Audience.OFF:
        return "Recovery mails are switched off (RECOVERY_AUDIENCE)"
    if cart.door == Door.STAFF:
        return "Staff filled it in"
    on_since = Sequence.objects.aggregate(first=Min("activated_at"))["first"]
    if on_since is None:
        return "No sequence is on"
    left_at = cart.abandoned_at or cart.first_abandoned_at
    if left_at and left_at < on_since:
        return "It was abandoned before a sequence was switched on"
    return "No sequence is for it" if cart.is_followed_up else "It was over before anybody looked"
