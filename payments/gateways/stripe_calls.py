"""One call to Stripe: what its SDK raises becomes what the gateway grammar raises. Nothing of the SDK gets further.

A wrong secret key or missing permission is GatewayUnavailable, never a decline: the shopper's card is not at fault,
and the payment is asked about again once the configuration is right.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from payments.gateways.base import ChargeRequest, GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.stripe_answers import result_of, why
from payments.gateways.stripe_words import refusal_sentence

if TYPE_CHECKING:
    import stripe

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Declined(GatewayRefused):
    """A card error, with the intent it left behind, where there is one."""

    def __init__(self, error: stripe.CardError) -> None:
        said: dict[str, Any] = error.error.to_dict() if error.error else {}
        self.intent: dict[str, Any] | None = said.get("payment_intent")
        self.code, sentence = why(said)
        super().__init__(sentence)

    def result(self, request: ChargeRequest) -> GatewayResult:
        if self.intent:
            return result_of(self.intent)
        return GatewayResult(
            Outcome.DECLINED,
            amount=request.amount,
            currency=request.currency,
            decline_code=self.code,
            message=str(self),
        )


class Invalid(GatewayRefused):
    """A request that Stripe does not take, with its own code for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(refusal_sentence(code))


def ask(call: Callable[[], T]) -> T:
    """Raises Declined, GatewayRefused or GatewayUnavailable; nothing of the SDK's gets further."""
    import stripe

    try:
        return call()
    except stripe.CardError as error:
        raise Declined(error) from None
    except stripe.StripeError as error:
        raise _translated(error) from None


def _translated(error: stripe.StripeError) -> GatewayRefused | GatewayUnavailable:
    """Only named codes are logged: messages repeat tokens and parts of keys. Stripe's dashboard has them by request."""
    import stripe

    kind, status, param = type(error).__name__, error.http_status, getattr(error, "param", None)
    said = f"Stripe: {kind}, status {status}, code {error.code}, parameter {param}, request {error.request_id}"
    if isinstance(error, stripe.InvalidRequestError):
        logger.warning(said)
        return Invalid(error.code or "")
    if isinstance(error, stripe.IdempotencyError):
        logger.error(said)
        return GatewayRefused("This payment was asked for before, with another amount or method.")
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        logger.error("%s. Check STRIPE_SECRET_KEY: no payment can be made.", said)
    else:
        logger.warning(said)
    return GatewayUnavailable("Stripe gave no clear answer.")
