"""Money that others took and tell us of. It is never charged here: it is looked up and paid back, where that can be.

`paypal_capture`   PayPal vouches for it. A payment's reference is the capture's id.
`unverified`       nobody vouches for it: PayPal's keys are not set. It is taken at its word, and goes back by hand.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from payments.gateways import paypal_answers as answers
from payments.gateways.base import (
    ChargeRequest,
    GatewayRefund,
    GatewayRefused,
    GatewayResult,
    GatewayUnavailable,
    Outcome,
    RefundState,
)
from payments.gateways.paypal import look_up_capture
from payments.gateways.paypal_answers import Json, PayPalCapture, PayPalRefusal
from payments.gateways.paypal_connection import path, transport

UNKNOWN_CAPTURE = "unknown_capture"
_OUTCOMES = {
    "COMPLETED": Outcome.CAPTURED,
    "PARTIALLY_REFUNDED": Outcome.CAPTURED,
    "REFUNDED": Outcome.CAPTURED,
    "PENDING": Outcome.PROCESSING,
    "DECLINED": Outcome.DECLINED,
    "FAILED": Outcome.DECLINED,
}


class _Reported:
    """The verbs that nothing can be done with: the money was taken before we heard of it."""

    def understands(self, instrument: str) -> bool:  # noqa: ARG002
        return False

    def card_of(self, instrument: str) -> str:  # noqa: ARG002
        return ""

    def prepare(self, request: ChargeRequest) -> GatewayResult:  # noqa: ARG002
        _never()

    host = authorize = purchase = prepare

    def capture(self, reference: str, *, amount: int, key: str) -> GatewayResult:  # noqa: ARG002
        _never()

    def void(self, reference: str, *, key: str) -> GatewayResult:  # noqa: ARG002
        _never()


def _never() -> NoReturn:
    raise GatewayRefused("Others take this money; we are told of it.")


class UnverifiedGateway(_Reported):
    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:  # noqa: ARG002
        raise GatewayRefused("Reported and never verified: look for it at PayPal and pay it back there.")

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:  # noqa: ARG002
        raise GatewayUnavailable("Nobody can be asked about a payment that was never verified.")


class PayPalCaptureGateway(_Reported):
    """Looks up and pays back by capture id. Raises as payments.gateways.base says."""

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:  # noqa: ARG002
        capture = look_up_capture(reference)
        if capture is None or capture.id != reference:
            message = "PayPal does not know this capture."
            return GatewayResult(Outcome.DECLINED, reference, decline_code=UNKNOWN_CAPTURE, message=message)
        return _result(capture, answers.listed(_refunds_of(capture), {}))

    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        """Each refund carries the key, so that a repeat finds its own even after PayPal has forgotten its request
        ids."""
        capture = look_up_capture(reference)
        if capture is None:
            raise GatewayRefused("PayPal does not know this capture.")
        known = _refunds_of(capture)
        listed = answers.listed(known, {})
        if any(refund.key == key and refund.state != RefundState.FAILED for refund in listed):
            return _result(capture, listed)
        body = {"amount": answers.money(amount, capture.currency), "custom_id": key}
        said = transport().write(path("v2/payments/captures", reference, "refund"), body, key=key)
        now = look_up_capture(reference) or capture
        known = _refunds_of(now) or known
        if said.get("id") not in {one.get("id") for one in known}:
            known.append(said)
        return _result(now, answers.listed(known, {str(said.get("id")): key}))


def _result(capture: PayPalCapture, refunds: tuple[GatewayRefund, ...]) -> GatewayResult:
    outcome = _OUTCOMES.get(capture.status, Outcome.PROCESSING)
    done = sum(refund.amount for refund in refunds if refund.state == RefundState.DONE)
    return GatewayResult(
        outcome=outcome,
        reference=capture.id,
        amount=capture.amount,
        currency=capture.currency,
        captured_amount=capture.amount if outcome == Outcome.CAPTURED else 0,
        refunded_amount=capture.amount if capture.status == "REFUNDED" and not refunds else done,
        message=answers.DECLINED if outcome == Outcome.DECLINED else "",
        paid_under=capture.order_id,
        refunds=refunds,
    )


def _refunds_of(capture: PayPalCapture) -> list[Json]:
    """A capture tells that it was refunded; how much of it, only its order does. Empty where PayPal does not say under
    which order it was taken, or has put that order away."""
    if not capture.order_id:
        return []
    try:
        order = transport().ask(path("v2/checkout/orders", capture.order_id))
    except PayPalRefusal:
        return []
    is_only_one = len(answers.payments_of(order, "captures")) == 1
    return [
        refund
        for refund in answers.payments_of(order, "refunds")
        if answers.capture_of(refund) == capture.id or (is_only_one and not answers.capture_of(refund))
    ]
