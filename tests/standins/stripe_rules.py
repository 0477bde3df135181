"""The Stripe stand-in's refusals, and the cards of Stripe's own test mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

GOOD = ("visa", "mastercard", "amex", "visa_debit")
# Name in Stripe's test tokens and methods (docs.stripe.com/testing) -> (code, decline code).
DECLINES = {
    "chargeDeclined": ("card_declined", "generic_decline"),
    "chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "chargeDeclinedFraudulent": ("card_declined", "fraudulent"),
    "chargeDeclinedVelocityLimitExceeded": ("card_declined", "card_velocity_exceeded"),
    "chargeDeclinedExpiredCard": ("expired_card", ""),
    "chargeDeclinedIncorrectCvc": ("incorrect_cvc", ""),
    "chargeDeclinedProcessingError": ("processing_error", ""),
}
NEEDS_ACTION = ("threeDSecureRequired", "threeDSecure2Required", "authenticationRequired")
MOBILEPAY_CURRENCIES = ("dkk", "eur", "nok", "sek")


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str, *, kind: str = "invalid_request_error", **more: Any):
        super().__init__(message)
        self.status = status
        self.error = {"type": kind, "code": code, "message": message, **more}


def card_name(instrument: str) -> str:
    """tok_visa, pm_card_visa -> visa; tok_visa_chargeDeclined -> chargeDeclined. Refuses what is no test card."""
    name = instrument.removeprefix("tok_").removeprefix("pm_card_")
    name = name.removeprefix("visa_") if name.startswith("visa_charge") else name
    if name not in {*GOOD, *DECLINES, *NEEDS_ACTION} or not instrument.startswith(("tok_", "pm_card_")):
        raise Refusal(400, "resource_missing", f"No such token: '{instrument}'", param="card[token]")
    return name


def whole(params: Mapping[str, str], name: str) -> int:
    text = params.get(name, "")
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise Refusal(400, "parameter_invalid_integer", "Invalid positive integer", param=name)
    return int(text)
