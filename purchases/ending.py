"""The end of a purchase whose time is over, or that somebody else has paid meanwhile.

The money that is held decides, under the balance's lock: given back, nothing can be charged any more and the purchase
has failed; spent, what it was spent on is looked at, and the purchase has come to that.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from django.conf import settings
from django.utils import timezone

from common.errors import DomainError, ErrorCode
from purchases import queries, services
from purchases.models import Purchase
from purchases.sellers import seller_of
from purchases.sentences import NOTHING_CHARGED
from purchases.services import ASKED, Charged, Overtaken, Sold
from purchases.states import Step
from purchases.told import Refused

logger = logging.getLogger(__name__)
_BOUGHT_NOTHING = "It could no longer be had when it was paid. What was charged goes back to the balance."


def end_overdue(purchase: Purchase) -> None:
    """Raises DomainError(BUSY) where a charge has begun and nobody knows yet: it ends a moment later."""
    seconds = settings.PURCHASE_DEADLINE_SECONDS
    with suppress(Overtaken):
        if purchase.step == Step.REPORT:  # bought and paid; only its end was not written
            services.complete(purchase, Sold(*purchase.known["sold"]))
            return
        try:
            services.fail(purchase, f"It was not done within {seconds} seconds. {NOTHING_CHARGED}")
        except Charged:
            settle(purchase)


def settle(purchase: Purchase) -> None:
    """What was held is spent, or its seller was asked: completed where it bought something, failed where it did not.

    Raises Overtaken, DomainError(BUSY).
    """
    try:
        sold = seller_of(purchase).outcome(purchase)
    except Refused as unknown:
        services.fail(purchase, unknown.note, is_looked_at=True)
        logger.error("%s: %s", purchase, unknown.note)
        return
    if sold is not None:
        services.complete(purchase, sold)
    else:
        services.fail(purchase, _BOUGHT_NOTHING, is_looked_at=True)


def sweep(*, limit: int = 100) -> int:
    """Ends those whose time is over, however their workers fared. How many were looked at.

    Those last for which another shop has to be asked: it may take its time.
    """
    due = list(queries.overdue(timezone.now()).select_related("key")[:limit])
    for purchase in sorted(due, key=lambda one: bool(one.known.get(ASKED))):
        try:
            end_overdue(purchase)
        except DomainError as error:
            if error.code is not ErrorCode.BUSY:
                logger.exception("%s could not be ended.", purchase)
        except Exception:  # one's trouble must not keep the others waiting
            logger.exception("%s could not be ended.", purchase)
    return len(due)
