"""The engine with an eye shut. A check that finds nothing then would find nothing ever.

Test-only: used by `simulate_recovery --shut-eye` and the proof, in the throwaway shop and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
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
    "purchase": _stale,
    "suppression": lambda facts: replace(facts, suppressed=""),
    "gap": lambda facts: replace(facts, last_mail_at=None),
}
REPEAT = "repeat"
# {name: the rule that is broken then}
NAMES = {
    "purchase": checks.AFTER_PURCHASE,
    REPEAT: checks.TWICE,
    "suppression": checks.TO_SUPPRESSED,
    "gap": checks.TOO_CLOSE,
}


@contextmanager
def eyes_shut(names: Collection[str]) -> Iterator[None]:
    """Nobody named: the engine as it is."""
    blinkers = [_BLINKERS[name] for name in names if name != REPEAT]
    with ExitStack() as stack:
        if blinkers:
            stack.enter_context(mock.patch.object(knowledge, "decide", partial(_decide, blinkers)))
        if REPEAT in names:
            stack.enter_context(mock.patch.object(mailer, "meaning_of", _sure_that_nothing_arrived))
        yield


def _decide(blinkers: Iterable[Callable[[Facts], Facts]], facts: Facts) -> Decision:
    for blinker in blinkers:
        facts = blinker(facts)
    return policy.decide(facts)


_meaning_of = mailer.meaning_of


def _sure_that_nothing_arrived(error: Exception) -> mailer.Answer:
    """A line that breaks is taken for a "not now"."""
    answer = _meaning_of(error)
    return replace(answer, outcome=Outcome.WAITING) if answer.outcome == Outcome.UNKNOWN else answer
