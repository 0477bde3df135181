"""What each of them wanted to buy, and what they would have done if nobody had written to them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from carts.models import Cart
from carts.states import BOUGHT, CartStatus
from catalog.pricing import PricedLine, Totals, price
from checkouts.models import Checkout
from demo.goods import HISTORY_VARIANTS, SHIPPING, DemoVariant
from demo.past.shoppers import Shopper, everybody

CURRENCY = "USD"
DAYS = 90
SHOPPING_NOW = 8  # carts nobody has put a name to yet
IDLE = timedelta(minutes=30)  # then a cart counts as left
GIVEN_UP_AFTER = timedelta(days=30)
PAYS_WITHIN = timedelta(minutes=9)
_FEWEST, _MOST = 20, 54  # carts a day: the shop grows
_LEFT = 0.62
_COME_BACK_ANYWAY = 0.14  # of those who left, without any mail
_RETURNING = 0.08  # customers who had bought weeks before
_NEWER_CART = 0.03  # who fill another cart soon after they left one
_SEED = 42


@dataclass
class Visit:
    """Somebody at a checkout. `checkout`: its row, once there is one."""

    at: datetime
    gives_address: bool = False
    chooses_shipping: bool = False
    checkout: Checkout | None = None


@dataclass
class Story:
    """One cart. `at`: when something was put into it last; `buys_at`: so far, for a mail may change it."""

    number: int
    shopper: Shopper | None
    at: datetime
    lines: tuple[tuple[DemoVariant, int], ...]
    is_left: bool = False
    buys_at: datetime | None = None
    newer: Story | None = None  # their next cart, filled before this one was done with
    visits: list[Visit] = field(default_factory=list)
    spells: list[datetime] = field(default_factory=list)  # when it was abandoned
    cart: Cart = field(default_factory=lambda: Cart(currency=CURRENCY))

    @property
    def totals(self) -> Totals:
        return price(
            [PricedLine(variant.amount, quantity) for variant, quantity in self.lines], shipping_amount=SHIPPING[0][3]
        )

    @property
    def dice(self) -> random.Random:
        """Its own: what happens in one story, at whatever hour it is loaded, changes no other."""
        return random.Random(f"{_SEED}:{self.number}")  # noqa: S311 - a story, not a secret

    def status_at(self, now: datetime) -> CartStatus:
        if self.buys_at and self.buys_at - PAYS_WITHIN <= now:
            return self._bought if self.buys_at <= now else CartStatus.ACTIVE
        spell_at = self.spell_at(now)
        if spell_at is None or self.touched_at(now) > spell_at:
            return CartStatus.ACTIVE
        return CartStatus.EXPIRED if spell_at + GIVEN_UP_AFTER <= now else CartStatus.ABANDONED

    @property
    def _bought(self) -> CartStatus:
        return CartStatus.RECOVERED if self.spells else CartStatus.CONVERTED

    def touched_at(self, now: datetime) -> datetime:
        return max([self.at, *(visit.at for visit in self.visits if visit.at <= now)])

    def spell_at(self, now: datetime) -> datetime | None:
        return max((at for at in self.spells if at <= now), default=None)

    def has_newer_cart(self, now: datetime) -> bool:
        newer = self.newer
        return newer is not None and newer.at <= now and newer.status_at(now) not in BOUGHT


def tell(now: datetime) -> list[Story]:
    """Ninety days up to a few hours before `now`, oldest first, and who is shopping at the moment."""
    dice = random.Random(_SEED)  # noqa: S311 - a story, not a secret
    newcomers, customers = everybody(dice), deque[Shopper]()
    told: list[Story] = []
    for number, at in enumerate(_moments(dice, now)):
        shopper = _customer_of_old(dice, customers, at) or next(newcomers)
        is_new = not shopper.bought_at
        told += _told(dice, number, at, shopper, now)
        if is_new and not told[-1].is_left:
            customers.append(shopper)
    told += [Story(-number, None, at, _lines(dice)) for number, at in enumerate(_just_now(dice, now), start=1)]
    return sorted(told, key=lambda story: story.at)


def _moments(dice: random.Random, now: datetime) -> Iterator[datetime]:
    for days_ago in range(DAYS, 0, -1):
        usual = _FEWEST + (_MOST - _FEWEST) * (DAYS - days_ago) // DAYS
        times = (timedelta(days=days_ago, seconds=-dice.randint(0, 72_000)) for _ in range(usual + dice.randint(-4, 4)))
        yield from (now - ago for ago in sorted(times, reverse=True))


def _just_now(dice: random.Random, now: datetime) -> list[datetime]:
    return [now - timedelta(minutes=dice.randint(1, 300)) for _ in range(SHOPPING_NOW)]


def _customer_of_old(dice: random.Random, customers: deque[Shopper], at: datetime) -> Shopper | None:
    """Who bought at least three weeks before: each comes back once at most."""
    is_one = bool(customers) and customers[0].bought_at[0] < at - timedelta(weeks=3) and dice.random() < _RETURNING
    return customers.popleft() if is_one else None


def _told(dice: random.Random, number: int, at: datetime, shopper: Shopper, now: datetime) -> list[Story]:
    story = _story(dice, 2 * number, at, shopper)
    newer_at = at + timedelta(minutes=dice.randint(90, 2400))
    if not story.is_left or dice.random() >= _NEWER_CART or newer_at > now - timedelta(hours=2):
        return [story]
    story.buys_at = None
    story.newer = _story(dice, 2 * number + 1, newer_at, shopper)
    return [story, story.newer]


def _story(dice: random.Random, number: int, at: datetime, shopper: Shopper) -> Story:
    story = Story(number, shopper, at, _lines(dice), is_left=dice.random() < _LEFT)
    gives_address = dice.random() < 0.7 or not story.is_left
    chooses_shipping = gives_address and (dice.random() < 0.6 or not story.is_left)
    story.visits.append(Visit(at, gives_address, chooses_shipping))
    if not story.is_left:
        story.buys_at = at + PAYS_WITHIN
        shopper.bought_at.append(story.buys_at)
        return story
    story.spells.append(at + IDLE)
    think = timedelta(minutes=min(dice.expovariate(1 / 1800), 12_000))
    comes_back = dice.random() < _COME_BACK_ANYWAY and not shopper.cannot_be_reached
    story.buys_at = at + IDLE + PAYS_WITHIN + think if comes_back else None
    return story


def _lines(dice: random.Random) -> tuple[tuple[DemoVariant, int], ...]:
    return tuple((variant, dice.choice((1, 1, 2))) for variant in dice.sample(HISTORY_VARIANTS, dice.randint(1, 3)))
