"""One purchase, step by step to its end; whoever comes after a crash goes on where it stopped."""

from __future__ import annotations

from contextlib import suppress

from django.utils import timezone

from common.crash import crash_point
from common.errors import DomainError, ErrorCode
from purchases import ending, sentences, services
from purchases.models import Purchase
from purchases.services import Charged, Overtaken
from purchases.steps import STEPS
from purchases.told import Refused


def work(purchase_id: int) -> None:
    """Raises what nobody foresaw, and DomainError(BUSY): to be called again then. Harmless when repeated."""
    while True:
        purchase = Purchase.objects.select_related("key").get(pk=purchase_id)
        if purchase.has_ended:
            return
        if purchase.deadline_at <= timezone.now():
            ending.end_overdue(purchase)
            return
        with suppress(Overtaken):  # a look at where it is now, and on
            _take(purchase)
        crash_point(f"purchase: after {purchase.step}")


def _take(purchase: Purchase) -> None:
    try:
        STEPS[purchase.step](purchase)
    except Refused as refusal:
        _fail(purchase, refusal.note)
    except DomainError as error:
        if error.code is ErrorCode.BUSY:
            raise
        _fail(purchase, sentences.of(error))


def _fail(purchase: Purchase, note: str) -> None:
    try:
        services.fail(purchase, note)
    except Charged:
        ending.settle(purchase)
