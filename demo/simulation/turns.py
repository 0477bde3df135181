"""Plays a script, moment by moment. Shoppers and senders are let go together; purchases by people whose mail is being
decided are made at that very instant, between the sender's look and its claim."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier, Event, Lock, local
from unittest import mock

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import Q

from carts.models import Cart
from carts.states import CartStatus
from common.transactions import is_busy
from demo.simulation import dice as chance
from demo.simulation import stock
from demo.simulation.acts import Shoppers
from demo.simulation.checks import story_of
from demo.simulation.clock import Clock
from demo.simulation.mail_server import EmailBackend, Handover, MailServer, WorkerKilled
from demo.simulation.plan import Plan, at, number_of
from demo.simulation.script import Act, Deed, Script
from recovery import detection, enrolment, sending
from recovery.mailer import MailServerAway
from recovery.models import Enrolment, Message
from recovery.states import Outcome

ALL_THE_TIME = 1e9  # seconds: a pass of the sender ends when nothing is due
A_LITTLE = 0.002  # seconds between two looks of a shopper who has nothing to do
RESTARTS = 1000  # of one sender within one moment
# What people do with a mail that arrived.
_ANSWERS = (
    (0.08, Deed.COME_BACK),
    (0.12, Deed.BUY),
    (0.15, Deed.UNSUBSCRIBE),
    (0.155, Deed.COMPLAIN),
)


@dataclass
class Turns:
    plan: Plan
    script: Script
    clock: Clock
    shoppers: Shoppers
    server: MailServer = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    # Of this moment: {person: what they do when their mail is being decided}, and what is to be done now.
    _waiting: dict[int, list[Act]] = field(default_factory=dict)
    _now: deque[Act] = field(default_factory=deque)
    _carts: dict[int, int] = field(default_factory=dict)  # {cart's id: person}
    _at_work: local = field(default_factory=local)  # whose mail this thread is at
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        alone = self.plan.workers == 1
        self.server = MailServer(self.plan, self.clock, self._line_opened, self._arrived, is_slow=not alone)
        EmailBackend.server = self.server
        self.shoppers.stories, self.shoppers.has_to_wait = self.script.stories, not alone

    def play(self, tell: Callable[[int], None] = lambda _: None) -> None:
        threads = 2 * self.plan.workers
        with ThreadPoolExecutor(threads) as pool, mock.patch.object(sending, "send_one", self._send_one):
            try:
                for number in range(self.plan.moments):
                    self._moment(number, pool)
                    tell(number)
            finally:
                _close_connections(pool, threads)

    # --- one moment -----------------------------------------------------------------------------
    def _moment(self, number: int, pool: ThreadPoolExecutor) -> None:
        self.clock.now = at(number)
        self._take_in(number)
        acts = self.script.acts.pop(number, [])
        chance.about(self.plan.seed, "order", number).shuffle(acts)
        if not self.plan.are_workers_up(self.clock.now):
            self.counts["acts while no worker ran"] += len(acts)
            self._now_all(acts)
            self._shop_alone(pool)
            return
        if not _is_anything_due(self.clock.now):
            self._now.extend(acts)
            self._shop_alone(pool)
            return
        self._share_out(acts)
        self._send_in_turn() if self.plan.workers == 1 else self._send_together(pool)

    def _take_in(self, number: int) -> None:
        stories = self.script.arrivals.pop(number, [])
        ids = stock.take_in(stories, self.clock.now) if stories else {}
        self.shoppers.carts |= ids
        self._carts |= {ids[story.number]: story.person.number for story in stories}

    def _share_out(self, acts: list[Act]) -> None:
        """Who may get a mail now acts when it is decided, the others at once."""
        due = Enrolment.objects.filter(ended_at=None, due_at__lte=self.clock.now, cart__isnull=False)
        persons = {self._carts[cart_id] for cart_id in due.values_list("cart_id", flat=True)}
        waiting: dict[int, list[Act]] = defaultdict(list)
        for act in acts:
            if act.person in persons:
                waiting[act.person].append(act)
            else:
                self._now.append(act)
        self._waiting = waiting
        self.counts["acts of people whose mail was due"] += sum(map(len, waiting.values()))

    # --- everything in turn -----------------------------------------------------------------------
    def _send_in_turn(self) -> None:
        self._shop_until(None)
        self._send()
        self._flush()
        self._shop_until(None)

    def _shop_until(self, done: Event | None) -> None:
        """All there is to do; with `done`, also what comes up until then."""
        while True:
            is_last_look = done is None or done.is_set()
            try:
                act = self._now.popleft()
            except IndexError:
                if is_last_look:
                    return
                time.sleep(A_LITTLE)
            else:
                self.shoppers.play(act)

    # --- everything at once -----------------------------------------------------------------------
    def _send_together(self, pool: ThreadPoolExecutor) -> None:
        sent = Event()
        shopping = [pool.submit(self._shop_until, sent) for _ in range(self.plan.workers)]
        try:
            for sender in [pool.submit(self._send) for _ in range(self.plan.workers)]:
                sender.result()
            self._flush()
        finally:
            sent.set()
        for one in shopping:
            one.result()

    def _shop_alone(self, pool: ThreadPoolExecutor) -> None:
        if self.plan.workers == 1:
            self._shop_until(None)
        else:
            list(pool.map(lambda _: self._shop_until(None), range(self.plan.workers)))

    def _now_all(self, acts: list[Act]) -> None:
        self._now.extend(acts)

    def _flush(self) -> None:
        """Whose mail nobody came to."""
        left = [act for acts in self._waiting.values() for act in acts]
        self._waiting = {}
        self._now_all(left)

    # --- the sender -------------------------------------------------------------------------------
    def _send(self) -> None:
        """What the scheduled jobs do, started again whenever the worker was killed or turned away."""
        for _ in range(RESTARTS):
            try:
                detection.mark_abandoned()
                detection.expire_abandoned()
                while enrolment.enrol(now=self.clock.now) == enrolment.BATCH:
                    pass
                sending.send_due(clock=self.clock, seconds=ALL_THE_TIME)
                return
            except (WorkerKilled, MailServerAway) as error:
                self._count(type(error).__name__)
            except OperationalError as error:
                if not is_busy(error):
                    raise
                self._count("busy")

    def _count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def _send_one(self, enrolment_id: int, *, clock: Callable[[], object]) -> bool:
        """The engine's own, and beforehand: whose mail is it? They shop at this instant, or when the line is open."""
        self._at_work.person = None
        if self._waiting:
            cart_id = Enrolment.objects.filter(pk=enrolment_id).values_list("cart_id", flat=True).first()
            self._at_work.person = self._carts.get(cart_id or 0)
            if chance.about(self.plan.seed, "early", self._at_work.person, self.clock.now).random() < 0.3:
                self._let_go()
        return _SEND_ONE(enrolment_id, clock=clock)  # type: ignore[arg-type]

    def _line_opened(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        person = getattr(self._at_work, "person", None)
        with self._lock:
            acts = self._waiting.pop(person, []) if person is not None else []
            self.counts["acts at the instant of a decision"] += len(acts)
        for act in acts:
            if self.plan.workers == 1:
                self.shoppers.play(act)
            else:
                self._now.append(act)

    # --- what mails do ----------------------------------------------------------------------------
    def _arrived(self, mail: Handover, link: str, unsubscribe: str) -> None:
        """Some answer, hours later."""
        dice = chance.about(self.plan.seed, "answer", mail.subject, mail.moment)
        throw = dice.random() / self.plan.trouble
        deed = next((deed for share, deed in _ANSWERS if throw < share), None)
        if deed is None:
            return
        story = self.script.stories[story_of(mail)]
        token = {Deed.COME_BACK: link, Deed.UNSUBSCRIBE: unsubscribe}.get(deed, "")
        when = number_of(mail.moment) + dice.choice((1, 2, 5, 20, 23, 24, 25, 47, 71))
        self.script.add(when, Act(deed, story.person.number, story.number, token))
        if deed == Deed.COME_BACK and dice.random() < 0.5:
            self.script.add(when + dice.choice((1, 2, 25)), Act(Deed.BUY, story.person.number, story.number))


_SEND_ONE = sending.send_one


def _is_anything_due(now: datetime) -> bool:
    """Nobody needs four workers to find out that there is nothing to do."""
    idle_since = now - timedelta(seconds=settings.ABANDON_AFTER_SECONDS)
    return (
        Enrolment.objects.filter(ended_at=None, due_at__lte=now).exists()
        or Cart.objects.filter(~Q(email=""), status=CartStatus.ACTIVE, last_activity_at__lte=idle_since).exists()
        or Cart.objects.filter(status=CartStatus.ABANDONED, is_followed_up=False).exists()
        or Message.objects.filter(outcome=Outcome.HANDING_OVER).exists()
    )


def _close_connections(pool: ThreadPoolExecutor, threads: int) -> None:
    """Each thread its own: none gets a second turn before all have had one."""
    all_here = Barrier(threads)

    def close(_: int) -> None:
        all_here.wait()
        connection.close()

    list(pool.map(close, range(threads)))
