"""The end of a purchase whose time is over, or that somebody else has paid meanwhile.

The money that is held decides, under the balance's lock: given back, nothing can be charged any more and the purchase
has failed; spent, what it was spent on is looked at, and the purchase has come to that.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from purchases import queries, services
from purchases.models import Purchase
from purchases.sellers import seller_of
from purchases.sentences import NOTHING_CHARGED
from purchases.services import Charged, Overtaken

logger = logging.getLogger(__name__)


def end_overdue(purchase: Purchase) -> None:
    """Raises DomainError(BUSY) where a charge has begun and nobody knows yet: it ends a moment later."""
    seconds = settings.PURCHASE_DEADLINE_SECONDS
    with suppress(Overtaken):
        try:
            services.fail(purchase, f"It was not done within {seconds} seconds. {NOTHING_CHARGED}")
        except Charged:
            settle(purchase)


def settle(purchase: Purchase) -> None:
    """What was held is spent: completed where it bought something, failed where that money goes back.

    Raises Overtaken, DomainError(BUSY).
    """
    sold = seller_of(purchase).outcome(purchase)
    if sold is not None:
        services.complete(purchase, sold)
    else:
        note = "It was paid, and could no longer be delivered: what was charged goes back to the balance."
        services.fail(purchase, note, is_looked_at=True)


def sweep(*, limit: int = 100) -> int:
    """Ends those whose time is over, however their workers fared. How many were looked at."""
    due = list(queries.overdue(timezone.now()).select_related("key")[:limit])
    for purchase in due:
        try:
            end_overdue(purchase)
        except Exception:  # one's trouble must not keep the others waiting
            logger.exception("%s could not be ended.", purchase)
    return len(due)
