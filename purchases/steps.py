"""The steps of a purchase, in order. Each is done once, however often it is begun: see purchases.services."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import astuple
from datetime import timedelta

from django.utils import timezone

from common.errors import DomainError, ErrorCode
from common.transactions import in_transaction
from prepaid import services as prepaid
from purchases import lanes, resolving, sentences, services, told
from purchases.models import Purchase
from purchases.sellers import known_of, seller_of
from purchases.services import Sold
from purchases.states import Step
from purchases.told import Refused

TRY_AGAIN_FOR = timedelta(seconds=60)  # a host that does not answer at the moment


def guard(purchase: Purchase) -> None:
    _must_be_in_use(purchase)
    account = prepaid.account_of(purchase.key)
    told.most_in(account.currency, told.read(purchase))
    services.step_done(purchase, f"Allowed to {purchase.key}.", to=Step.RESOLVE)


def _must_be_in_use(purchase: Purchase) -> None:
    """Asked again wherever money moves: a key may be revoked at any moment."""
    purchase.key.refresh_from_db(fields=["revoked_at"])
    if purchase.key.is_revoked:
        raise Refused(f"The API key was revoked. {sentences.NOTHING_CHARGED}")


def resolve(purchase: Purchase) -> None:
    url = told.address(purchase)
    with lanes.outside(purchase.key_id) if resolving.is_elsewhere(url) else nullcontext():
        found = resolving.resolve(url)
    if isinstance(found, resolving.NotBuyable):
        if found.is_temporary and timezone.now() < purchase.created_at + TRY_AGAIN_FOR:
            raise DomainError(ErrorCode.BUSY)
        raise Refused(found.note)
    note, known = known_of(found)
    services.step_done(purchase, note, to=Step.CHOOSE, known=known)


def choose(purchase: Purchase) -> None:
    seller_of(purchase).choose(purchase, told.read(purchase))


def fill(purchase: Purchase) -> None:
    seller_of(purchase).fill(purchase, told.read(purchase))


def quote(purchase: Purchase) -> None:
    amount, currency = seller_of(purchase).quote(purchase)
    most = told.most_in(currency, told.read(purchase))
    if most is not None and amount > most:
        raise Refused(
            f"It comes to {sentences.money(amount, currency)}, which is more than user_data.max_amount "
            f"({sentences.money(most, currency)}). {sentences.NOTHING_CHARGED}"
        )
    _set_aside(purchase, amount, currency)


@in_transaction
def _set_aside(purchase: Purchase, amount: int, currency: str) -> None:
    row = services.locked(purchase)
    _must_be_in_use(row)
    account = prepaid.account_of(row.key)
    prepaid.hold(account.pk, reference=row.source, amount=amount, currency=currency)
    note = f"{sentences.money(amount, currency)}, set aside."
    services.advance(row, note, to=Step.PAY, quoted_amount=amount, currency=currency)


def pay(purchase: Purchase) -> None:
    _must_be_in_use(purchase)  # one that paid already is looked at, not refused: see services.fail
    sold = seller_of(purchase).pay(purchase)
    if Purchase.objects.filter(pk=purchase.pk, step=Step.PAY).exists():  # what is free has ended with its order
        known = purchase.known | {"sold": astuple(sold)}
        services.step_done(purchase, f"Order {sold.reference} is paid.", to=Step.REPORT, known=known)


def report(purchase: Purchase) -> None:
    services.complete(purchase, Sold(*purchase.known["sold"]))


STEPS: dict[str, Callable[[Purchase], None]] = {
    Step.GUARD: guard,
    Step.RESOLVE: resolve,
    Step.CHOOSE: choose,
    Step.FILL: fill,
    Step.QUOTE: quote,
    Step.PAY: pay,
    Step.REPORT: report,
}
