"""Which days' figures a change touches: a cart counts on the day it was first abandoned, and its recovery too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from carts.models import Cart, ChangedCohort, RemovedCohort
from carts.states import CartStatus
from common.changes import LATE

_QUARTER = timedelta(minutes=15)  # no time zone's day begins between two quarters of an hour


def note_change(cart_id: int, first_abandoned_at: datetime | None) -> None:
    """In the transaction of the change, so that both are seen or neither. Nothing for a cart that was never left."""
    if first_abandoned_at is not None:
        ChangedCohort.objects.create(first_abandoned_at=first_abandoned_at, cart_id=cart_id)


def note_late(firsts: Iterable[datetime], *, now: datetime) -> None:
    """Of carts that were found abandoned only now, long after they first were. In the transaction that marked them."""
    quarters = {_quarter(at) for at in firsts if at < now - LATE}
    if quarters:
        ChangedCohort.objects.bulk_create(ChangedCohort(first_abandoned_at=at) for at in sorted(quarters))


def keep_sums(carts: QuerySet[Cart]) -> None:
    """Of carts that are about to be removed, so that their days' figures stay: in the same transaction.

    In two statements.
    """
    sums: dict[tuple[datetime, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    rows = carts.filter(first_abandoned_at__isnull=False)
    for at, currency, status, amount in rows.values_list(
        "first_abandoned_at", "currency", "status", "abandoned_amount"
    ):
        assert at is not None  # noqa: S101 - asked for
        recovered = int(status == CartStatus.RECOVERED)
        figures = (1, recovered, amount, recovered * amount)
        own = sums[_quarter(at), currency]
        own[:] = [total + figure for total, figure in zip(own, figures, strict=True)]
    RemovedCohort.objects.bulk_create(
        RemovedCohort(
            quarter=quarter,
            currency=currency,
            abandoned=abandoned,
            recovered=recovered,
            abandoned_amount=abandoned_amount,
            recovered_amount=recovered_amount,
        )
        for (quarter, currency), (abandoned, recovered, abandoned_amount, recovered_amount) in sorted(sums.items())
    )


def _quarter(at: datetime) -> datetime:
    return at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % _QUARTER
