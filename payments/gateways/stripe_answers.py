"""What a PaymentIntent or a Checkout Session says, in our words."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from payments.gateways.base import DeclineCode, GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.stripe_refunds import listed, with_refunds
from payments.gateways.stripe_words import OUTCOMES, decline_code, decline_sentence, from_stripe

logger = logging.getLogger(__name__)

CHARGE = "latest_charge"  # has the totals captured and refunded; always asked for with the intent
REFUNDS = f"{CHARGE}.refunds"  # asked for in its stead where there may be some: the charge comes along
SHOPPER_CONFIRMS = "shopper_confirms"  # in metadata: the browser confirms, and may try again after a decline
HOSTED = "hosted"  # in metadata: the intent of a Checkout Session, whose id is the payment's reference


def result_of(intent: Any, *, client_secret: str = "") -> GatewayResult:
    """Of an intent with its charge expanded, the SDK's or a dictionary. Raises GatewayUnavailable for all else."""
    try:
        return _result(intent if isinstance(intent, dict) else intent.to_dict(), client_secret)
    except (KeyError, TypeError, AttributeError) as error:
        logger.error("Stripe's answer is not the one its version has: %s", type(error).__name__)
        raise GatewayUnavailable("Stripe's answer makes no sense.") from None


def _result(intent: dict[str, Any], client_secret: str) -> GatewayResult:
    currency = intent["currency"].upper()
    outcome = _outcome(intent)
    is_taken = outcome == Outcome.CAPTURED
    captured, refunded = _totals(intent) if is_taken else (0, 0)
    waits = outcome == Outcome.REQUIRES_ACTION
    code, sentence = why(intent["last_payment_error"]) if _has_failed(intent) else ("", "")
    result = GatewayResult(
        outcome=outcome,
        reference=intent["id"],
        amount=from_stripe(intent["amount"], currency),
        currency=currency,
        captured_amount=from_stripe(captured, currency),
        refunded_amount=from_stripe(refunded, currency),
        decline_code=code,
        message=sentence,
        action_url=_action_url(intent) if waits else "",
        client_secret=client_secret,
        card_fingerprint=_fingerprint(intent),
        attempt=_charge_id(intent) if code else "",
    )
    refunds = intent[CHARGE].get("refunds") if is_taken else None
    return with_refunds(result, listed(refunds["data"], currency)) if refunds else result


def _outcome(intent: dict[str, Any]) -> Outcome:
    if intent["status"] not in OUTCOMES:
        logger.error("Stripe's intent %s has a status we do not know: %s", intent["id"], intent["status"])
        raise GatewayUnavailable("Stripe says something new of this payment.")
    if _has_failed(intent) and SHOPPER_CONFIRMS not in (intent.get("metadata") or {}):
        return Outcome.DECLINED
    return OUTCOMES[intent["status"]]


def _has_failed(intent: dict[str, Any]) -> bool:
    return intent["status"] == "requires_payment_method" and bool(intent.get("last_payment_error"))


def _fingerprint(intent: dict[str, Any]) -> str:
    """The same for the same card on this account; '' where Stripe does not tell, or it was no card."""
    charge, error = intent.get(CHARGE), intent.get("last_payment_error") or {}
    taken = charge.get("payment_method_details") if isinstance(charge, dict) else None
    method = error.get("payment_method") if _has_failed(intent) else taken
    return ((method or {}).get("card") or {}).get("fingerprint") or ""


def _charge_id(intent: dict[str, Any]) -> str:
    charge = intent.get(CHARGE)
    return (charge.get("id") if isinstance(charge, dict) else charge) or ""


def _totals(intent: dict[str, Any]) -> tuple[int, int]:
    """(captured, refunded) in Stripe's units. The intent alone does not know what was paid back."""
    charge = intent.get(CHARGE)
    if not isinstance(charge, dict):
        raise GatewayUnavailable("Stripe took the payment, and did not say how much of it.")
    return charge["amount_captured"], charge["amount_refunded"]


def why(error: dict[str, Any]) -> tuple[str, str]:
    """(our decline code, a sentence for the shopper)"""
    code = decline_code(error.get("code") or "", error.get("decline_code") or "")
    method = (error.get("payment_method") or {}).get("type", "card")
    return code, decline_sentence(code, is_card=method == "card")


def _action_url(intent: dict[str, Any]) -> str:
    action = intent.get("next_action") or {}
    return (action.get("redirect_to_url") or {}).get("url") or ""


def result_of_session(session: Any) -> GatewayResult:
    """Of a Checkout Session with its intent and that one's charge expanded. Its id is the payment's reference."""
    try:
        return _session_result(session if isinstance(session, dict) else session.to_dict())
    except (KeyError, TypeError, AttributeError) as error:
        logger.error("Stripe's session is not the one its version has: %s", type(error).__name__)
        raise GatewayUnavailable("Stripe's answer makes no sense.") from None


def _session_result(session: dict[str, Any]) -> GatewayResult:
    status, is_paid = session["status"], session["payment_status"] == "paid"
    if is_paid or status == "complete":
        return _of_its_intent(session)
    currency = session["currency"].upper()
    waiting = GatewayResult(
        outcome=Outcome.REQUIRES_ACTION,
        reference=session["id"],
        amount=from_stripe(session["amount_total"], currency),
        currency=currency,
        action_url=session["url"] or "",
    )
    if status == "open":
        return waiting
    if status == "expired":
        no = DeclineCode.CANCELED_BY_SHOPPER
        return replace(waiting, outcome=Outcome.VOIDED, action_url="", decline_code=no)
    raise KeyError(status)


def _of_its_intent(session: dict[str, Any]) -> GatewayResult:
    """The shopper is done with the page: nothing more is asked of them, whatever the intent waits for."""
    result = replace(_result(session["payment_intent"], ""), reference=session["id"], action_url="")
    waits = result.outcome == Outcome.REQUIRES_ACTION
    return replace(result, outcome=Outcome.PROCESSING) if waits else result
