"""What came out, as numbers with names. Nothing in them depends on ids or on the clock on the wall."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count

from common.persons import email_key, normalized_email
from demo.simulation import checks
from demo.simulation.checks import Books
from demo.simulation.ledger import PURCHASE, SUPPRESSION
from demo.simulation.mail_server import Answer, Handover
from demo.simulation.turns import Turns
from recovery.models import Holdout, Message
from recovery.states import Outcome

_GIVEN_UP = (Outcome.UNKNOWN, Outcome.HANDING_OVER)


@dataclass(frozen=True)
class Figures:
    """`broken`: {rule: {"before the outage": mails, "after it": mails}}; `others`: what else must be nothing."""

    shop: dict[str, int]
    mails: dict[str, int]
    skipped: dict[str, int]
    races: dict[str, int]
    broken: dict[str, dict[str, int]]
    others: dict[str, int]
    examples: list[str] = field(default_factory=list)

    @property
    def violations(self) -> int:
        return sum(sum(periods.values()) for periods in self.broken.values()) + sum(self.others.values())

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "examples"}


def figures_of(turns: Turns, books: Books, *, gap: timedelta) -> Figures:
    found = checks.broken(books, gap=gap)
    return Figures(
        shop=_shop(turns, books),
        mails=_mails(books),
        skipped=_skipped(),
        races=_races(turns, books),
        broken={
            rule: {period: periods[period] for period in checks.PERIODS}
            for rule, periods in checks.by_period(found, turns.plan.outage_ends_at).items()
        },
        others=_others(turns, books),
        examples=[f"{rule}: {mail}" for rule, mails in found.items() for mail in mails[:3]],
    )


def _shop(turns: Turns, books: Books) -> dict[str, int]:
    kinds = Counter(entry.kind for entry in books.entries)
    done = {str(deed): count for deed, count in sorted(turns.shoppers.done.items())}
    return {
        "carts": turns.plan.carts,
        "people": len({story.person.number for story in turns.script.stories}),
        "purchases": kinds[PURCHASE],
        "suppressions": kinds[SUPPRESSION],
        **done,
        "refused": turns.shoppers.refused.total(),
    }


def _mails(books: Books) -> dict[str, int]:
    answers = Counter(mail.answer for mail in books.handovers)
    return {"handed over": len(books.handovers), **{str(answer): answers[answer] for answer in Answer}}


def _skipped() -> dict[str, int]:
    rows = Message.objects.filter(outcome=Outcome.SKIPPED).values_list("reason").annotate(n=Count("id"))
    return dict(rows.order_by("reason"))


def _races(turns: Turns, books: Books) -> dict[str, int]:
    races = checks.races(books)
    moments = {(entry.moment, key) for key, entries in books.purchases.items() for entry in entries}
    stopped = Message.objects.filter(outcome=Outcome.SKIPPED, reason="purchased").values_list(
        "decided_at", "enrolment__cart__email"
    )
    purchase_first = sum((moment, normalized_email(email or "")) in moments for moment, email in stopped)
    return {
        **{what: turns.counts[what] for what in sorted(turns.counts)},
        "purchase and mail in one moment, the mail first": races.mail_first,
        "purchase and mail in one moment, the purchase first": purchase_first,
        "purchase being written while its mail was claimed": races.at_the_same_instant,
    }


def _others(turns: Turns, books: Books) -> dict[str, int]:
    outcomes = {each.hex: outcome for each, outcome in Message.objects.values_list("public_id", "outcome")}
    held_out = set(Holdout.objects.filter(is_held_out=True).values_list("person", flat=True))
    arrived = [mail for mail in books.handovers if mail.has_arrived]
    known = {mail.message for mail in arrived}
    sent = {message for message, outcome in outcomes.items() if outcome == Outcome.SENT}
    return {
        "mails without a claim": books.without_claim,
        "mails to the control group": sum(email_key(mail.recipient) in held_out for mail in arrived),
        "mails in quiet hours": sum(_is_at_night(mail, turns) for mail in books.handovers),
        "arrived and not in the log as sent or unknown": sum(
            outcomes.get(message) not in {Outcome.SENT, *_GIVEN_UP} for message in known
        ),
        "in the log as sent and never arrived": len(sent - known),
    }


def _is_at_night(mail: Handover, turns: Turns) -> bool:
    return checks.is_at_night(mail.moment, turns.script.stories[checks.story_of(mail)].country)
