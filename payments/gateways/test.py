"""The `test` gateway: behaves like a real one, keeps its own books, needs no network. The instrument chooses the
outcome, so that tests, demo and documents need no mocks:

    tok_visa... tok_mastercard... tok_amex...    taken
    tok_chargeDeclined...                        a clear no, with its code
    tok_threeDSecureRequired                     the shopper has to approve, on our own stand-in page
    tok_late, tok_lateDeclined                   done, but the answer is lost on the way back
    tok_lost                                     the request never arrives
    tok_twice                                    taken, and said twice
    tok_otherAmount                              taken, but more than asked: the payment comes to review
    tok_currencyRefused                          not possible in this currency
MobilePay and PayPal have no token: the shopper approves on the stand-in page.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from common import rows
from outbox import services as outbox
from payments.gateways.base import (
    ChargeRequest,
    DeclineCode,
    GatewayRefund,
    GatewayRefused,
    GatewayResult,
    GatewayUnavailable,
    Outcome,
    RefundState,
)
from payments.models import TestCharge

NOTIFIED_EVENT = "test_gateway.notified"  # what a real gateway says by webhook

_TAKEN = ("tok_visa", "tok_mastercard", "tok_amex", "tok_late", "tok_twice")
_TAKEN_TOKEN = re.compile(rf"({'|'.join(_TAKEN)})[A-Za-z_]*[0-9]{{0,6}}")
_DECLINES = {
    "tok_chargeDeclined": DeclineCode.GENERIC,
    "tok_lateDeclined": DeclineCode.GENERIC,
    "tok_chargeDeclinedInsufficientFunds": DeclineCode.INSUFFICIENT_FUNDS,
    "tok_chargeDeclinedExpiredCard": DeclineCode.EXPIRED_CARD,
    "tok_chargeDeclinedIncorrectCvc": DeclineCode.INCORRECT_CVC,
}
_ACTION = "tok_threeDSecureRequired"
_OTHER_AMOUNT = "tok_otherAmount"
_MORE_THAN_ASKED = 100  # minor units
_ANSWER_IS_LOST = ("tok_late", "tok_lateDeclined")
_WITHOUT_TOKEN = ("mobilepay", "paypal")


def _taken_of(request: ChargeRequest) -> int:
    """What this gateway takes, where it takes anything: minor units."""
    return request.amount + (_MORE_THAN_ASKED if request.instrument == _OTHER_AMOUNT else 0)


def _pending(charge: TestCharge) -> int:
    return sum(kept["amount"] for kept in charge.refunds if kept["state"] == RefundState.PENDING)


class TestGateway:
    __test__ = False  # its name begins like a test's
    refunds_pend = False  # for tests: a refund waits for `settle_refund`

    def understands(self, instrument: str) -> bool:
        named = {*_DECLINES, _ACTION, _OTHER_AMOUNT, "tok_lost", "tok_currencyRefused"}
        return instrument in named or bool(_TAKEN_TOKEN.fullmatch(instrument))

    def card_of(self, instrument: str) -> str:
        return instrument if self.understands(instrument) else ""

    def prepare(self, request: ChargeRequest) -> GatewayResult:
        result = self._charge(replace(request, instrument=_ACTION), captures_at_once=True)
        secret = hashlib.sha256(f"secret of {request.key}".encode()).hexdigest()[:24]
        return replace(result, action_url="", client_secret=f"pi_{result.reference}_secret_{secret}")

    def host(self, request: ChargeRequest) -> GatewayResult:
        return self._charge(replace(request, instrument=_ACTION), captures_at_once=True)

    def authorize(self, request: ChargeRequest) -> GatewayResult:
        return self._charge(request, captures_at_once=False)

    def purchase(self, request: ChargeRequest) -> GatewayResult:
        return self._charge(request, captures_at_once=True)

    def _charge(self, request: ChargeRequest, *, captures_at_once: bool) -> GatewayResult:
        if request.instrument == "tok_lost":
            raise GatewayUnavailable("The connection broke before the request arrived.")
        charge, is_new = self._book(request, captures_at_once=captures_at_once)
        if (charge.amount, charge.currency) != (_taken_of(request), request.currency):
            raise GatewayRefused("This key was used for another amount.")
        if is_new and request.instrument in _ANSWER_IS_LOST:
            raise GatewayUnavailable("The connection broke before the answer came back.")
        return self._result(charge)

    def _book(self, request: ChargeRequest, *, captures_at_once: bool) -> tuple[TestCharge, bool]:
        """The charge of this key, and whether it is a new one."""
        outcome, decline_code = self._decide(request)
        amount = _taken_of(request)
        charge = TestCharge(
            key=request.key,
            reference="test_" + hashlib.sha256(request.key.encode()).hexdigest()[:24],
            provider=request.provider,
            outcome=Outcome.AUTHORIZED if outcome == Outcome.CAPTURED and not captures_at_once else outcome,
            currency=request.currency,
            amount=amount,
            captured_amount=amount if outcome == Outcome.CAPTURED and captures_at_once else 0,
            captures_at_once=captures_at_once,
            decline_code=decline_code,
            return_url=request.return_url,
        )
        try:
            with transaction.atomic():
                rows.insert(charge)
                if request.instrument == "tok_twice":
                    outbox.record(NOTIFIED_EVENT, {"reference": charge.reference})
        except IntegrityError:  # asked before under this key
            return TestCharge.objects.get(key=request.key), False
        return charge, True

    def _decide(self, request: ChargeRequest) -> tuple[Outcome, str]:
        if request.instrument == "tok_currencyRefused":
            raise GatewayRefused(f"{request.provider} does not take {request.currency}.")
        if request.provider in _WITHOUT_TOKEN or request.instrument == _ACTION:
            return Outcome.REQUIRES_ACTION, ""
        if request.instrument in _DECLINES:
            return Outcome.DECLINED, _DECLINES[request.instrument]
        if request.instrument == _OTHER_AMOUNT or request.instrument.startswith(_TAKEN):
            return Outcome.CAPTURED, ""
        raise GatewayRefused("This token is not known.")

    def _result(self, charge: TestCharge) -> GatewayResult:
        waits = charge.outcome == Outcome.REQUIRES_ACTION
        return GatewayResult(
            outcome=Outcome(charge.outcome),
            reference=charge.reference,
            amount=charge.amount,
            currency=charge.currency,
            captured_amount=charge.captured_amount,
            refunded_amount=charge.refunded_amount - _pending(charge),
            refunds=tuple(GatewayRefund(**{**kept, "state": RefundState(kept["state"])}) for kept in charge.refunds),
            decline_code=charge.decline_code,
            message="Your card was declined." if charge.outcome == Outcome.DECLINED else "",
            action_url=settings.BASE_URL + reverse("test_gateway", args=[charge.reference]) if waits else "",
        )

    @transaction.atomic
    def capture(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        charge = self._locked(reference)
        if key not in charge.done_keys:
            if charge.outcome != Outcome.AUTHORIZED or not 0 < amount <= charge.amount:
                raise GatewayRefused("There is nothing held that could be captured.")
            charge.outcome, charge.captured_amount = Outcome.CAPTURED, amount
            self._done(charge, key)
        return self._result(charge)

    @transaction.atomic
    def void(self, reference: str, *, key: str) -> GatewayResult:
        charge = self._locked(reference)
        if key not in charge.done_keys:
            if charge.outcome not in {Outcome.AUTHORIZED, Outcome.REQUIRES_ACTION}:
                raise GatewayRefused("Only what is held or still waits can be voided.")
            charge.outcome = Outcome.VOIDED
            self._done(charge, key)
        return self._result(charge)

    @transaction.atomic
    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        charge = self._locked(reference)
        if key not in charge.done_keys:
            self._pay_back(charge, amount, key)
            self._done(charge, key)
        return self._result(charge)

    def _pay_back(self, charge: TestCharge, amount: int, key: str) -> None:
        if not 0 < amount <= charge.captured_amount - charge.refunded_amount:
            raise GatewayRefused("More than is left of the payment.")
        charge.refunded_amount += amount
        reference = f"{charge.reference}_refund_{len(charge.refunds) + 1}"
        state = RefundState.PENDING if self.refunds_pend else RefundState.DONE
        charge.refunds.append({"reference": reference, "key": key, "amount": amount, "state": state})

    @transaction.atomic
    def refund_by_hand(self, reference: str, *, amount: int) -> None:
        """As a merchant does in a gateway's own pages."""
        charge = self._locked(reference)
        self._pay_back(charge, amount, key="")
        charge.save()
        outbox.record(NOTIFIED_EVENT, {"reference": charge.reference})

    @transaction.atomic
    def settle_refund(self, reference: str, number: int, state: RefundState) -> None:
        """What the shopper's bank makes of a charge's refund, counted from 0."""
        charge = self._locked(reference)
        kept = charge.refunds[number]
        if state == RefundState.FAILED and kept["state"] != state:
            charge.refunded_amount -= kept["amount"]
            kept["message"] = "The bank sent the money back."
        kept["state"] = state
        charge.save()
        outbox.record(NOTIFIED_EVENT, {"reference": charge.reference})

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:  # noqa: ARG002
        by = {"reference": reference} if reference else {"key": key}
        charge = TestCharge.objects.filter(**by).first()
        return self._result(charge) if charge else GatewayResult(outcome=Outcome.UNKNOWN)

    def _locked(self, reference: str) -> TestCharge:
        charge = TestCharge.objects.select_for_update().filter(reference=reference).first()
        if charge is None:
            raise GatewayRefused("This payment is not known.")
        return charge

    def _done(self, charge: TestCharge, key: str) -> None:
        charge.done_keys.append(key)
        charge.save()

    @transaction.atomic
    def answer_shopper(self, reference: str, *, approves: bool) -> str:
        """The shopper's answer on the stand-in page; where the browser goes next. A second answer changes nothing."""
        charge = self._locked(reference)
        if charge.outcome == Outcome.REQUIRES_ACTION:
            if not approves:
                charge.outcome, charge.decline_code = Outcome.DECLINED, DeclineCode.CANCELED_BY_SHOPPER
            elif charge.captures_at_once:
                charge.outcome, charge.captured_amount = Outcome.CAPTURED, charge.amount
            else:
                charge.outcome = Outcome.AUTHORIZED
            charge.save()
            outbox.record(NOTIFIED_EVENT, {"reference": charge.reference})
        return charge.return_url
