"""The four rules, from what the mail server saw and what the database committed. Nothing is asked of the engine: not
what it decided, not which mail it takes for which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from common.persons import email_key, normalized_email, normalized_phone
from demo.simulation.ledger import CLAIM, PURCHASE, SUPPRESSION, Entry
from demo.simulation.mail_server import Handover
from demo.simulation.people import ZONES

AFTER_PURCHASE = "mails claimed after their person's purchase was committed"
TWICE = "steps sent twice"
TO_SUPPRESSED = "mails claimed after their address was suppressed"
TOO_CLOSE = "mails closer than the gap"
PERIODS = ("before and during the outage", "after it")
QUIET_FROM, QUIET_UNTIL = 21, 8
RULES = (AFTER_PURCHASE, TWICE, TO_SUPPRESSED, TOO_CLOSE)


@dataclass(frozen=True)
class Claimed:
    """A mail that may have arrived, and the claim it was handed over under."""

    mail: Handover
    claim: Entry

    @property
    def who(self) -> set[str]:
        return _who(self.claim)


@dataclass
class Books:
    """Both logs, put together. `also_known_as`: {cart's id: another address it was bought under}."""

    handovers: list[Handover]
    entries: list[Entry]
    also_known_as: Mapping[int, str]
    without_claim: int = 0
    claimed: list[Claimed] = field(default_factory=list)
    purchases: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        claims: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.kind == CLAIM:
                claims[entry.message].append(entry)
            elif entry.kind == PURCHASE:
                for key in self._buyers(entry):
                    self.purchases[key].append(entry)
        for mail in self.handovers:
            own = claims[mail.message][mail.attempt - 1 : mail.attempt]
            self.without_claim += not own
            self.claimed += [Claimed(mail, claim) for claim in own]

    def _buyers(self, entry: Entry) -> set[str]:
        other = self.also_known_as.get(entry.cart or 0, "")
        return _who(entry) | ({normalized_email(other)} if other else set())

    def purchases_of(self, one: Claimed) -> list[Entry]:
        """Those that concern this mail: of the same person, since somebody was at the cart last."""
        found = {entry.number: entry for key in one.who for entry in self.purchases.get(key, ())}
        return [entry for entry in found.values() if _is_since(entry, one.claim.touched)]


def _who(entry: Entry) -> set[str]:
    """The cart itself, its address and its telephone."""
    return {f"cart {entry.cart}", normalized_email(entry.email), normalized_phone(entry.phone)} - {""}


def _is_since(entry: Entry, touched: datetime | None) -> bool:
    return bool(entry.moment and touched and entry.moment >= touched)


def broken(books: Books, *, gap: timedelta) -> dict[str, list[Handover]]:
    """{rule: the mails that broke it}"""
    return {
        AFTER_PURCHASE: [one.mail for one in books.claimed if _is_bought(one, books)],
        TWICE: list(_twice(books.claimed)),
        TO_SUPPRESSED: list(_to_suppressed(books)),
        TOO_CLOSE: list(_too_close(books.handovers, gap)),
    }


def _is_bought(one: Claimed, books: Books) -> bool:
    return any(one.claim.shows(entry) for entry in books.purchases_of(one))


def _may_have_arrived(mail: Handover) -> bool:
    """As the shop must see it: a clear refusal is the only no."""
    return mail.has_arrived or "before" in mail.answer


def _twice(claimed: Iterable[Claimed]) -> Iterable[Handover]:
    """The subject names the step and the cart; the same again is another spell only if somebody was at the cart."""
    seen: set[tuple[str, datetime | None]] = set()
    for one in claimed:
        what = one.mail.subject, one.claim.touched
        if what in seen:
            yield one.mail
        elif _may_have_arrived(one.mail):
            seen.add(what)


def _to_suppressed(books: Books) -> Iterable[Handover]:
    suppressed = {entry.person: entry for entry in books.entries if entry.kind == SUPPRESSION}
    for one in books.claimed:
        entry = suppressed.get(email_key(one.mail.recipient))
        if entry and one.claim.shows(entry):
            yield one.mail


def _too_close(handovers: Iterable[Handover], gap: timedelta) -> Iterable[Handover]:
    last: dict[str, datetime] = {}
    for mail in handovers:
        address = normalized_email(mail.recipient)
        if not mail.has_arrived:
            continue
        if address in last and mail.moment - last[address] < gap:
            yield mail
        last[address] = mail.moment


def story_of(mail: Handover) -> int:
    """The cart's number in the script."""
    return int(mail.subject.rpartition(" ")[2])


def is_at_night(moment: datetime, country: str) -> bool:
    """From 21:00 until 8:00 where they live; where nobody knows, where the shop is."""
    return not QUIET_UNTIL <= moment.astimezone(ZoneInfo(ZONES[country])).hour < QUIET_FROM


@dataclass(frozen=True)
class Races:
    """Mails and purchases of one person within the same simulated moment: which came first?"""

    mail_first: int
    at_the_same_instant: int  # PostgreSQL: the purchase was being written while the mail was claimed


def races(books: Books) -> Races:
    mail_first = at_once = 0
    for one in books.claimed:
        same = [each for each in books.purchases_of(one) if each.moment == one.claim.moment]
        later = [each for each in same if not one.claim.shows(each)]
        mail_first += bool(later)
        at_once += any(str(each.transaction) in one.claim.snapshot.split(":")[-1].split(",") for each in later)
    return Races(mail_first, at_once)


def by_period(found: Mapping[str, list[Handover]], outage_ends_at: datetime) -> dict[str, Counter[str]]:
    """{rule: {period: how many}}"""
    return {rule: Counter(PERIODS[mail.moment >= outage_ends_at] for mail in mails) for rule, mails in found.items()}
