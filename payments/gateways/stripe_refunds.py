"""What Stripe lists of a charge's refunds, in our words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from payments.gateways.base import GatewayRefund, GatewayResult, RefundState
from payments.gateways.stripe_words import from_stripe

REFUND_KEY = "refund_key"  # in a refund's metadata: the idempotency key it was asked for with
SENT_ALONG = 10  # refunds that come with their charge, the newest; where there are as many, all are to be asked for
_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.DONE,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_NOT_PAID_BACK = "Stripe could not pay it back"


def listed(refunds: Iterable[dict[str, Any]], currency: str) -> tuple[GatewayRefund, ...]:
    return tuple(_told(refund, currency) for refund in refunds)


def with_refunds(result: GatewayResult, refunds: tuple[GatewayRefund, ...]) -> GatewayResult:
    """The answer with these as all of its refunds. Stripe's own total counts the pending ones too; ours does not."""
    done = sum(refund.amount for refund in refunds if refund.state == RefundState.DONE)
    return replace(result, refunded_amount=done, refunds=refunds)


def _told(refund: dict[str, Any], currency: str) -> GatewayRefund:
    state = _STATES.get(refund["status"], RefundState.PENDING)
    return GatewayRefund(
        reference=refund["id"],
        amount=from_stripe(refund["amount"], currency),
        state=state,
        key=(refund.get("metadata") or {}).get(REFUND_KEY) or "",
        message=_why(refund) if state == RefundState.FAILED else "",
    )


def _why(refund: dict[str, Any]) -> str:
    if refund["status"] == "canceled":
        return "It was called off at Stripe."
    reason = str(refund.get("failure_reason") or "").replace("_", " ")
    return f"{_NOT_PAID_BACK}: {reason}." if reason else f"{_NOT_PAID_BACK}."
