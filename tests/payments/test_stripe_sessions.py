"""Stripe's hosted page: what a Checkout Session says of a payment, at each moment of its life."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payments.gateways.base import DeclineCode, GatewayRefused, GatewayUnavailable, Outcome
from payments.gateways.stripe import StripeGateway
from payments.gateways.stripe_answers import result_of_session
from tests.payments.stripe_requests import request
from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.faults import Fault
from tests.standins.stripe_rules import Refusal
from tests.standins.stripe_server import StripeStandIn

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def server() -> StripeStandIn:
    return empty_stripe()


@pytest.fixture
def stripe(server) -> StripeGateway:
    return gateway_at(server)


@pytest.fixture
def reference(stripe) -> str:
    return stripe.host(request("")).reference


def told(stripe: StripeGateway, reference: str) -> tuple[Outcome, str]:
    result = stripe.look_up(reference=reference, key="")
    return result.outcome, result.decline_code


class TestWhatIsAsked:
    def test_is_the_whole_amount_under_the_payments_names(self, server, stripe):
        asked = request("", return_url="http://127.0.0.1:8000/orders/x/return")
        session = server.books.session(stripe.host(asked).reference)
        assert (session["amount_total"], session["currency"]) == (5597, "usd")
        assert session["client_reference_id"] == "order-1"
        assert session["metadata"]["payment_key"] == session["intent_metadata"]["payment_key"] == asked.key
        assert session["success_url"] == asked.return_url
        assert session["cancel_url"] == f"{asked.return_url}?canceled=1"

    def test_is_the_same_each_time_so_that_a_repeat_is_no_new_question(self, server, stripe):
        asked = request("")
        first = stripe.host(asked)
        assert stripe.host(replace(asked)) == first
        forms = [one.form for one in server.asked_for(SESSIONS, "POST")]
        assert forms[0] == forms[1]
        assert int(forms[0]["expires_at"]) == int((asked.asked_at + timedelta(hours=23)).timestamp())

    def test_of_a_currency_without_decimals_is_in_stripes_own_units(self, server, stripe):
        session = server.books.session(stripe.host(request("", amount=500, currency="JPY")).reference)
        assert (session["amount_total"], session["currency"]) == (500, "jpy")

    def test_after_its_time_has_come_is_refused_and_nothing_is_open(self, server, stripe):
        asked = request("")
        late = replace(asked, asked_at=asked.asked_at - timedelta(hours=23))
        with pytest.raises(GatewayRefused):
            stripe.host(late)
        assert server.books.sessions == {}


class TestAPage:
    def test_that_was_paid_is_captured(self, server, stripe, reference):
        server.books.pay_session(reference)
        assert told(stripe, reference) == (Outcome.CAPTURED, "")

    def test_on_which_a_card_was_declined_goes_on_waiting(self, server, stripe, reference):
        with pytest.raises(Refusal):
            server.books.pay_session(reference, "tok_chargeDeclined")
        assert told(stripe, reference) == (Outcome.REQUIRES_ACTION, "")
        server.books.pay_session(reference)
        assert told(stripe, reference) == (Outcome.CAPTURED, "")
        assert len(server.books.intents) == 1

    def test_that_ran_out_is_voided(self, server, stripe, reference):
        server.books.session(reference)["expires_at"] = 0
        assert told(stripe, reference) == (Outcome.VOIDED, DeclineCode.CANCELED_BY_SHOPPER)
        with pytest.raises(GatewayRefused):
            stripe.void(reference, key="v")

    @pytest.mark.parametrize("succeeds", [True, False])
    def test_on_which_a_slow_way_to_pay_was_chosen_is_in_doubt_until_it_is_settled(
        self, server, stripe, reference, succeeds
    ):
        server.books.pay_session(reference, settles_later=True)
        assert told(stripe, reference) == (Outcome.PROCESSING, "")
        with pytest.raises(GatewayRefused):
            stripe.void(reference, key="v")
        server.books.settle_session(reference, succeeds=succeeds)
        settled = (Outcome.CAPTURED, "") if succeeds else (Outcome.DECLINED, DeclineCode.GENERIC)
        assert told(stripe, reference) == settled


class TestALostAnswer:
    @pytest.mark.parametrize("is_paid", [False, True])
    def test_is_found_by_its_key_as_the_session_it_is(self, server, stripe, is_paid):
        server.fail(Fault.BREAK_AFTER, path=SESSIONS, times=3)
        asked = request("")
        with pytest.raises(GatewayUnavailable):
            stripe.host(asked)
        (reference,) = server.books.sessions
        if is_paid:
            server.books.pay_session(reference)
        found = stripe.look_up(reference="", key=asked.key)
        assert (found.reference, found.captured_amount) == (reference, 5597 if is_paid else 0)

    def test_of_a_request_that_never_arrived_is_unknown_and_asking_again_opens_one_page(self, server, stripe):
        server.fail(Fault.BREAK_BEFORE, path=SESSIONS, times=3)
        asked = request("")
        with pytest.raises(GatewayUnavailable):
            stripe.host(asked)
        assert stripe.look_up(reference="", key=asked.key).outcome == Outcome.UNKNOWN
        assert stripe.host(asked).outcome == Outcome.REQUIRES_ACTION
        assert len(server.books.sessions) == 1


class TestAnAnswer:
    def session(self, **changes: object) -> dict:
        session = {"id": "cs_1", "amount_total": 5597, "currency": "usd", "status": "open", "url": "https://x.test/"}
        return {**session, "payment_status": "unpaid", "payment_intent": None, **changes}

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "brand_new"},
            {"status": "complete"},
            {"status": "complete", "payment_intent": "pi_1"},
            {"amount_total": None},
        ],
    )
    def test_that_we_do_not_understand_is_in_doubt(self, changes):
        with pytest.raises(GatewayUnavailable):
            result_of_session(self.session(**changes))

    def test_that_money_was_taken_is_believed_whatever_else_it_says(self):
        charge = {"amount_captured": 5597, "amount_refunded": 0}
        intent = {"id": "pi_1", "amount": 5597, "currency": "usd", "status": "succeeded", "latest_charge": charge}
        said = result_of_session(self.session(status="expired", payment_status="paid", payment_intent=intent))
        assert (said.outcome, said.reference, said.captured_amount) == (Outcome.CAPTURED, "cs_1", 5597)
