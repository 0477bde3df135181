"""What one shopper does and what goes wrong meanwhile, drawn from a seed: the same seed, the same schedules."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

from tests.standins.faults import Fault

# How a guest pays, and what becomes of it. Weights: how often.
WAYS = {
    "card": 5,
    "declined, then card": 2,
    "declined": 1,
    "3-D Secure": 4,
    "mobilepay": 2,
    "paypal": 5,
    "intent": 4,
}
# What a shopper does who has to approve a payment elsewhere.
APPROVALS = {
    "approves and comes back": 4,
    "approves and stays away": 3,
    "denies and comes back": 1,
    "denies and stays away": 1,
    "never answers": 3,
}
KEYS = {"the same": 3, "none": 2, "a new one each time": 1}  # the Idempotency-Key of a repeated completion
REFUNDS = {"": 6, "whole": 1, "in two parts": 1, "twice at once": 1}

# A death at these needs a schedule that gets there; any schedule gets to the others.
_NEEDS: dict[str, dict[str, str]] = {
    "key claimed, nothing done": {"key": "the same"},
    "work done, its answer not kept": {"key": "the same"},
    "checkout moved, not committed": {"way": "card"},
    "checkout completed, its shopper not told": {"way": "card"},
    "payments voided, order not canceled": {"way": "3-D Secure", "approval": "never answers"},
    "payment voided, nothing written": {"way": "3-D Secure", "approval": "never answers"},
    "order canceled, not committed": {"way": "paypal", "approval": "never answers"},
    "payment looked up, nothing written": {"way": "3-D Secure", "approval": "approves and stays away"},
    "approved, not taken": {"way": "paypal", "approval": "approves and stays away"},
    "refund written, gateway not asked": {"way": "card", "refund": "whole"},
    "refund asked for, its answer not written": {"way": "card", "refund": "in two parts"},
    "refund known, not committed": {"way": "card", "refund": "twice at once"},
    "no secret, hold not given back": {"way": "intent", "gives_no_secret": "yes"},
    "intent prepared, its buyer not told": {"way": "intent"},
    "event handled, not marked": {"way": "card"},
}
_STRIPE = (
    ("POST", "/v1/payment_intents"),
    ("POST", "/v1/payment_methods"),
    ("GET", "/v1/payment_intents"),
    ("POST", "/v1/refunds"),
)
_PAYPAL = (
    ("POST", "/v2/checkout/orders"),
    ("GET", "/v2/checkout/orders"),
    ("POST", "/v2/payments/captures"),
    ("POST", "/v1/oauth2"),
)


@dataclass(frozen=True)
class Planned:
    """A fault for the next `times` requests to a gateway that begin like this."""

    fault: Fault
    method: str
    path: str
    times: int
    body: str = ""


@dataclass(frozen=True)
class Schedule:
    number: int
    point: str  # where somebody is to die meanwhile, '' for nowhere
    way: str
    approval: str
    declines: str  # PayPal's issue when the money is taken, 'PENDING' for a capture that settles later
    key: str
    clicks: int
    repeats: bool  # asks again when the answer was lost; others have closed the tab
    refund: str
    faults: tuple[Planned, ...]
    variant_id: int
    pieces: int

    @property
    def email(self) -> str:
        return f"shopper{self.number}@example.com"


def schedules(seed: str, points: list[str]) -> itertools.chain[Schedule]:
    """Without end; each point has its turn."""
    return itertools.chain.from_iterable(
        (_schedule(seed, turn * len(points) + place, point) for place, point in enumerate(points))
        for turn in itertools.count()
    )


def _schedule(seed: str, number: int, point: str) -> Schedule:
    draw = random.Random(f"{seed}:{number}")
    drawn = {
        "way": _weighted(draw, WAYS),
        "approval": _weighted(draw, APPROVALS),
        "key": _weighted(draw, KEYS),
        "refund": _weighted(draw, REFUNDS),
        "gives_no_secret": "",
    } | _NEEDS.get(point, {})
    faults = _faults(draw, drawn["way"])
    if drawn.pop("gives_no_secret"):
        faults = (Planned(Fault.ERROR_500, "POST", "/v1/payment_intents", 3, body="shopper_confirms"),)
    return Schedule(
        number=number,
        point=point,
        declines=draw.choice(("", "", "", "INSTRUMENT_DECLINED", "PENDING")),
        clicks=draw.choice((1, 1, 2)),
        repeats=draw.random() < 0.8,
        faults=faults,
        variant_id=draw.choice((7, 7, 8, 91)),
        pieces=draw.choice((1, 1, 2)),
        **drawn,
    )


def _weighted(draw: random.Random, weights: dict[str, int]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]


def _faults(draw: random.Random, way: str) -> tuple[Planned, ...]:
    """None, one or two. Three times over: beyond what an SDK repeats by itself; six: beyond one call of ours."""
    calls = _PAYPAL if way == "paypal" else _STRIPE
    found = []
    for _ in range(draw.choice((0, 1, 1, 2))):
        method, path = draw.choice(calls)
        found.append(Planned(draw.choice(_FAULTS), method, path, draw.choice((1, 3, 6))))
    return tuple(found)


_FAULTS = (
    *(Fault.ERROR_500, Fault.HTML_502, Fault.TOO_MANY, Fault.SLOW),
    *(Fault.HANG_BEFORE, Fault.HANG_AFTER, Fault.BREAK_BEFORE, Fault.BREAK_BEFORE),
    *(Fault.BREAK_AFTER, Fault.BREAK_AFTER, Fault.BREAK_AFTER),
)
