"""Who does what when: the whole story of every cart, drawn from the seed before the first hour begins."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from demo.simulation import dice as chance
from demo.simulation.people import Person
from demo.simulation.plan import MOMENT, START, Plan, at

PEOPLE_A_CART = 0.55
SHARE_WITH_AN_ADDRESS = 0.2  # of those who do nothing more
AT_ONCE = 0.5  # buy before anybody could think them gone
FULL_PURCHASES = 0.02  # of all purchases of this shop's own carts: checkout, order, payment
# When a mail is due, in hours after the cart was last touched: the first steps, and a morning after a quiet night.
MAILS_ARE_DUE = (2, 2, 2, 25, 26, 49, 73, 74)


class Deed(StrEnum):
    BUY = "buys"
    BUY_IN_FULL = "buys, by checkout, order and payment"
    BEGIN_TO_PAY = "begins to pay and has to approve it"
    APPROVE = "approves the payment"
    CHANGE = "changes the cart"
    MOVE = "gives another address"
    REMOVE = "has the cart deleted"
    GIVE_UP = "has the cart given up"
    UNSUBSCRIBE = "unsubscribes"
    COMPLAIN = "calls a mail spam"
    COME_BACK = "comes back by the link"
    BE_SUPPRESSED = "is suppressed by staff"


@dataclass(frozen=True)
class Act:
    deed: Deed
    person: int
    story: int  # the cart's number in this script
    token: str = ""  # of the mail it answers

    @property
    def is_purchase(self) -> bool:
        return self.deed in {Deed.BUY, Deed.BUY_IN_FULL, Deed.APPROVE}


@dataclass(frozen=True)
class Story:
    """One cart, as it comes."""

    number: int
    person: Person
    arrives: int  # the moment's number
    email: str  # '': they never say
    phone: str
    is_tracked: bool  # another store's, told by the tracker API
    is_told_active: bool
    pieces: int
    is_retired: bool  # it holds what is no longer for sale
    country: str  # '': they have not come as far as the address
    needs_checkout: bool


@dataclass
class Script:
    plan: Plan
    arrivals: dict[int, list[Story]] = field(default_factory=lambda: defaultdict(list))
    acts: dict[int, list[Act]] = field(default_factory=lambda: defaultdict(list))
    stories: list[Story] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def people(self) -> int:
        return max(int(self.plan.carts * PEOPLE_A_CART), 2)

    def add(self, moment: int, act: Act) -> None:
        """Also while it is played: people answer mails."""
        if moment < self.plan.moments:
            with self._lock:
                self.acts[moment].append(act)


def write(plan: Plan) -> Script:
    script = Script(plan)
    dice = chance.about(plan.seed, "script")
    for number in range(plan.carts):
        story, ending = _story(number, script, dice)
        script.stories.append(story)
        script.arrivals[story.arrives].append(story)
        for moment, deed in ending:
            script.add(moment, Act(deed, story.person.number, number))
    return script


def _story(number: int, script: Script, dice: random.Random) -> tuple[Story, list[tuple[int, Deed]]]:
    person = Person(int(script.people * dice.random() ** 1.4))  # some come more often than others
    arrives = dice.randrange(script.plan.shopping_moments)
    is_tracked = dice.random() < 0.12
    ending = _ending(arrives, is_tracked, dice)
    has_address = is_tracked or bool(ending) or dice.random() < SHARE_WITH_AN_ADDRESS
    needs_checkout = any(deed in {Deed.BUY_IN_FULL, Deed.BEGIN_TO_PAY} for _, deed in ending)
    story = Story(
        number=number,
        person=person,
        arrives=arrives,
        email=person.spelled(dice) if has_address else "",
        phone=person.phone(dice) if has_address else "",
        is_tracked=is_tracked,
        is_told_active=dice.random() < 0.5,
        pieces=dice.randint(1, 4),
        is_retired=dice.random() < 0.01,
        country=person.country if not is_tracked and (needs_checkout or dice.random() < 0.2) else "",
        needs_checkout=needs_checkout,
    )
    return story, ending


def _ending(arrives: int, is_tracked: bool, dice: random.Random) -> list[tuple[int, Deed]]:
    """[(moment, deed)]: most buy at once or just go; the others do what they do when a mail is due."""
    throw = dice.random()
    if throw < AT_ONCE:
        return [(arrives, _purchase(is_tracked, dice))]
    due = _when_a_mail_is_due(arrives, dice)
    if throw < 0.60:
        return [(due, _purchase(is_tracked, dice))]
    if throw < 0.63:  # comes back by itself, and half of them buy in the end
        again = _when_a_mail_is_due(due, dice)
        return [(due, Deed.CHANGE), *([(again, _purchase(is_tracked, dice))] if dice.random() < 0.5 else [])]
    if throw < 0.64 and not is_tracked:
        return [(due, Deed.BEGIN_TO_PAY), (due + dice.randint(1, 4), Deed.APPROVE)]
    for share, deed in _RARE:
        if throw < share:
            return [(due, Deed.GIVE_UP if deed == Deed.REMOVE and not is_tracked else deed)]
    return []


_RARE = (
    (0.650, Deed.MOVE),
    (0.656, Deed.REMOVE),
    (0.663, Deed.UNSUBSCRIBE),
    (0.667, Deed.COMPLAIN),
    (0.670, Deed.BE_SUPPRESSED),
)


def _purchase(is_tracked: bool, dice: random.Random) -> Deed:
    return Deed.BUY_IN_FULL if not is_tracked and dice.random() < FULL_PURCHASES else Deed.BUY


def _when_a_mail_is_due(touched: int, dice: random.Random) -> int:
    moment = touched + dice.choice(MAILS_ARE_DUE)
    return _first_after_the_night(moment) if dice.random() < 0.7 else moment


def _first_after_the_night(moment: int) -> int:
    """In the shop's own time zone: quiet hours end at eight."""
    then: datetime = at(moment)
    if 8 <= then.hour < 21:
        return moment
    morning = then.replace(hour=8) + (timedelta(days=1) if then.hour >= 21 else timedelta(0))
    return (morning - START) // MOMENT
