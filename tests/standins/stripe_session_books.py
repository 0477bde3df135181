"""What the Stripe stand-in keeps of its hosted page: Checkout Sessions, and what a shopper does there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.standins.stripe_params import below
from tests.standins.stripe_rules import Json, Refusal, card_name, whole

SHORTEST, LONGEST = 30 * 60, 24 * 3600  # seconds that a session can live


class HostedPages:
    """A part of Books."""

    url: str
    sessions: dict[str, Json]

    def session(self, reference: str) -> Json:
        session = self._known(self.sessions, reference, "checkout.session")  # type: ignore[attr-defined]
        if session["status"] == "open" and session["expires_at"] < time.time():
            session.update(status="expired", url=None)
        return session

    def add_session(self, params: Mapping[str, str]) -> Json:
        if params.get("mode") != "payment" or not params.get("success_url"):
            raise Refusal(400, "parameter_missing", "mode and success_url are needed.", param="mode")
        reference = self._id("cs_test")  # type: ignore[attr-defined]
        session: Json = {
            "id": reference,
            "object": "checkout.session",
            "amount_total": _total(params),
            "client_reference_id": params.get("client_reference_id"),
            "created": int(time.time()),
            "currency": next((value for name, value in params.items() if name.endswith("[currency]")), ""),
            "expires_at": _expiry(params),
            "metadata": below("metadata", params),
            "mode": "payment",
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "cancel_url": params.get("cancel_url"),
            "url": f"{self.url}/_pages/session/{reference}",
            "intent_metadata": below("payment_intent_data[metadata]", params),
        }
        self.sessions[reference] = session
        return session

    def pay_session(self, reference: str, token: str = "tok_visa", *, settles_later: bool = False) -> Json:
        """The shopper on Stripe's hosted page. The intent appears with the first try, as in today's API.

        A declined card raises Refusal(402) and leaves the session open. `settles_later`: by a way to pay that takes
        days, ended by `settle_session`.
        """
        session = self._open(reference)
        intent = self._intent_of(session)
        if settles_later:
            intent["status"] = "processing"
        else:
            self.confirm(intent, card_name(token))  # type: ignore[attr-defined]
        session.update(status="complete", payment_status="unpaid" if settles_later else "paid", url=None)
        return session

    def settle_session(self, reference: str, *, succeeds: bool) -> Json:
        session = self.session(reference)
        intent = self.intents[session["payment_intent"]]  # type: ignore[attr-defined]
        if succeeds:
            self._take(intent)  # type: ignore[attr-defined]
            session["payment_status"] = "paid"
        else:
            method = {"id": "pm_debit", "type": "sepa_debit"}
            self._fail(intent, {"code": "", "message": "Failed.", "payment_method": method})  # type: ignore[attr-defined]
        return session

    def expire_session(self, session: Json) -> None:
        self._open(session["id"])
        session.update(status="expired", url=None)

    def _open(self, reference: str) -> Json:
        session = self.session(reference)
        if session["status"] != "open":
            raise Refusal(400, "resource_missing", "This session is not open.")
        return session

    def _intent_of(self, session: Json) -> Json:
        if session["payment_intent"] is None:
            params = {"amount": str(session["amount_total"]), "currency": session["currency"]}
            params |= {f"metadata[{name}]": value for name, value in session["intent_metadata"].items()}
            session["payment_intent"] = self.add_intent(params)["id"]  # type: ignore[attr-defined]
        intent: dict[str, Any] = self.intents[session["payment_intent"]]  # type: ignore[attr-defined]
        return intent


def _total(params: Mapping[str, str]) -> int:
    prices = {name: whole(params, name) for name in params if name.endswith("[price_data][unit_amount]")}
    if not prices:
        raise Refusal(400, "parameter_missing", "line_items are needed.", param="line_items")
    return sum(
        price * int(params.get(name.replace("[price_data][unit_amount]", "[quantity]"), 1))
        for name, price in prices.items()
    )


def _expiry(params: Mapping[str, str]) -> int:
    now = time.time()
    expires_at = int(params.get("expires_at") or now + LONGEST)
    if not now + SHORTEST - 5 <= expires_at <= now + LONGEST + 5:
        raise Refusal(400, "parameter_invalid", "expires_at must be 30 minutes to 24 hours ahead.", param="expires_at")
    return expires_at
