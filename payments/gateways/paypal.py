"""PayPal by Orders v2: the shopper approves at PayPal, then we take the money. A payment's reference is the order's id.

Taking is our call alone, so what we have given up stays untaken: PayPal has no way to cancel an unapproved order, and
needs none. A decline at capture ends the attempt: PayPal's advice is to let the payer choose another way to pay, and
here that is the next attempt, with a fresh PayPal order or any other provider. Sending the payer back with the same
order would leave it approved meanwhile, and every look-up would try the declined instrument again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from payments.gateways import paypal_answers as answers
from payments.gateways.base import (
    ChargeRequest,
    DeclineCode,
    GatewayRefused,
    GatewayResult,
    GatewayUnavailable,
    Hint,
    Outcome,
    canceled_url,
)
from payments.gateways.paypal_answers import Json, PayPalCapture, PayPalRefusal
from payments.gateways.paypal_connection import path, transport
from payments.gateways.paypal_webhooks import PayPalEvent, WebhookNotVerified, verify_webhook

if TYPE_CHECKING:
    from payments.gateways.paypal_transport import PayPalTransport

__all__ = [
    "PayPalCapture",
    "PayPalEvent",
    "PayPalGateway",
    "WebhookNotVerified",
    "look_up_capture",
    "verify_webhook",
]

_NOT_KNOWN = {400, 404, 422}  # what PayPal says to the id of a capture that it has not


def _order_path(reference: str, verb: str = "") -> str:
    return path("v2/checkout/orders", reference, verb)


class PayPalGateway:
    """The gateway grammar over PayPal. Verbs raise as payments.gateways.base says."""

    def __init__(self, connect: Callable[[], PayPalTransport] = transport) -> None:
        self._connect = connect

    def _order(self, reference: str) -> Json:
        return self._connect().ask(_order_path(reference))

    def understands(self, instrument: str) -> bool:  # noqa: ARG002
        """PayPal takes no card tokens."""
        return False

    def card_of(self, instrument: str) -> str:  # noqa: ARG002
        return ""

    def prepare(self, request: ChargeRequest) -> GatewayResult:  # noqa: ARG002
        raise GatewayRefused("PayPal is approved on its own pages.")

    def purchase(self, request: ChargeRequest) -> GatewayResult:
        return self._create(request, "CAPTURE")

    def host(self, request: ChargeRequest) -> GatewayResult:
        """As every purchase here: PayPal's own page is the only way to approve one."""
        return self.purchase(request)

    def authorize(self, request: ChargeRequest) -> GatewayResult:
        """REQUIRES_ACTION; once the shopper has approved, `hold` holds the money, or `capture` holds and takes it."""
        return self._create(request, "AUTHORIZE")

    def _create(self, request: ChargeRequest, intent: str) -> GatewayResult:
        order = self._connect().write("v2/checkout/orders", _new_order(request, intent), key=request.key)
        result = answers.result_of(order)
        if (result.amount, result.currency) != (request.amount, request.currency):
            raise GatewayRefused("This key was used for another amount.")
        return result

    def hold(self, reference: str, *, key: str) -> GatewayResult:
        """Second half of `authorize`: AUTHORIZED, or DECLINED. Raises GatewayRefused for what is not approved."""
        return self._try(reference, _order_path(reference, "authorize"), {}, key)

    def capture(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        """What is taken is compared with what was asked before it is taken, not after.

        An order already captured answers with what was captured: PayPal takes an order once.
        """
        order = self._order(reference)
        asked, _ = answers.amount_of(order)
        if order.get("intent") == "AUTHORIZE":
            return self._capture_held(order, amount, key)
        if answers.taken(order):
            return answers.result_of(order)
        if amount != asked:
            raise GatewayRefused("PayPal takes the whole order or nothing of it.")
        return self._try(reference, _order_path(reference, "capture"), {}, key)

    def _capture_held(self, order: Json, amount: int, key: str) -> GatewayResult:
        reference = str(order.get("id", ""))
        asked, currency = answers.amount_of(order)
        if not 0 < amount <= asked:  # PayPal itself would take up to 115 %
            raise GatewayRefused("There is nothing held that could be captured.")
        if not answers.payments_of(order, "authorizations"):
            held = self.hold(reference, key=f"{key}_hold")
            if held.outcome != Outcome.AUTHORIZED:
                return held
            order = self._order(reference)
        authorization = answers.payments_of(order, "authorizations")[0]
        body = {"amount": answers.money(amount, currency), "final_capture": True}
        where = path("v2/payments/authorizations", str(authorization["id"]), "capture")
        return self._try(reference, where, body, key)

    def _try(self, reference: str, where: str, body: Json, key: str) -> GatewayResult:
        """A call that moves the payer's money. A no is believed only after the order itself has been read."""
        try:
            self._connect().write(where, body, key=key)
        except PayPalRefusal as refusal:
            return self._refused(reference, refusal)
        return answers.result_of(self._order(reference))

    def _refused(self, reference: str, refusal: PayPalRefusal) -> GatewayResult:
        order = self._order(reference)
        result = answers.result_of(order)
        if result.outcome in {Outcome.CAPTURED, Outcome.PROCESSING, Outcome.DECLINED, Outcome.REQUIRES_ACTION}:
            return result  # ORDER_ALREADY_CAPTURED and the like: somebody was faster
        if result.outcome == Outcome.AUTHORIZED and "ORDER_ALREADY_AUTHORIZED" in refusal.issues:
            return result
        if refusal.decline_code:
            return answers.declined(order, refusal.decline_code)
        raise refusal

    def void(self, reference: str, *, key: str) -> GatewayResult:
        """Gives back what is held. An order that still waits for its payer is left to itself: only we could take it.

        One the payer has just approved raises GatewayRefused: what becomes of it is decided by looking it up.
        """
        order = self._order(reference)
        result = answers.result_of(order)
        if result.outcome == Outcome.AUTHORIZED:
            authorization = answers.payments_of(order, "authorizations")[0]
            self._connect().write(path("v2/payments/authorizations", str(authorization["id"]), "void"), None, key=key)
            return answers.result_of(self._order(reference))
        if result.outcome == Outcome.REQUIRES_ACTION:
            amount, currency = answers.amount_of(order)
            not_approved = DeclineCode.CANCELED_BY_SHOPPER
            return GatewayResult(Outcome.VOIDED, reference, amount, currency, decline_code=not_approved)
        if result.outcome == Outcome.VOIDED:
            return result
        raise GatewayRefused("Only what is held or still waits can be voided.")

    def refund(self, reference: str, *, amount: int, key: str) -> GatewayResult:
        """Over the order's captures, oldest first. Each refund carries the key, so that a repeat finds its own even
        after PayPal has forgotten its request ids."""
        order = self._order(reference)
        done = sum(answers.minor(answers.part(refund, "amount")) for refund in _refunds_under(order, key))
        parts = _parts(order, amount - done)
        if amount <= 0 or done > amount or sum(parts.values()) != amount - done:
            raise GatewayRefused("More than is left of the payment.")
        made = {}
        for capture_id, part in parts.items():
            body = {"amount": answers.money(part, answers.amount_of(order)[1]), "custom_id": key}
            where = path("v2/payments/captures", capture_id, "refund")
            made[str(self._connect().write(where, body, key=f"{key}_{capture_id}").get("id"))] = key
        return answers.result_of(self._order(reference) if parts else order, made=made)

    def look_up(self, *, reference: str, key: str, since: datetime | None = None) -> GatewayResult:  # noqa: ARG002
        """UNKNOWN without a reference: the same create under the same key finds or makes the order."""
        if not reference:
            return GatewayResult(Outcome.UNKNOWN)
        try:
            return answers.result_of(self._order(reference))
        except PayPalRefusal as refusal:
            if refusal.status == 404:
                return GatewayResult(Outcome.UNKNOWN)
            raise GatewayUnavailable("PayPal would not tell.") from refusal

    def trace(self, trail: str) -> Hint:
        """Whose a capture is that an event names: its order, and the key it bears."""
        try:
            said = self._connect().ask(path("v2/payments/captures", trail))
        except PayPalRefusal as refusal:
            if refusal.status in _NOT_KNOWN:
                return Hint()
            raise GatewayUnavailable("PayPal would not tell.") from refusal
        order_id = answers.capture_from(said).order_id
        return Hint(reference=order_id, parts=(trail,), key=str(said.get("custom_id") or ""))


def _new_order(request: ChargeRequest, intent: str) -> Json:
    unit = {
        "reference_id": request.order_reference,
        "custom_id": request.key,  # its captures bear it, too: an event about one of them is told by it
        "amount": answers.money(request.amount, request.currency),
    }
    context = {
        "return_url": request.return_url,
        "cancel_url": canceled_url(request.return_url),
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",  # the address was given to us already
    }
    return {
        "intent": intent,
        "purchase_units": [unit],
        "payment_source": {"paypal": {"experience_context": context}},
    }


def _refunds_under(order: Json, key: str) -> list[Json]:
    return [refund for refund in answers.paid_back(order) if refund.get("custom_id") == key]


def _parts(order: Json, amount: int) -> dict[str, int]:
    """{capture id: how much of `amount` is paid back from it}, as far as there is something left."""
    captures = answers.taken(order)
    left = {str(capture["id"]): answers.minor(answers.part(capture, "amount")) for capture in captures}
    for refund in answers.paid_back(order):
        origin = answers.capture_of(refund)
        if origin not in left and len(left) == 1:
            origin = next(iter(left))
        if origin in left:
            left[origin] -= answers.minor(answers.part(refund, "amount"))
    parts: dict[str, int] = {}
    for capture_id, remaining in left.items():
        part = max(0, min(amount, remaining))
        amount -= part
        parts |= {capture_id: part} if part else {}
    return parts


# --- for those who hear of a capture elsewhere -------------------------------------------------------
def look_up_capture(capture_id: str) -> PayPalCapture | None:
    """The capture as PayPal has it, None where PayPal does not know it. Raises GatewayUnavailable."""
    try:
        return answers.capture_from(transport().ask(path("v2/payments/captures", capture_id)))
    except PayPalRefusal as refusal:
        if refusal.status in _NOT_KNOWN:
            return None
        raise GatewayUnavailable("PayPal would not tell.") from refusal
