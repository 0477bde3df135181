"""One simulation, from the empty shop to its figures."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from demo.simulation import clock, controls, house, ledger, script, stock
from demo.simulation.acts import Shoppers
from demo.simulation.checks import Books
from demo.simulation.figures import Figures, figures_of
from demo.simulation.plan import Plan
from demo.simulation.turns import Turns


def simulate(plan: Plan, tell: Callable[[int], None] = lambda _: None) -> Figures:
    """In the connection's database, which has to be empty. Raises house.NotEmpty."""
    time = clock.Clock()
    with (
        house.furnished(),
        ledger.kept(),
        clock.told_by(time),
        controls.eyes_shut(plan.eyes_shut),
        _thrown_alike(plan.seed),
    ):
        stock.lay_in()
        turns = Turns(plan, script.write(plan), time, Shoppers())
        turns.play(tell)
        books = Books(turns.server.log, ledger.read(), turns.shoppers.also_known_as)
        return figures_of(turns, books, gap=timedelta(seconds=house.GAP_SECONDS))


@contextmanager
def _thrown_alike(seed: int) -> Iterator[None]:
    """The engine takes a page of mails in any order; here it is the same one each time."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
