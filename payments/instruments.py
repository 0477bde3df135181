"""From what a caller sends as payment data to the one thing a gateway gets: a token or a phone number.

A card number never gets past this page. The published test numbers of the field stand for test tokens; any other
number is refused with the advice to send a token.
"""

from __future__ import annotations

import re

from common.errors import DomainError, ErrorCode
from payments.gateways import registry

# Stripe's published test numbers (docs.stripe.com/testing) and the tokens that mean the same.
_TEST_NUMBERS = {
    "4242424242424242": "tok_visa",
    "4111111111111111": "tok_visa",
    "5555555555554444": "tok_mastercard",
    "378282246310005": "tok_amex",
    "4000000000000002": "tok_chargeDeclined",
    "4000000000009995": "tok_chargeDeclinedInsufficientFunds",
    "4000000000000069": "tok_chargeDeclinedExpiredCard",
    "4000000000000127": "tok_chargeDeclinedIncorrectCvc",
    "4000002760003184": "tok_threeDSecureRequired",
    "4000002500003155": "tok_threeDSecureRequired",
}
_MANY_DIGITS = re.compile(r"(?:\d[ -]?){12}")
_BY_CARD = ("stripe", "test")


def _refuse(reason: str) -> DomainError:
    return DomainError(ErrorCode.PAYMENT_DATA_INVALID, reason=reason)


def instrument_for(provider: str, *, token: str = "", card_number: str = "", phone_number: str = "") -> str:
    """The token, phone number or '' that the provider's gateway takes. A token wins over a number.

    Raises DomainError: PAYMENT_DATA_INVALID with a sentence that never repeats the number, PAYMENT_PROVIDER_UNKNOWN.
    """
    if provider == registry.BALANCE:  # what is set aside is no shopper's to name
        raise DomainError(ErrorCode.PAYMENT_PROVIDER_UNKNOWN, provider=provider)
    if provider in _BY_CARD:
        return _card_token(provider, token, card_number)
    if provider == "mobilepay":
        return _phone(phone_number)
    return ""


def _card_token(provider: str, token: str, card_number: str) -> str:
    if token:
        if _MANY_DIGITS.search(token):  # somebody put the card number there
            raise _refuse("This is no card token.")
        if not registry.gateway(registry.gateway_name_for(provider)).understands(token):
            raise _refuse("This card token is not known.")
        return token
    if not card_number:
        raise _refuse("payment_data.card_details.token is required.")
    digits = card_number.replace(" ", "").replace("-", "")
    if digits not in _TEST_NUMBERS:
        raise _refuse("Card numbers are not accepted here: send payment_data.card_details.token instead.")
    return _TEST_NUMBERS[digits]


def _phone(phone_number: str) -> str:
    digits = phone_number.replace(" ", "").replace("-", "")
    if not (digits.startswith("+") and digits[1:].isascii() and digits[1:].isdigit() and 8 <= len(digits) <= 16):
        raise _refuse("payment_data.phone_number is required, in international form like +4512345678.")
    return digits
