"""Stripe's words and numbers, and ours: the tables of `payments.gateways.stripe`."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from common.money import exponent
from payments.gateways.base import DeclineCode, GatewayRefused, GatewayUnavailable, Outcome

# Decimals of an amount in Stripe's API, as docs.stripe.com/currencies says ("Supported currencies": "Zero-decimal
# currencies", "Three-decimal currencies", "Special cases"). All others have two. Where it differs from ISO 4217:
#   MGA       none at Stripe, two in our table
#   ISK, UGX  none in ISO, but Stripe wants two that are zeros: 5 ISK is 500
#   HUF, TWD  two for charges; they are whole in payouts only, which we never make
#   BHD, JOD, KWD, OMR, TND  three, of which the last must be 0
_WITHOUT_DECIMALS = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV"}
_WITHOUT_DECIMALS |= {"XAF", "XOF", "XPF"}
_IN_STEPS_OF_TEN = {"BHD", "JOD", "KWD", "OMR", "TND"}
_DECIMALS = dict.fromkeys(_WITHOUT_DECIMALS, 0) | dict.fromkeys(_IN_STEPS_OF_TEN, 3)

OUTCOMES = {
    "succeeded": Outcome.CAPTURED,
    "requires_capture": Outcome.AUTHORIZED,
    "processing": Outcome.PROCESSING,
    "requires_action": Outcome.REQUIRES_ACTION,
    "requires_confirmation": Outcome.REQUIRES_ACTION,
    "requires_payment_method": Outcome.REQUIRES_ACTION,  # DECLINED where it follows a failed try of ours
    "canceled": Outcome.VOIDED,
}

# docs.stripe.com/declines/codes and docs.stripe.com/error-codes. What is not here is a plain no.
_DECLINES = {
    "insufficient_funds": DeclineCode.INSUFFICIENT_FUNDS,
    "expired_card": DeclineCode.EXPIRED_CARD,
    "expired_payment_method": DeclineCode.EXPIRED_CARD,
    "invalid_expiry_month": DeclineCode.EXPIRED_CARD,
    "invalid_expiry_year": DeclineCode.EXPIRED_CARD,
    "incorrect_cvc": DeclineCode.INCORRECT_CVC,
    "invalid_cvc": DeclineCode.INCORRECT_CVC,
    "lost_card": DeclineCode.LOST_OR_STOLEN,
    "stolen_card": DeclineCode.LOST_OR_STOLEN,
    "pickup_card": DeclineCode.LOST_OR_STOLEN,
    "restricted_card": DeclineCode.LOST_OR_STOLEN,
    "authentication_required": DeclineCode.AUTHENTICATION_FAILED,
    "authentication_failure": DeclineCode.AUTHENTICATION_FAILED,
    "payment_intent_authentication_failure": DeclineCode.AUTHENTICATION_FAILED,
    "card_velocity_exceeded": DeclineCode.LIMIT_EXCEEDED,
    "withdrawal_count_limit_exceeded": DeclineCode.LIMIT_EXCEEDED,
    "charge_exceeds_transaction_limit": DeclineCode.LIMIT_EXCEEDED,
    "card_decline_rate_limit_exceeded": DeclineCode.LIMIT_EXCEEDED,
    "payment_method_customer_decline": DeclineCode.CANCELED_BY_SHOPPER,
}
# For the shopper. A lost, stolen or suspected card is told no more than a plain no, as Stripe asks.
_SENTENCES = {
    DeclineCode.GENERIC: _("Your card was declined."),
    DeclineCode.LOST_OR_STOLEN: _("Your card was declined."),
    DeclineCode.INSUFFICIENT_FUNDS: _("Your card has insufficient funds."),
    DeclineCode.EXPIRED_CARD: _("Your card has expired."),
    DeclineCode.INCORRECT_CVC: _("Your card's security code is incorrect."),
    DeclineCode.AUTHENTICATION_FAILED: _("The payment was not approved by you or your bank."),
    DeclineCode.LIMIT_EXCEEDED: _("Your card's limit is exceeded."),
    DeclineCode.CANCELED_BY_SHOPPER: _("The payment was not approved."),
}
_NOT_A_CARD = _("The payment was declined.")

_REFUSALS = {
    "token_already_used": _("This card token was used before."),
    "resource_missing": _("This card token or payment is not known."),
    "amount_too_small": _("This amount is too small for this way to pay."),
    "amount_too_large": _("This amount is too large for this way to pay."),
    "payment_intent_unexpected_state": _("The payment is in a state that does not allow this."),
    "charge_already_refunded": _("The payment was paid back already."),
}
_REFUSED = _("This way to pay is not possible here.")


def decline_code(code: str, issuers_code: str) -> DeclineCode:
    """Of an error's `code` and `decline_code`; the issuer's word is the more exact one."""
    return _DECLINES.get(issuers_code) or _DECLINES.get(code) or DeclineCode.GENERIC


def decline_sentence(code: DeclineCode, *, is_card: bool) -> str:
    return _SENTENCES[code] if is_card or code != DeclineCode.GENERIC else _NOT_A_CARD


def refusal_sentence(code: str) -> str:
    return _REFUSALS.get(code, _REFUSED)


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units (ISO 4217) in Stripe's. Raises GatewayRefused for what Stripe cannot express."""
    theirs, inexact = _rescaled(amount, by=_DECIMALS.get(currency, 2) - exponent(currency))
    if inexact or theirs < 1 or (currency in _IN_STEPS_OF_TEN and theirs % 10):
        raise GatewayRefused(_("This amount cannot be charged in this currency."))
    return theirs


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's minor units in ours. Raises GatewayUnavailable for a fraction of ours: it would be a guess."""
    ours, inexact = _rescaled(amount, by=exponent(currency) - _DECIMALS.get(currency, 2))
    if inexact:
        raise GatewayUnavailable("Stripe names a fraction of the currency's smallest unit.")
    return ours


def _rescaled(amount: int, *, by: int) -> tuple[int, int]:
    """`amount` with `by` more decimals, and what did not fit when they are fewer."""
    return (amount * 10**by, 0) if by >= 0 else divmod(amount, 10**-by)
