"""DECLINE_LIMIT: who was declined too often may not try again for a while, so that nobody tests stolen cards here.

Counted are clear refusals of a bank or wallet in a sliding window, for the client's address, the e-mail, the card and
the checkout (its order); each is kept as a keyed digest only. Successes, stock refusals and gateway faults never
count. Under parallel tries too, no more than the limit reach a gateway: payments under way count with the declines,
but only where there are declines already, so that an honest crowd behind one address is never hindered.

How that stays exact on PostgreSQL (SQLite's transactions take turns by themselves), each lock until its transaction
ends, all of them taken after every row lock:
- who tries shares a lock of each subject, then looks: as long as there are no declines, nobody waits for anybody;
- who was declined needs the same locks alone before the mark is written. So when a first mark is seen, every payment
  that was opened without seeing it is there to be counted;
- who tries and sees marks takes turns with the others who do, under a second lock, and counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from common.client import home_of
from common.errors import DomainError, ErrorCode
from orders.models import Order
from payments import decline_locks as locks
from payments.gateways.base import DeclineCode, GatewayResult
from payments.models import DeclineMark, Payment
from payments.states import OPEN, PaymentStatus

# What a bank or wallet said. Other codes are ours: a token it could not read, an order out of time, no secret to give.
_COUNTED = frozenset(DeclineCode) - {DeclineCode.CANCELED_BY_SHOPPER}


def subject_of(kind: str, value: str) -> str:
    """The keyed digest of a value; '' of none."""
    return salted_hmac("payments.declines", f"{kind}:{value}", algorithm="sha256").hexdigest() if value else ""


@dataclass(frozen=True)
class Subjects:
    """Who tries, as digests; '' where it is not known. All but the order may have several payments under way."""

    client: str
    email: str
    card: str
    order: str

    @property
    def all(self) -> list[str]:
        return [subject for subject in (self.client, self.email, self.card, self.order) if subject]

    @property
    def of_many(self) -> list[str]:
        return [subject for subject in (self.client, self.email, self.card) if subject]


def _subjects(order: Order, *, client: str, card: str) -> Subjects:
    email = subject_of("email", order.email.strip().lower())
    return Subjects(client=client, email=email, card=card, order=subject_of("order", str(order.pk)))


def client_subject(address: str) -> str:
    """Of an IPv4 address, or of the network that an IPv6 address was chosen from."""
    return subject_of("address", home_of(address))


def card_subject(fingerprint: str) -> str:
    return subject_of("card", fingerprint)


# --- before a try ---------------------------------------------------------------------------------
def admit(order: Order, *, client_address: str, card_fingerprint: str) -> Subjects:
    """Lets a try for the order begin, in the transaction that opens its payment and after all its row locks.

    One statement where nobody was declined. `card_fingerprint`: '' where only the gateway's answer tells it.
    Raises DomainError: TOO_MANY_DECLINES (retry_after, in seconds), BUSY when so many payments are under way that
    declines of them all would go over the limit.
    """
    subjects = _subjects(order, client=client_subject(client_address), card=card_subject(card_fingerprint))
    if locks.count_sharing(subjects.of_many, of=subjects.all, since=_window_begins()):
        _admit_in_turn(order, subjects)
    return subjects


def _admit_in_turn(order: Order, subjects: Subjects) -> None:
    everyone = {*subjects.all, *_cards_of(order)}
    locks.take_turns(everyone)
    under_way = _under_way(order, subjects)  # first these: one declined meanwhile is counted twice rather than never
    declined = locks.count(everyone, since=_window_begins())
    limit, _ = settings.DECLINE_LIMIT
    full = [subject for subject, count in declined.items() if count >= limit]
    if full:
        raise DomainError(ErrorCode.TOO_MANY_DECLINES, retry_after=_seconds_until_room(full))
    if any(count + under_way[subject] >= limit for subject, count in declined.items()):
        raise DomainError(ErrorCode.BUSY)


def _cards_of(order: Order) -> Iterable[str]:
    """The cards of the order's earlier tries: some gateways tell a card only with their answer."""
    return order.payments.exclude(card_subject="").values_list("card_subject", flat=True)


def _under_way(order: Order, subjects: Subjects) -> Counter[str]:
    """Payments of others that a gateway is being asked for at this moment, by subject."""
    found = Payment.objects.filter(status=PaymentStatus.CREATED, is_reported=False).exclude(order_id=order.pk)
    mine = Q(client_subject__in=subjects.of_many) | Q(card_subject__in=subjects.of_many)
    if order.email:
        mine |= Q(order__email__iexact=order.email)
    rows = found.filter(mine).order_by().values_list("client_subject", "card_subject", "order__email")
    counted: Counter[str] = Counter()
    for client, card, email in rows:
        counted.update({client, card, subject_of("email", email.strip().lower())})
    return counted


def _window_begins() -> datetime:
    return timezone.now() - timedelta(seconds=settings.DECLINE_LIMIT[1])


def _seconds_until_room(subjects: Iterable[str]) -> int:
    """Until so many marks have left the window that each of the subjects is below the limit."""
    limit, window = settings.DECLINE_LIMIT
    waits = [1.0]
    for subject in subjects:
        marks = DeclineMark.objects.filter(subject=subject).order_by("-at").values_list("at", flat=True)
        waits += [(at - timezone.now()).total_seconds() + window for at in marks[limit - 1 : limit]]
    return ceil(max(waits))


# --- after a try ----------------------------------------------------------------------------------
def hear(payment: Payment, result: GatewayResult, *, before: str) -> None:
    """Of every answer, with the payment's status before and after it: a decline is marked, once a try.

    Changes `card_subject` and `client_subject`, which the caller saves: nobody's address is kept, not even as a
    digest, once the payment is settled.
    """
    if result.card_fingerprint:
        payment.card_subject = card_subject(result.card_fingerprint)
    if _is_declined(payment, result, before):
        _mark(payment, result.attempt)
    if payment.status not in OPEN:
        payment.client_subject = ""


def _is_declined(payment: Payment, result: GatewayResult, before: str) -> bool:
    if result.decline_code not in _COUNTED:
        return False
    has_come_to_nothing = payment.status == PaymentStatus.DECLINED and before != PaymentStatus.DECLINED
    may_be_tried_again = payment.status in OPEN and bool(result.attempt)  # with another card, in the browser
    return has_come_to_nothing or may_be_tried_again


def _mark(payment: Payment, attempt: str) -> None:
    subjects = _subjects(payment.order, client=payment.client_subject, card=payment.card_subject)
    locks.take_alone(subjects.of_many)
    rows = [DeclineMark(subject=subject, payment=payment, attempt=attempt[:120]) for subject in subjects.all]
    DeclineMark.objects.bulk_create(rows, ignore_conflicts=True)


def purge(*, batch: int = 1000) -> int:
    """Removes marks that left the window, a batch at a time so that no lock is held long. Answers how many."""
    old = DeclineMark.objects.filter(at__lte=_window_begins())
    removed = 0
    while ids := list(old.values_list("pk", flat=True)[:batch]):
        removed += DeclineMark.objects.filter(pk__in=ids).delete()[0]
    return removed
