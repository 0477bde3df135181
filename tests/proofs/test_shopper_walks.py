"""Every way through the shop by a person: with a pointer and with the keyboard alone, on a phone, at a desk and at
400 % zoom, with JavaScript and without. On each page and state axe-core finds nothing and nothing is cut off; the
keyboard's place is always seen."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.chromium import DESKTOP, PHONE, ZOOMED, launched, page_of
from tests.browser.hands import Hands, Keyboard, Pointer
from tests.browser.walks import WALKS
from tests.factories import demo_shop

Walk = Callable[..., None]

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.timeout(900)]

SIZES = {"phone": PHONE, "desktop": DESKTOP, "400 % zoom": ZOOMED}
HANDS: dict[str, type[Hands]] = {"keyboard": Keyboard, "pointer": Pointer}
EVERY = list(itertools.product(SIZES, HANDS, (True, False)))
EXPECTED = ("status of 404", "status of 410")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as one:
        yield one


@pytest.fixture
def walk_all(transactional_db: None, live_server: Any, browser: Any, figures: Callable[..., None]) -> Walk:
    """All walks in one shop, each in a browser profile of its own. `scripts`: with JavaScript or without, by turns."""

    def walk(size: str, hands: str, *scripts: bool) -> None:
        demo_shop()
        states = steps = 0
        for (name, go), javascript in zip(WALKS.items(), itertools.cycle(scripts), strict=False):
            with page_of(browser, live_server.url, SIZES[size], javascript=javascript, expected=EXPECTED) as page:
                walker = HANDS[hands](page, javascript=javascript)
                try:
                    go(walker)
                except BaseException as fault:
                    fault.add_note(f"On the walk: {name}, after {walker.states[-1:]}, at {page.url}")
                    raise
                states, steps = states + len(walker.states), steps + walker.steps
        figures(
            size=size,
            by=hands,
            javascript=" and ".join("with" if one else "without" for one in scripts),
            walks=len(WALKS),
            states_without_a_violation=states,
            steps_of_the_focus=steps,
        )

    return walk


def test_shopper_walks_in_small_each_once_by_keyboard_alone_at_400_percent(walk_all: Walk) -> None:
    walk_all("400 % zoom", "keyboard", True, False)


@pytest.mark.long
@pytest.mark.parametrize(("size", "hands", "javascript"), EVERY)
def test_shopper_walks_of_every_kind(walk_all: Walk, size: str, hands: str, javascript: bool) -> None:
    walk_all(size, hands, javascript)
