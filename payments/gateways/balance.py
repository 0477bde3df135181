"""A prepaid balance as a gateway: its books are `prepaid`, in this database. The instrument names the money that was
set aside for the purchase; charging it settles that hold, refunding brings money back to the balance.

A hold that was given back is a clear no, for good: so whoever gives it back first knows that nothing will be charged.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from common.errors import DomainError, ErrorCode
from payments.gateways.base import (
    ChargeRequest,
    GatewayRefund,
    GatewayRefused,
    GatewayResult,
    GatewayUnavailable,
    Outcome,
    RefundState,
)
from prepaid import services as prepaid
from prepaid.models import Hold
from prepaid.states import EntryKind, HoldStatus

NOT_HELD = "not_held"  # ours, no bank's: nothing is set aside for this purchase (any more)
_PREFIX = "hold_"


class BalanceGateway:
    def understands(self, instrument: str) -> bool:  # noqa: ARG002
        """Nobody pays with a balance by a card token."""
        return False

    def card_of(self, instrument: str) -> str:  # noqa: ARG002
        return ""

    def prepare(self, request: ChargeRequest) -> GatewayResult:  # noqa: ARG002
        _not_possible()

    def host(self, request: ChargeRequest) -> GatewayResult:  # noqa: ARG002
        _not_possible()

    def authorize(self, request: ChargeRequest) -> GatewayResult:  # noqa: ARG002
        _not_possible()  # the hold is there already

    def purchase(self, request: ChargeRequest) -> GatewayResult:
        hold = Hold.objects.select_related("account").filter(reference=request.instrument).first()
        if hold is None or (hold.amount, hold.account.currency) != (request.amount, request.currency):
            return _no(request)
        settled = _or_unavailable(lambda: prepaid.settle(request.instrument, charge_key=request.key))
        return _result(settled) if settled.charge_key == request.key else _no(request)

    def capture(self, reference: str, *, amount: int, key: str) -> GatewayResult:  # noqa: ARG002
        _not_possible()

    def void(self, reference: str, *, key: str) -> GatewayResult:  # noqa: ARG002
        _not_possible()

    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        hold = _hold_of(reference)
        if hold is None:
            raise GatewayRefused("This payment is not known.")
        try:
            return _result(_or_unavailable(lambda: prepaid.refund(hold.reference, amount=amount, key=key)))
        except DomainError as error:
            raise GatewayRefused("More than is left of the payment.") from error

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:  # noqa: ARG002
        found = _hold_of(reference) if reference else _charged_by(key)
        return GatewayResult(outcome=Outcome.UNKNOWN) if found is None else _result(found)


def _not_possible() -> NoReturn:
    raise GatewayRefused("A balance is charged at once, and for what is set aside.")


def _or_unavailable(act: Callable[[], Hold]) -> Hold:
    """Busy is no answer: the payment is asked about later."""
    try:
        return act()
    except DomainError as error:
        if error.code is ErrorCode.BUSY:
            raise GatewayUnavailable("The balance is busy.") from error
        raise


def _no(request: ChargeRequest) -> GatewayResult:
    return GatewayResult(
        outcome=Outcome.DECLINED,
        decline_code=NOT_HELD,
        message="Nothing is set aside for this purchase.",
        amount=request.amount,
        currency=request.currency,
    )


def _hold_of(reference: str) -> Hold | None:
    number = reference.removeprefix(_PREFIX)
    if not (number.isascii() and number.isdigit()):
        return None
    return _settled(pk=number)


def _charged_by(key: str) -> Hold | None:
    return _settled(charge_key=key)


def _settled(**by: str) -> Hold | None:
    return Hold.objects.select_related("account").filter(status=HoldStatus.SETTLED, **by).first()


def _result(hold: Hold) -> GatewayResult:
    return GatewayResult(
        outcome=Outcome.CAPTURED,
        reference=f"{_PREFIX}{hold.pk}",
        amount=hold.amount,
        currency=hold.account.currency,
        captured_amount=hold.amount,
        refunded_amount=hold.refunded_amount,
        refunds=_refunds(hold),
    )


def _refunds(hold: Hold) -> tuple[GatewayRefund, ...]:
    if not hold.refunded_amount:
        return ()
    entries = hold.entries.filter(kind=EntryKind.REFUND).order_by("id")
    return tuple(
        GatewayRefund(f"entry_{entry.pk}", entry.balance_change, RefundState.DONE, key=entry.key) for entry in entries
    )
