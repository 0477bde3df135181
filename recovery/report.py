"""What became of the mails of a while: counts that add up, each the head of a list that can be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from recovery.models import Message
from recovery.states import Outcome, Reason


@dataclass(frozen=True)
class Line:
    outcome: str
    reason: str
    count: int

    @property
    def title(self) -> str:
        return str(Reason(self.reason).label if self.reason else Outcome(self.outcome).label)


def outcomes_since(since: datetime) -> list[Line]:
    """Every mail that was decided on since then, once: most frequent first."""
    rows = Message.objects.filter(decided_at__gte=since).order_by().values_list("outcome", "reason")
    counted = rows.annotate(n=Count("pk")).order_by("-n", "outcome", "reason")
    return [Line(*row) for row in counted]
