"""What the shop wrote to those who left, and what came of it: decided by the very policy that decides on real mails.

Nothing is sent and nothing written here: rows are made, to be written together.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from common.persons import hint_of
from demo.past.shoppers import Shopper
from demo.past.stories import IDLE, PAYS_WITHIN, Story, Visit
from recovery import comparison, holdout, letters, quiet, texts
from recovery.knowledge import conditions_of
from recovery.log import SETTLING
from recovery.models import Click, Enrolment, Message, RecoveryLink, Step, Suppression
from recovery.models import Sequence as MailSequence
from recovery.policy import Decision, Facts, Limits, Postpone, Send, Skip, decide
from recovery.states import ONLY_THIS_STEP, Audience, Outcome, Reason, SuppressedBecause
from recovery.tokens import digest_of, new_token

HELD_OUT_PERCENT = 30
LIMITS = Limits(
    audience=Audience.ALL,
    min_gap=timedelta(hours=20),
    max_mails_a_cart=6,
    max_mails_a_person=10,
    quiet_hours=(21, 8),
)
# What a mail brings about, by step: who presses its button and buys, who buys without pressing it, who looks and leaves
# again, who wants no more of them.
_CHANCES = ((0.06, 0.015, 0.05, 0.015), (0.04, 0.015, 0.04, 0.02), (0.03, 0.01, 0.03, 0.02))
_USES_THE_LINK = 0.4  # of those who would have bought anyway
_NO_SUCH_ADDRESS = "SMTPRecipientsRefused: 550 5.1.1 no such address"


@dataclass
class Mailing:
    """All that was decided. `off_at`: when the sequence was switched off, and its steps, too; who was in it then came
    to its end without a word."""

    sequence: MailSequence
    steps: Sequence[Step]
    off_at: datetime
    enrolments: list[Enrolment] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    links: list[RecoveryLink] = field(default_factory=list)
    clicks: list[tuple[Click, Visit]] = field(default_factory=list)
    suppressions: list[tuple[Suppression, Message]] = field(default_factory=list)

    def play(self, stories: Iterable[Story], now: datetime) -> None:
        """In the order in which the carts were left."""
        for story in stories:
            if story.is_left and story.shopper is not None:
                _Spells(self, story, story.shopper, story.dice).play()
                _end(story, story.shopper, now)


def _end(story: Story, shopper: Shopper, now: datetime) -> None:
    """What they would do after `now` nobody knows."""
    if story.buys_at and story.buys_at > now:
        story.buys_at = None
    if story.buys_at:
        shopper.bought_at.append(story.buys_at)
        comes_back_at = story.buys_at - PAYS_WITHIN
        if story.visits[-1].at < comes_back_at:
            story.visits.append(Visit(comes_back_at))


@dataclass
class _Spells:
    """One cart, as often as it was abandoned."""

    past: Mailing
    story: Story
    shopper: Shopper
    dice: random.Random
    sent: int = 0

    def play(self) -> None:
        played = 0
        while played < len(self.story.spells) and _seen(self.story.spells[played]) < self.past.off_at:
            self._enrol(self.story.spells[played])
            played += 1

    def _enrol(self, spell_at: datetime) -> None:
        enrolment = Enrolment(
            cart=self.story.cart,
            sequence=self.past.sequence,
            person=self.shopper.person,
            spell_at=spell_at,
            is_held_out=holdout.is_drawn(self.shopper.person, HELD_OUT_PERCENT),
            drawn_percent=HELD_OUT_PERCENT,
            created_at=_seen(spell_at),
            origin_at=spell_at,
            due_at=spell_at + _delay(self.past.steps[0]),
        )
        self.past.enrolments.append(enrolment)
        for number, step in enumerate(self.past.steps):
            if number:
                enrolment.due_at = enrolment.origin_at + _delay(step)
            self._decide(enrolment, number, step)
            if enrolment.ended_at:
                return

    def _decide(self, enrolment: Enrolment, number: int, step: Step) -> None:
        at, decision = self._decision(enrolment, step)
        if decision is None:
            enrolment.ended_at = at
            return
        if isinstance(decision, Send):
            enrolment.origin_at = max(enrolment.origin_at, at - _delay(step))
            self._send(enrolment, number, step, at)
        elif isinstance(decision, Skip):
            self.past.messages.append(_skipped(enrolment, step, at, decision.reason))
            if decision.reason not in ONLY_THIS_STEP:
                enrolment.ended_at, enrolment.ended_because = at, decision.reason
                return
        enrolment.decided_delay_seconds = step.delay_seconds
        if number == len(self.past.steps) - 1:
            enrolment.ended_at = self.past.messages[-1].finished_at or at

    def _decision(self, enrolment: Enrolment, step: Step) -> tuple[datetime, Decision | None]:
        """When, and which: as the worker would have, looking again after each wait. None: no step was left."""
        at = self._swept(enrolment.due_at)
        while True:
            gone_at, because = self._replaced(enrolment)
            if gone_at and because and gone_at <= at:
                return gone_at, Skip(because)
            if at >= self.past.off_at:
                return at, None
            decision = decide(self._facts(enrolment, step, at))
            if comparison.is_fit(decision) and not self.shopper.is_compared:
                enrolment.compared_at, self.shopper.is_compared = at, True
            if not isinstance(decision, Postpone):
                return at, decision
            enrolment.due_at = decision.until
            at = self._swept(decision.until)

    def _replaced(self, enrolment: Enrolment) -> tuple[datetime | None, Reason | None]:
        """When another enrolment took its place: of the same cart, abandoned again, or of their newer one."""
        again = [at for at in self.story.spells if at > enrolment.spell_at]
        newer = self.story.newer.spells if self.story.newer else []
        found = [(at, Reason.CAME_BACK) for at in again] + [(at, Reason.NEWER_CART) for at in newer]
        found = [(at, because) for at, because in found if _seen(at) < self.past.off_at]
        at, because = min(found, default=(None, None))
        return at and _seen(at), because

    def _facts(self, enrolment: Enrolment, step: Step, now: datetime) -> Facts:
        story, shopper = self.story, self.shopper
        mails = [at for at in shopper.mailed_at if at > now - timedelta(days=30)]
        country = shopper.address["country"] if any(visit.gives_address for visit in story.visits) else ""
        return Facts(
            now=now,
            limits=LIMITS,
            conditions=conditions_of(step, story.cart),
            sequence_audience=self.past.sequence.audience,
            on_since=self.past.sequence.created_at,
            spell_at=enrolment.spell_at,
            is_held_out=enrolment.is_held_out,
            cart_status=story.status_at(now),
            abandoned_at=story.spell_at(now),
            last_activity_at=story.touched_at(now),
            has_address=True,
            can_be_bought=True,
            items_amount=story.totals.items_amount,
            currency=story.cart.currency,
            country=country,
            is_being_paid=False,
            mails_about_cart=self.sent,
            bought_at=shopper.last_purchase_by(now),
            has_newer_cart=story.has_newer_cart(now),
            suppressed=shopper.suppressed_by(now),
            is_bot=False,
            has_consent=False,
            last_mail_at=max(shopper.mailed_at, default=None),
            mails_to_person=len(mails),
            zones=quiet.zones_of(country),
        )

    def _swept(self, at: datetime) -> datetime:
        """The worker looks once a minute."""
        return at + timedelta(seconds=self.dice.randint(1, 59))

    # --- a mail, and what it brings about ---------------------------------------------------------
    def _send(self, enrolment: Enrolment, number: int, step: Step, at: datetime) -> None:
        done_at = at + timedelta(seconds=self.dice.randint(1, 3))
        text = letters.text_for(step, settings.LANGUAGE_CODE)
        message = Message(
            enrolment=enrolment,
            step=step,
            person=self.shopper.person,
            outcome=Outcome.FAILED if self.shopper.cannot_be_reached else Outcome.SENT,
            decided_at=at,
            finished_at=done_at,
            attempts=1,
            error=_NO_SUCH_ADDRESS if self.shopper.cannot_be_reached else "",
            subject=texts.fill(text.subject, {"shop": settings.SHOP_NAME}),
            language=text.language,
            unsubscribe_hash=digest_of(new_token()),
        )
        enrolment.due_at = done_at + SETTLING
        link = self._link(message)
        self.past.messages.append(message)
        self.past.links.append(link)
        if self.shopper.cannot_be_reached:
            self._suppress(SuppressedBecause.BOUNCED, message, done_at)
            return
        self.sent += 1
        self.shopper.mailed_at.append(at)
        self._react(message, link, number, done_at)

    def _link(self, message: Message) -> RecoveryLink:
        return RecoveryLink(
            token_hash=digest_of(new_token()),
            cart=self.story.cart,
            message=message,
            told_amounts={str(variant.id): variant.amount for variant, _ in self.story.lines},
            created_at=message.decided_at,
            expires_at=message.decided_at + timedelta(days=30),
        )

    def _react(self, message: Message, link: RecoveryLink, number: int, at: datetime) -> None:
        """Once a mail, and before the next one is due."""
        buys, is_reminded, looks, objects = _CHANCES[number]
        soon = at + timedelta(minutes=self.dice.randint(4, 600))
        later = at + timedelta(minutes=self.dice.randint(60, 1200))
        throw, uses_the_link = self.dice.random(), self.dice.random() < _USES_THE_LINK
        own = self.story.buys_at
        if self.story.newer and self.story.newer.at < at + timedelta(hours=21):
            return  # their thoughts are with the other one
        if own and own < at + timedelta(hours=22):
            if uses_the_link and own > at + timedelta(minutes=12):
                self._press(link, own - PAYS_WITHIN, buys_at=own)
        elif throw < buys:
            self._press(link, soon, buys_at=soon + PAYS_WITHIN)
        elif throw < buys + is_reminded:
            self.story.buys_at = later
        elif throw < buys + is_reminded + looks:
            self._press(link, soon)
            self.story.spells.append(soon + IDLE)
        elif throw < buys + is_reminded + looks + objects:
            self._suppress(SuppressedBecause.UNSUBSCRIBED, message, soon)

    def _press(self, link: RecoveryLink, at: datetime, *, buys_at: datetime | None = None) -> None:
        visit = Visit(at)
        self.story.visits.append(visit)
        self.past.clicks.append((Click(link=link, at=at), visit))
        self.story.buys_at = buys_at or self.story.buys_at

    def _suppress(self, because: SuppressedBecause, message: Message, at: datetime) -> None:
        self.shopper.suppress(because, at)
        row = Suppression(person=self.shopper.person, hint=hint_of(self.shopper.email), reason=because, created_at=at)
        self.past.suppressions.append((row, message))


def _skipped(enrolment: Enrolment, step: Step, at: datetime, reason: Reason) -> Message:
    return Message(
        enrolment=enrolment,
        step=step,
        person=enrolment.person,
        outcome=Outcome.SKIPPED,
        reason=reason,
        decided_at=at,
    )


def _seen(spell_at: datetime) -> datetime:
    """When the worker found that a cart was abandoned."""
    return spell_at + timedelta(seconds=30)


def _delay(step: Step) -> timedelta:
    return timedelta(seconds=step.delay_seconds)
