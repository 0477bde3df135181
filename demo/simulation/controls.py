"""The engine with one eye shut. A check that finds nothing then would find nothing ever.

Test-only: used by `simulate_recovery --shut-eye` and the proof, in the throwaway shop and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

from carts.states import BOUGHT, CartStatus
from demo.simulation import checks
from recovery import knowledge, mailer, policy
from recovery.policy import Decision, Facts
from recovery.states import Outcome


def _stale(facts: Facts) -> Facts:
    """What happens at this moment is not known yet: as if it was decided before the mail was written."""
    if facts.bought_at is None or facts.bought_at < facts.now:
        return facts
    status = CartStatus.ABANDONED if facts.cart_status in BOUGHT else facts.cart_status
    return replace(facts, bought_at=None, cart_status=status)


_BLINKERS: dict[str, Callable[[Facts], Facts]] = {
    checks.AFTER_PURCHASE: _stale,
    checks.TO_SUPPRESSED: lambda facts: replace(facts, suppressed=""),
    checks.TOO_CLOSE: lambda facts: replace(facts, last_mail_at=None),
}
# Names for the command line.
NAMES = {"purchase": checks.AFTER_PURCHASE, "repeat": checks.TWICE, "suppression": checks.TO_SUPPRESSED}
NAMES |= {"gap": checks.TOO_CLOSE}


@contextmanager
def eye_shut(name: str) -> Iterator[None]:
    """'': both eyes open."""
    rule = NAMES.get(name)
    if rule is None:
        yield
    elif rule == checks.TWICE:
        with mock.patch.object(mailer, "meaning_of", _sure_that_nothing_arrived):
            yield
    else:
        with mock.patch.object(knowledge, "decide", lambda facts: _decided(_BLINKERS[rule](facts))):
            yield


def _decided(facts: Facts) -> Decision:
    return policy.decide(facts)


_meaning_of = mailer.meaning_of


def _sure_that_nothing_arrived(error: Exception) -> mailer.Answer:
    """A line that breaks is taken for a "not now"."""
    answer = _meaning_of(error)
    return replace(answer, outcome=Outcome.WAITING) if answer.outcome == Outcome.UNKNOWN else answer
