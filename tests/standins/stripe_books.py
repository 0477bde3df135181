"""What the Stripe stand-in keeps: intents, charges, refunds, and the rules by which money moves."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import count

from tests.standins.stripe_params import below
from tests.standins.stripe_rules import (
    DECLINES,
    MOBILEPAY_CURRENCIES,
    NEEDS_ACTION,
    Json,
    Refusal,
    card_name,
    whole,
)
from tests.standins.stripe_session_books import HostedPages

_CAN_BE_CANCELED = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture")


class Books(HostedPages):
    def __init__(self, url: str, *, filters_silently: bool) -> None:
        self.url, self.filters_silently = url, filters_silently
        self.intents: dict[str, Json] = {}
        self.charges: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.sessions: dict[str, Json] = {}
        self.refunds_become = "succeeded"  # or pending, failed: what the shopper's bank makes of them
        self.methods: dict[str, str] = {}  # id -> what it behaves like
        self._numbers = count(1)

    def _id(self, prefix: str) -> str:
        return f"{prefix}_standin{next(self._numbers):06d}"

    # --- reading ---
    def intent(self, reference: str) -> Json:
        return self._known(self.intents, reference, "payment_intent")

    @staticmethod
    def _known(kept: dict[str, Json], reference: str, kind: str) -> Json:
        if reference not in kept:
            raise Refusal(404, "resource_missing", f"No such {kind}: '{reference}'", param="intent")
        return kept[reference]

    def charge_of(self, intent: Json) -> Json:
        return self.charges[intent["latest_charge"]]

    def moved(self, currency: str) -> int:
        """Captured less refunded, in Stripe's minor units."""
        charges = [charge for charge in self.charges.values() if charge["currency"] == currency.lower()]
        return sum(charge["amount_captured"] - charge["amount_refunded"] for charge in charges)

    # --- methods ---
    def add_method(self, params: Mapping[str, str]) -> Json:
        name = card_name(params.get("card[token]", ""))
        reference = self._id("pm")
        self.methods[reference] = name
        return {"id": reference, "object": "payment_method", "type": "card", "card": {"brand": "visa"}}

    def _behaviour(self, params: Mapping[str, str]) -> str:
        if "payment_method_data[type]" in params:
            return params["payment_method_data[type]"]
        reference = params.get("payment_method", "")
        if reference in self.methods:
            return self.methods[reference]
        if reference.startswith("pm_card_"):
            return card_name(reference)
        raise Refusal(400, "resource_missing", f"No such PaymentMethod: '{reference}'", param="payment_method")

    # --- intents ---
    def add_intent(self, params: Mapping[str, str]) -> Json:
        amount, currency = whole(params, "amount"), params.get("currency", "")
        if not (len(currency) == 3 and currency.islower()):
            raise Refusal(400, "parameter_invalid_string_blank", "Invalid currency", param="currency")
        confirms = params.get("confirm") == "true"
        behaviour = self._behaviour(params) if confirms else ""
        reference = self._id("pi")
        intent: Json = {
            "id": reference,
            "object": "payment_intent",
            "amount": amount,
            "amount_received": 0,
            "amount_capturable": 0,
            "currency": currency,
            "capture_method": params.get("capture_method", "automatic"),
            "client_secret": f"{reference}_secret_standin",
            "created": int(time.time()),
            "livemode": False,
            "metadata": below("metadata", params),
            "status": "requires_payment_method",
            "payment_method_types": self._types(params, currency),
            "next_action": None,
            "last_payment_error": None,
            "latest_charge": None,
            "return_url": params.get("return_url", ""),
        }
        if confirms:
            self._may_be_confirmed(params)
        self.intents[reference] = intent
        if confirms:
            self.confirm(intent, behaviour)
        return intent

    def _types(self, params: Mapping[str, str], currency: str) -> list[str]:
        allowed = [value for name, value in params.items() if name.startswith("allowed_payment_method_types")]
        automatic = params.get("automatic_payment_methods[enabled]") == "true"
        if allowed and automatic:
            raise Refusal(400, "parameter_invalid", "Both allowed_payment_method_types and automatic_payment_methods")
        possible = ["card", *(["mobilepay"] if currency in MOBILEPAY_CURRENCIES else [])]
        left = [kind for kind in allowed if kind in possible] if allowed else possible
        if allowed and not left and not self.filters_silently:
            raise Refusal(400, "payment_intent_invalid_parameter", "No valid payment method types for this intent.")
        return left

    def _may_be_confirmed(self, params: Mapping[str, str]) -> None:
        redirects = params.get("automatic_payment_methods[allow_redirects]") != "never"
        if redirects and not params.get("return_url"):
            raise Refusal(400, "parameter_missing", "You must provide a `return_url`.", param="return_url")

    def confirm(self, intent: Json, behaviour: str) -> None:
        """Raises Refusal(402) for a decline; the intent then waits for another method."""
        self._must_be(intent, "requires_payment_method")
        kind = behaviour if behaviour == "mobilepay" else "card"
        if kind not in intent["payment_method_types"]:
            return
        intent["last_payment_error"] = None
        if behaviour in DECLINES:
            self._decline(intent, *DECLINES[behaviour])
        elif behaviour == "mobilepay" or behaviour in NEEDS_ACTION:
            intent["status"], intent["method"] = "requires_action", kind
            page = f"{self.url}/_pages/approve/{intent['id']}"
            intent["next_action"] = {
                "type": "redirect_to_url",
                "redirect_to_url": {"url": page, "return_url": intent["return_url"]},
            }
        else:
            self._take(intent)

    def _decline(self, intent: Json, code: str, decline_code: str) -> None:
        error = {"code": code, "message": "Your card was declined.", "type": "card_error"}
        if decline_code:
            error["decline_code"] = decline_code
        self._fail(intent, {**error, "payment_method": {"id": "pm_declined", "type": "card"}})
        raise Refusal(402, code, error["message"], kind="card_error", **_only(error, "decline_code"), intent=intent)

    def _fail(self, intent: Json, error: Json) -> None:
        intent["status"], intent["next_action"], intent["last_payment_error"] = "requires_payment_method", None, error

    def _take(self, intent: Json) -> None:
        takes_now = intent["capture_method"] != "manual"
        reference = self._id("ch")
        amount = intent["amount"]
        self.charges[reference] = {
            "id": reference,
            "object": "charge",
            "amount": amount,
            "amount_captured": amount if takes_now else 0,
            "amount_refunded": 0,
            "captured": takes_now,
            "currency": intent["currency"],
            "metadata": intent["metadata"],
            "payment_intent": intent["id"],
            "status": "succeeded",
        }
        intent.update(next_action=None, latest_charge=reference, last_payment_error=None)
        intent.update(status="succeeded" if takes_now else "requires_capture")
        intent.update(amount_received=amount if takes_now else 0, amount_capturable=0 if takes_now else amount)

    def shopper_answers(self, reference: str, approves: bool) -> Json:
        """On the bank's page or in the app. A second answer changes nothing."""
        intent = self.intent(reference)
        if intent["status"] == "requires_action":
            if approves:
                self._take(intent)
            else:
                by_card = intent.get("method") == "card"
                code = "payment_intent_authentication_failure" if by_card else "payment_method_customer_decline"
                method = {"id": "pm_denied", "type": intent.get("method", "card")}
                self._fail(intent, {"code": code, "message": "Denied.", "payment_method": method})
        return intent

    def capture(self, intent: Json, params: Mapping[str, str]) -> None:
        self._must_be(intent, "requires_capture")
        amount = whole(params, "amount_to_capture") if "amount_to_capture" in params else intent["amount"]
        if amount > intent["amount"]:
            raise Refusal(400, "amount_too_large", "More than was authorized.", param="amount_to_capture")
        self.charge_of(intent).update(amount_captured=amount, captured=True)
        intent.update(status="succeeded", amount_received=amount, amount_capturable=0)

    def cancel(self, intent: Json) -> None:
        self._must_be(intent, *_CAN_BE_CANCELED)
        intent.update(status="canceled", next_action=None, amount_capturable=0, canceled_at=int(time.time()))

    def _must_be(self, intent: Json, *states: str) -> None:
        if intent["status"] not in states:
            said = f"This PaymentIntent's status is {intent['status']}."
            raise Refusal(400, "payment_intent_unexpected_state", said)

    def refund(self, params: Mapping[str, str]) -> Json:
        intent = self.intent(params.get("payment_intent", ""))
        self._must_be(intent, "succeeded")
        charge = self.charge_of(intent)
        left = charge["amount_captured"] - charge["amount_refunded"]
        amount = whole(params, "amount") if "amount" in params else left
        if not left:
            raise Refusal(400, "charge_already_refunded", "Charge has already been refunded.")
        if amount > left:
            raise Refusal(400, "amount_too_large", "Refund amount is greater than unrefunded amount on charge.")
        if self.refunds_become != "failed":
            charge["amount_refunded"] += amount
        refund = {
            "id": self._id("re"),
            "object": "refund",
            "amount": amount,
            "created": int(time.time()),
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": below("metadata", params),
            "payment_intent": intent["id"],
            "status": self.refunds_become,
        }
        self.refunds[refund["id"]] = refund
        return refund

    def settle_refund(self, reference: str, status: str, *, reason: str = "") -> Json:
        """What the shopper's bank makes of it: succeeded or failed, which may come after succeeded."""
        refund = self.refunds[reference]
        if status == "failed" and refund["status"] != status:
            self.charges[refund["charge"]]["amount_refunded"] -= refund["amount"]
            refund["failure_reason"] = reason or "expired_or_canceled_card"
        refund["status"] = status
        return refund

    def refunds_of(self, charge: Json) -> list[Json]:
        """Newest first."""
        return [refund for refund in reversed(self.refunds.values()) if refund["charge"] == charge["id"]]


def _only(given: Json, name: str) -> Json:
    return {name: given[name]} if name in given else {}
