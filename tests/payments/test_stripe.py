"""What is Stripe's own: MobilePay, charges the browser confirms, lost intents, and what an answer must have."""

from __future__ import annotations

import subprocess
import sys

import pytest

from payments.gateways.base import DeclineCode, GatewayRefused, GatewayUnavailable, Outcome
from payments.gateways.stripe import API_VERSION, StripeGateway
from payments.gateways.stripe_answers import result_of
from tests.payments.stripe_requests import by_mobilepay, request
from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.stripe_rules import Refusal
from tests.standins.stripe_server import StripeStandIn


@pytest.fixture
def server() -> StripeStandIn:
    return empty_stripe()


@pytest.fixture
def stripe(server) -> StripeGateway:
    return gateway_at(server)


class TestMobilePay:
    def test_sends_the_shopper_to_the_app_and_takes_the_money_there(self, server, stripe):
        waiting = stripe.purchase(by_mobilepay())
        assert waiting.outcome == Outcome.REQUIRES_ACTION
        assert waiting.action_url.startswith(server.url)
        form = server.asked_for("/v1/payment_intents", "POST")[0].form
        assert form["payment_method_data[billing_details][phone]"] == "+4512345678"
        server.books.shopper_answers(waiting.reference, True)
        taken = stripe.look_up(reference=waiting.reference, key="")
        assert (taken.outcome, taken.captured_amount, taken.currency) == (Outcome.CAPTURED, 5597, "DKK")

    def test_a_shopper_who_says_no_in_the_app_is_a_decline(self, server, stripe):
        waiting = stripe.purchase(by_mobilepay())
        server.books.shopper_answers(waiting.reference, False)
        told = stripe.look_up(reference=waiting.reference, key="")
        assert (told.outcome, told.decline_code) == (Outcome.DECLINED, DeclineCode.CANCELED_BY_SHOPPER)

    @pytest.mark.parametrize("filters_silently", [True, False])
    def test_a_currency_it_does_not_take_is_refused_and_nothing_stays_open(self, server, stripe, filters_silently):
        server.books.filters_silently = filters_silently
        asked = by_mobilepay(currency="USD")
        with pytest.raises(GatewayRefused) as refusal:
            stripe.purchase(asked)
        assert str(refusal.value) in {"MobilePay does not take USD.", "This way to pay is not possible here."}
        assert [intent["status"] for intent in server.books.intents.values()] in ([], ["canceled"])

    def test_a_refusal_asked_twice_stays_one(self, server, stripe):
        asked = by_mobilepay(currency="USD")
        for _ in range(2):
            with pytest.raises(GatewayRefused):
                stripe.purchase(asked)
        assert len(server.books.intents) == 1


class TestACardTheBrowserConfirms:
    def test_is_prepared_with_a_secret_and_names_order_and_payment(self, server, stripe):
        asked = request("")
        prepared = stripe.prepare(asked)
        assert (prepared.outcome, prepared.action_url) == (Outcome.REQUIRES_ACTION, "")
        assert prepared.client_secret.startswith(prepared.reference)
        metadata = server.books.intent(prepared.reference)["metadata"]
        assert (metadata["order_reference"], metadata["payment_key"]) == ("order-1", asked.key)
        assert stripe.prepare(asked) == prepared

    def test_is_taken_when_the_shopper_confirms(self, server, stripe):
        prepared = stripe.prepare(request(""))
        server.browser_confirms(prepared.client_secret)
        told = stripe.look_up(reference=prepared.reference, key="")
        assert (told.outcome, told.captured_amount, told.client_secret) == (Outcome.CAPTURED, 5597, "")

    def test_may_be_tried_again_after_a_decline_so_a_decline_ends_nothing(self, server, stripe):
        prepared = stripe.prepare(request(""))
        server.browser_confirms(prepared.client_secret, "tok_chargeDeclinedInsufficientFunds")
        told = stripe.look_up(reference=prepared.reference, key="")
        assert (told.outcome, told.decline_code) == (Outcome.REQUIRES_ACTION, DeclineCode.INSUFFICIENT_FUNDS)
        server.browser_confirms(prepared.client_secret)
        assert stripe.look_up(reference=prepared.reference, key="").outcome == Outcome.CAPTURED

    def test_can_be_given_up(self, server, stripe):
        prepared = stripe.prepare(request(""))
        assert stripe.void(prepared.reference, key="v").outcome == Outcome.VOIDED
        with pytest.raises(Refusal):
            server.browser_confirms(prepared.client_secret)
        assert server.books.moved("usd") == 0


class TestAnIntentWhoseAnswerWasLost:
    def test_is_found_among_more_than_a_page_of_newer_ones(self, server, stripe):
        asked = request()
        taken = stripe.purchase(asked)
        for number in range(120):
            server.books.add_intent({"amount": "100", "currency": "usd", "metadata[payment_key]": f"other {number}"})
        assert stripe.look_up(reference="", key=asked.key) == taken
        assert len(server.asked_for("/v1/payment_intents", "GET")) == 2


class TestAnAnswer:
    def intent(self, **changes: object) -> dict:
        charge = {"amount_captured": 5597, "amount_refunded": 0}
        intent = {"id": "pi_1", "amount": 5597, "currency": "usd", "status": "succeeded", "latest_charge": charge}
        return {**intent, **changes}

    def test_has_the_totals_of_the_charge(self):
        charge = {"amount_captured": 5000, "amount_refunded": 700}
        told = result_of(self.intent(latest_charge=charge))
        assert (told.amount, told.captured_amount, told.refunded_amount) == (5597, 5000, 700)

    @pytest.mark.parametrize("changes", [{"status": "brand_new"}, {"latest_charge": "ch_1"}, {"latest_charge": None}])
    def test_that_we_do_not_understand_is_in_doubt(self, changes):
        with pytest.raises(GatewayUnavailable):
            result_of(self.intent(**changes))

    def test_that_stripe_still_works_on_it_is_processing(self):
        assert result_of(self.intent(status="processing")).outcome == Outcome.PROCESSING

    def test_about_what_is_only_held_is_no_ground_to_ask_for_a_refund(self, server, stripe):
        held = stripe.authorize(request()).reference
        with pytest.raises(GatewayRefused):
            stripe.refund(held, amount=1, key="r")
        assert server.asked_for("/v1/refunds") == []

    def test_about_a_stolen_card_tells_the_shopper_no_more_than_a_plain_no(self, stripe):
        stolen, plain = (
            stripe.purchase(request(token)) for token in ("tok_chargeDeclinedStolenCard", "tok_chargeDeclined")
        )
        assert stolen.decline_code == DeclineCode.LOST_OR_STOLEN
        assert stolen.message == plain.message


class TestWhatIsAsked:
    def test_names_the_version_of_the_sdk_that_is_installed(self, server, stripe):
        import stripe as sdk

        stripe.purchase(request())
        assert {asked.headers["stripe-version"] for asked in server.log} == {API_VERSION}
        assert sdk.api_version == API_VERSION

    @pytest.mark.parametrize("instrument", ["tok_visa", "pm_card_visa", "tok_1Pgc72B7WZ01zgkWqPvrRrPE"])
    def test_tokens_are_understood(self, stripe, instrument):
        assert stripe.understands(instrument)

    @pytest.mark.parametrize(
        "instrument", ["", "visa", "tok_", "4242424242424242", "tok_visa\n", "tok_" + "x" * 200, "tok_a/../b"]
    )
    def test_anything_else_is_not(self, stripe, instrument):
        assert not stripe.understands(instrument)

    def test_a_parameter_stripe_does_not_know_is_refused_by_the_stand_in(self, stripe):
        import stripe as sdk

        with pytest.raises(sdk.InvalidRequestError, match="unknown parameter"):
            stripe._api.payment_intents.create({"amount": 1, "currency": "usd", "payment_method_types": ["card"]})  # type: ignore[typeddict-unknown-key]


@pytest.mark.once
def test_the_sdk_is_not_loaded_until_stripe_is_used():
    script = "import django, sys; django.setup(); import checkout_project.urls, payments.gateways.stripe as ours"
    script += "; ours.StripeGateway.__name__; print('stripe' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert said.stdout.strip() == "False", said.stderr
