"""When Stripe does not answer, answers late, or answers nonsense: nobody knows, and no money moves twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from payments.gateways.base import DeclineCode, GatewayRefused, GatewayResult, GatewayUnavailable, Outcome
from payments.gateways.stripe import StripeGateway
from tests.payments.stripe_requests import by_mobilepay, request
from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.faults import Answer, Fault
from tests.standins.stripe_server import StripeStandIn

TRIES = 3  # of the SDK, for one call
NOTHING_WAS_DONE = [Fault.ERROR_500, Fault.HTML_502, Fault.TOO_MANY, Fault.HANG_BEFORE, Fault.BREAK_BEFORE]
THE_WORK_WAS_DONE = [Fault.HANG_AFTER, Fault.BREAK_AFTER]


@pytest.fixture
def server() -> StripeStandIn:
    return empty_stripe()


@pytest.fixture
def stripe(server) -> StripeGateway:
    return gateway_at(server)


class TestAPurchase:
    @pytest.mark.parametrize("fault", NOTHING_WAS_DONE)
    def test_that_was_not_begun_is_in_doubt_unknown_to_a_look_up_and_can_be_asked_again(self, server, stripe, fault):
        asked = request()
        server.fail(fault, path="/v1/payment_intents", method="POST", times=TRIES)
        with pytest.raises(GatewayUnavailable):
            stripe.purchase(asked)
        assert server.books.moved("usd") == 0
        assert stripe.look_up(reference="", key=asked.key).outcome == Outcome.UNKNOWN
        server.mend()
        assert stripe.purchase(asked).outcome == Outcome.CAPTURED
        assert server.books.moved("usd") == 5597

    @pytest.mark.parametrize("fault", THE_WORK_WAS_DONE)
    def test_whose_answer_was_lost_is_in_doubt_until_a_look_up_finds_it(self, server, stripe, fault):
        asked = request()
        server.fail(fault, path="/v1/payment_intents", method="POST", times=TRIES)
        with pytest.raises(GatewayUnavailable):
            stripe.purchase(asked)
        found = stripe.look_up(reference="", key=asked.key)
        assert (found.outcome, found.captured_amount) == (Outcome.CAPTURED, 5597)
        assert stripe.purchase(asked) == found
        assert server.books.moved("usd") == 5597

    @pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.HTML_502, Fault.BREAK_BEFORE, Fault.BREAK_AFTER])
    def test_that_fails_once_succeeds_at_the_next_try_of_the_same_call(self, server, stripe, fault):
        server.fail(fault, path="/v1/payment_intents", method="POST")
        assert stripe.purchase(request()).outcome == Outcome.CAPTURED
        tries = server.asked_for("/v1/payment_intents", "POST")
        assert len(tries) == 2
        assert len({asked.headers["idempotency-key"] for asked in tries}) == 1
        assert server.books.moved("usd") == 5597

    def test_that_is_slow_is_waited_for(self, server, stripe):
        server.fail(Fault.SLOW, path="/v1/payment_intents", seconds=0.2)
        assert stripe.purchase(request()).outcome == Outcome.CAPTURED

    @pytest.mark.parametrize("done", [True, False])
    def test_whose_500_stripe_keeps_under_its_key_is_settled_by_the_look_up_alone(self, server, stripe, done):
        asked = request("pm_card_visa")
        server.break_inside(work_is_done=done)
        for _ in range(2):
            with pytest.raises(GatewayUnavailable):
                stripe.purchase(asked)
        told = stripe.look_up(reference="", key=asked.key).outcome
        assert told == (Outcome.CAPTURED if done else Outcome.UNKNOWN)

    def test_that_is_asked_twice_at_once_moves_money_once(self, server, stripe):
        asked = request()
        server.thinking_seconds = 0.1

        def outcome(_: int) -> str:
            try:
                return stripe.purchase(asked).outcome
            except GatewayUnavailable:
                return "in doubt"

        with ThreadPoolExecutor(2) as two:
            outcomes = set(two.map(outcome, range(2)))
        assert outcomes <= {Outcome.CAPTURED, "in doubt"}
        assert Outcome.CAPTURED in outcomes
        assert server.books.moved("usd") == 5597

    def test_by_mobilepay_whose_answer_was_lost_is_found_waiting_for_the_shopper(self, server, stripe):
        asked = by_mobilepay()
        server.fail(Fault.BREAK_AFTER, path="/v1/payment_intents", method="POST", times=TRIES)
        with pytest.raises(GatewayUnavailable):
            stripe.purchase(asked)
        found = stripe.look_up(reference="", key=asked.key)
        assert found.outcome == Outcome.REQUIRES_ACTION
        assert found.action_url


Verb = Callable[[StripeGateway, str], GatewayResult]
LATER: dict[str, Verb] = {
    "capture": lambda stripe, held: stripe.capture(held, amount=1000, key="c"),
    "void": lambda stripe, held: stripe.void(held, key="v"),
}


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.BREAK_BEFORE, Fault.BREAK_AFTER])
class TestWhatFollows:
    @pytest.mark.parametrize("verb", LATER)
    def test_a_capture_or_void_that_was_cut_off_is_done_once_when_repeated(self, server, stripe, verb, fault):
        held = stripe.authorize(request()).reference
        server.fail(fault, path=f"/v1/payment_intents/{held}/", method="POST", times=TRIES)
        with pytest.raises(GatewayUnavailable):
            LATER[verb](stripe, held)
        done = LATER[verb](stripe, held)
        assert done == stripe.look_up(reference=held, key="")
        assert server.books.moved("usd") == (1000 if verb == "capture" else 0)

    def test_a_refund_that_was_cut_off_is_made_once_when_repeated(self, server, stripe, fault):
        taken = stripe.purchase(request()).reference
        server.fail(fault, path="/v1/refunds", times=TRIES)
        with pytest.raises(GatewayUnavailable):
            stripe.refund(taken, amount=597, key="r")
        assert stripe.refund(taken, amount=597, key="r").refunded_amount == 597
        assert server.books.moved("usd") == 5000

    def test_a_look_up_that_was_cut_off_says_nothing(self, server, stripe, fault):
        taken = stripe.purchase(request()).reference
        server.fail(fault, method="GET", times=TRIES)
        with pytest.raises(GatewayUnavailable):
            stripe.look_up(reference=taken, key="")


class TestAnAnswerOfAnotherKind:
    @pytest.mark.parametrize("body", ["<html>Welcome to the hotel</html>", {}, {"id": "pi_1"}, [], None])
    def test_that_is_no_intent_is_in_doubt(self, server, stripe, body):
        server.fail(Fault.SAYS, path="/v1/payment_intents", answer=Answer(200, body))
        with pytest.raises(GatewayUnavailable):
            stripe.purchase(request("pm_card_visa"))

    @pytest.mark.parametrize("status", [401, 403, 409, 415, 422, 429, 503])
    def test_with_a_status_that_says_nothing_of_the_card_is_in_doubt(self, server, stripe, status):
        answer = Answer(status, {"error": {"type": "api_error", "message": "?"}})
        server.fail(Fault.SAYS, path="/v1/payment_intents", answer=answer, times=TRIES)
        with pytest.raises(GatewayUnavailable):
            stripe.purchase(request())

    def test_to_a_look_up_that_stripe_does_not_take_is_not_that_it_never_heard_of_it(self, server, stripe):
        error = {"type": "invalid_request_error", "code": "parameter_unknown", "message": "?"}
        server.fail(Fault.SAYS, method="GET", answer=Answer(400, {"error": error}))
        with pytest.raises(GatewayUnavailable):
            stripe.look_up(reference="", key="never")

    def test_a_card_refused_before_there_is_an_intent_is_a_decline_without_a_reference(self, server, stripe):
        error = {"type": "card_error", "code": "expired_card", "message": "Your card has expired."}
        server.fail(Fault.SAYS, path="/v1/payment_methods", answer=Answer(402, {"error": error}))
        told = stripe.purchase(request())
        assert (told.outcome, told.reference, told.decline_code) == (Outcome.DECLINED, "", DeclineCode.EXPIRED_CARD)
        assert (told.amount, told.currency) == (5597, "USD")

    def test_a_card_error_at_the_capture_is_a_refusal(self, server, stripe):
        held = stripe.authorize(request()).reference
        error = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
        server.fail(Fault.SAYS, path=f"/v1/payment_intents/{held}/capture", answer=Answer(402, {"error": error}))
        with pytest.raises(GatewayRefused, match="declined"):
            stripe.capture(held, amount=5597, key="c")


class TestAWrongConfiguration:
    def test_is_in_doubt_and_never_a_decline(self, server):
        mistaken = gateway_at(server, secret_key="sk_test_wrong")
        with pytest.raises(GatewayUnavailable):
            mistaken.purchase(request())
        with pytest.raises(GatewayUnavailable):
            mistaken.look_up(reference="pi_1", key="")


class TestEveryMutatingCall:
    def test_carries_an_idempotency_key_of_ours_and_of_its_own(self, server, stripe):
        taken = stripe.purchase(request()).reference
        stripe.refund(taken, amount=1, key="r1")
        stripe.prepare(request())
        stripe.purchase(by_mobilepay())
        with pytest.raises(GatewayRefused):
            stripe.purchase(by_mobilepay(currency="USD"))
        stripe.capture(stripe.authorize(request("pm_card_visa")).reference, amount=1, key="c1")
        stripe.void(stripe.authorize(request()).reference, key="v1")
        writes = server.asked_for("/v1/", "POST")
        assert len(writes) == 12
        keys = [asked.headers["idempotency-key"] for asked in writes]
        ours = [key for key in keys if key.startswith("pay_") or key in {"r1", "c1", "v1"}]
        assert keys == ours  # without one of ours the SDK makes one up, which a repeat does not have
        assert len(set(keys)) == len(keys)
