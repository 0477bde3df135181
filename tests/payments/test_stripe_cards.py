"""Which card was tried, as Stripe tells it: with a charge that was taken, and with one that was declined."""

from __future__ import annotations

from typing import Any

import pytest

from payments.gateways.base import Outcome
from payments.gateways.stripe_answers import SHOPPER_CONFIRMS, result_of

CARD = {"type": "card", "card": {"fingerprint": "Xt5EWLLDS7FJjR1c"}}
NO = {"code": "card_declined", "decline_code": "generic_decline", "payment_method": CARD}


def intent(status: str, **values: Any) -> dict[str, Any]:
    return {
        "id": "pi_1",
        "object": "payment_intent",
        "status": status,
        "amount": 5597,
        "currency": "usd",
        "latest_charge": None,
        "last_payment_error": None,
        "metadata": {},
    } | values


def test_of_a_charge_that_was_taken():
    charge = {"id": "ch_1", "amount_captured": 5597, "amount_refunded": 0, "payment_method_details": CARD}
    result = result_of(intent("succeeded", latest_charge=charge))
    assert (result.outcome, result.card_fingerprint, result.attempt) == (Outcome.CAPTURED, "Xt5EWLLDS7FJjR1c", "")


@pytest.mark.parametrize("charge", ["ch_2", {"id": "ch_2", "payment_method_details": None}])
def test_of_a_declined_one_with_which_try_it_was(charge: Any):
    result = result_of(intent("requires_payment_method", last_payment_error=NO, latest_charge=charge))
    assert (result.outcome, result.card_fingerprint) == (Outcome.DECLINED, "Xt5EWLLDS7FJjR1c")
    assert result.attempt == "ch_2"


def test_of_a_card_declined_in_the_browser_where_another_may_be_tried():
    values = {"metadata": {SHOPPER_CONFIRMS: "yes"}, "last_payment_error": NO, "latest_charge": "ch_3"}
    result = result_of(intent("requires_payment_method", **values))
    assert (result.outcome, result.attempt) == (Outcome.REQUIRES_ACTION, "ch_3")
    assert result.decline_code == "generic_decline"


@pytest.mark.parametrize("method", [None, {"type": "mobilepay"}, {"type": "card", "card": {}}])
def test_where_it_was_no_card_or_nothing_is_told(method: Any):
    error = {"code": "payment_intent_payment_attempt_failed", "payment_method": method}
    assert result_of(intent("requires_payment_method", last_payment_error=error)).card_fingerprint == ""
