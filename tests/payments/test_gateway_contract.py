"""What every gateway must do, written once. A new gateway adds itself to GATEWAYS with its own instruments."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

import pytest

from payments.gateways.base import (
    ChargeRequest,
    DeclineCode,
    Gateway,
    GatewayRefused,
    GatewayResult,
    GatewayUnavailable,
    Outcome,
)
from payments.gateways.registry import gateway
from payments.gateways.test import TestGateway
from tests.standins import at_paypal
from tests.standins.at_stripe import empty_stripe, gateway_at
from tests.standins.faults import Fault

pytestmark = pytest.mark.django_db
_keys = (f"key-{number}" for number in count(1))


@dataclass(frozen=True)
class Setup:
    """A gateway, and which instrument leads to what."""

    gateway: Gateway
    provider: str
    good: str
    declined: dict[str, DeclineCode]
    needs_action: str
    lost_before: str
    lost_after: str
    impossible: str
    shopper_answers: Callable[[str, bool], object]
    pays_on_the_page: Callable[[str], object]
    after_a_no: Outcome = Outcome.DECLINED

    def request(self, instrument: str = "", **changes: object) -> ChargeRequest:
        request = ChargeRequest(
            key=next(_keys),
            provider=self.provider,
            amount=5597,
            currency="USD",
            instrument=instrument or self.good,
            order_reference="order-1",
            return_url="http://127.0.0.1:8000/orders/x/return",
        )
        return replace(request, **changes)


def at_stripe() -> Setup:
    """Two cards are good but for their connection: it breaks at each of the SDK's three tries."""
    server = empty_stripe()
    server.fail(Fault.BREAK_BEFORE, body="tok_amex", times=3)
    server.fail(Fault.BREAK_AFTER, path="/v1/payment_intents", body="pm_card_mastercard", times=3)
    return Setup(
        gateway=gateway_at(server),
        provider="stripe",
        good="tok_visa",
        declined={
            "tok_chargeDeclined": DeclineCode.GENERIC,
            "tok_chargeDeclinedInsufficientFunds": DeclineCode.INSUFFICIENT_FUNDS,
            "tok_chargeDeclinedExpiredCard": DeclineCode.EXPIRED_CARD,
            "tok_chargeDeclinedIncorrectCvc": DeclineCode.INCORRECT_CVC,
            "tok_chargeDeclinedStolenCard": DeclineCode.LOST_OR_STOLEN,
            "tok_chargeDeclinedVelocityLimitExceeded": DeclineCode.LIMIT_EXCEEDED,
        },
        needs_action="tok_threeDSecureRequired",
        lost_before="tok_amex",
        lost_after="pm_card_mastercard",
        impossible="tok_nobodyKnows",
        shopper_answers=server.books.shopper_answers,
        pays_on_the_page=server.books.pay_session,
    )


def at_the_payers_approval() -> Setup:
    """PayPal knows no instruments: the payer approves on its pages, and taking is our own call."""
    driver = at_paypal.AsServicesDo(at_paypal.empty_paypal())
    return Setup(
        gateway=driver,
        provider="paypal",
        good=at_paypal.GOOD,
        declined={
            "INSTRUMENT_DECLINED": DeclineCode.GENERIC,
            "TRANSACTION_REFUSED": DeclineCode.GENERIC,
            "PAYER_CANNOT_PAY": DeclineCode.GENERIC,
            "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": DeclineCode.INSUFFICIENT_FUNDS,
        },
        needs_action=at_paypal.NEEDS_ACTION,
        lost_before=at_paypal.LOST_BEFORE,
        lost_after=at_paypal.LOST_AFTER,
        impossible=at_paypal.IMPOSSIBLE,
        shopper_answers=driver.shopper_answers,
        pays_on_the_page=lambda reference: driver.shopper_answers(reference, True),
        after_a_no=Outcome.VOIDED,  # PayPal does not tell a no: the shop gives the payment up
    )


GATEWAYS = {
    "test": lambda: Setup(
        gateway=gateway("test"),
        provider="stripe",
        good="tok_visa",
        declined={
            "tok_chargeDeclined": DeclineCode.GENERIC,
            "tok_chargeDeclinedInsufficientFunds": DeclineCode.INSUFFICIENT_FUNDS,
            "tok_chargeDeclinedExpiredCard": DeclineCode.EXPIRED_CARD,
            "tok_chargeDeclinedIncorrectCvc": DeclineCode.INCORRECT_CVC,
        },
        needs_action="tok_threeDSecureRequired",
        lost_before="tok_lost",
        lost_after="tok_late",
        impossible="tok_currencyRefused",
        shopper_answers=lambda reference, approves: TestGateway().answer_shopper(reference, approves=approves),
        pays_on_the_page=lambda reference: TestGateway().answer_shopper(reference, approves=True),
    ),
    "stripe": lambda: at_stripe(),
    "paypal": lambda: at_the_payers_approval(),
}


@pytest.fixture(params=list(GATEWAYS))
def at(request) -> Setup:
    return GATEWAYS[request.param]()


def sums(result: GatewayResult) -> tuple[Outcome, int, int]:
    return result.outcome, result.captured_amount, result.refunded_amount


class TestPurchase:
    def test_a_good_card_is_taken_whole_and_named_by_a_reference(self, at):
        result = at.gateway.purchase(at.request())
        assert sums(result) == (Outcome.CAPTURED, 5597, 0)
        assert (result.amount, result.currency) == (5597, "USD")
        assert result.reference

    def test_a_decline_is_an_answer_with_its_code_and_a_sentence(self, at):
        for instrument, code in at.declined.items():
            result = at.gateway.purchase(at.request(instrument))
            assert (result.outcome, result.decline_code, result.captured_amount) == (Outcome.DECLINED, code, 0)
            assert result.message

    def test_what_is_not_possible_is_refused_and_leaves_nothing(self, at):
        request = at.request(at.impossible)
        with pytest.raises(GatewayRefused):
            at.gateway.purchase(request)
        assert at.gateway.look_up(reference="", key=request.key).outcome == Outcome.UNKNOWN

    @pytest.mark.parametrize("approves", [True, False])
    def test_the_shopper_answers_and_a_look_up_tells_it(self, at, approves):
        waiting = at.gateway.purchase(at.request(at.needs_action))
        assert (waiting.outcome, waiting.captured_amount) == (Outcome.REQUIRES_ACTION, 0)
        assert waiting.action_url.startswith("http")
        at.shopper_answers(waiting.reference, approves)
        told = at.gateway.look_up(reference=waiting.reference, key="")
        assert sums(told) == ((Outcome.CAPTURED, 5597, 0) if approves else (at.after_a_no, 0, 0))
        assert told.action_url == ""


class TestTheGatewaysOwnPage:
    def test_waits_for_the_shopper_under_an_address(self, at):
        waiting = at.gateway.host(at.request())
        assert sums(waiting) == (Outcome.REQUIRES_ACTION, 0, 0)
        assert (waiting.amount, waiting.currency) == (5597, "USD")
        assert waiting.action_url.startswith("http")
        assert at.gateway.look_up(reference=waiting.reference, key="") == waiting

    def test_takes_the_money_and_the_payment_keeps_its_reference(self, at):
        reference = at.gateway.host(at.request()).reference
        at.pays_on_the_page(reference)
        told = at.gateway.look_up(reference=reference, key="")
        assert sums(told) == (Outcome.CAPTURED, 5597, 0)
        assert (told.reference, told.amount, told.currency, told.action_url) == (reference, 5597, "USD", "")

    def test_is_found_by_the_key_before_and_after_it_was_paid(self, at):
        request = at.request()
        waiting = at.gateway.host(request)
        assert at.gateway.look_up(reference="", key=request.key) == waiting
        at.pays_on_the_page(waiting.reference)
        told = at.gateway.look_up(reference="", key=request.key)
        assert (told.reference, told.captured_amount) == (waiting.reference, 5597)

    def test_is_one_page_for_one_key_and_another_amount_is_refused(self, at):
        request = at.request()
        assert at.gateway.host(request) == at.gateway.host(request)
        with pytest.raises(GatewayRefused):
            at.gateway.host(replace(request, amount=1))

    def test_is_closed_by_a_void_and_a_closed_one_takes_nothing(self, at):
        reference = at.gateway.host(at.request()).reference
        closed = at.gateway.void(reference, key="v")
        assert sums(closed) == (Outcome.VOIDED, 0, 0)
        with suppress(Exception):  # some pages say so, some do nothing
            at.pays_on_the_page(reference)
        assert sums(at.gateway.look_up(reference=reference, key="")) == (Outcome.VOIDED, 0, 0)

    def test_cannot_be_closed_once_it_was_paid(self, at):
        reference = at.gateway.host(at.request()).reference
        at.pays_on_the_page(reference)
        at.gateway.look_up(reference=reference, key="")
        with pytest.raises(GatewayRefused):
            at.gateway.void(reference, key="v")

    def test_is_paid_back_in_parts_until_nothing_is_left(self, at):
        reference = at.gateway.host(at.request()).reference
        with pytest.raises(GatewayRefused):
            at.gateway.refund(reference, amount=1, key="early")
        at.pays_on_the_page(reference)
        at.gateway.look_up(reference=reference, key="")
        refunds = [at.gateway.refund(reference, amount=597, key="r1") for _ in range(2)]
        assert [sums(refund) for refund in refunds] == [(Outcome.CAPTURED, 5597, 597)] * 2
        assert sums(at.gateway.refund(reference, amount=5000, key="r2")) == (Outcome.CAPTURED, 5597, 5597)
        with pytest.raises(GatewayRefused):
            at.gateway.refund(reference, amount=1, key="r3")


class TestTheSameKeyTwice:
    def test_moves_money_once_and_answers_the_same(self, at):
        request = at.request()
        first, second = at.gateway.purchase(request), at.gateway.purchase(request)
        assert first == second
        assert at.gateway.look_up(reference="", key=request.key).captured_amount == 5597

    @pytest.mark.parametrize("other", [{"amount": 1}, {"currency": "EUR"}])
    def test_with_another_amount_is_refused_and_changes_nothing(self, at, other):
        request = at.request()
        at.gateway.purchase(request)
        with pytest.raises(GatewayRefused):
            at.gateway.purchase(replace(request, **other))
        assert sums(at.gateway.look_up(reference="", key=request.key)) == (Outcome.CAPTURED, 5597, 0)

    def test_a_decline_stays_one(self, at):
        request = at.request(next(iter(at.declined)))
        assert at.gateway.purchase(request) == at.gateway.purchase(request)

    def test_holds_for_capture_void_and_refund(self, at):
        held = at.gateway.authorize(at.request()).reference
        captures = [at.gateway.capture(held, amount=5597, key="c") for _ in range(2)]
        refunds = [at.gateway.refund(held, amount=100, key="r") for _ in range(2)]
        assert captures[0] == captures[1]
        assert refunds[0] == refunds[1]
        assert refunds[1].refunded_amount == 100
        other = at.gateway.authorize(at.request()).reference
        assert [at.gateway.void(other, key="v").outcome for _ in range(2)] == [Outcome.VOIDED, Outcome.VOIDED]


class TestHoldAndTake:
    def test_held_money_is_not_taken_until_captured(self, at):
        held = at.gateway.authorize(at.request())
        assert sums(held) == (Outcome.AUTHORIZED, 0, 0)
        assert sums(at.gateway.capture(held.reference, amount=5597, key="c")) == (Outcome.CAPTURED, 5597, 0)

    def test_a_part_can_be_taken(self, at):
        held = at.gateway.authorize(at.request())
        assert sums(at.gateway.capture(held.reference, amount=1000, key="c")) == (Outcome.CAPTURED, 1000, 0)

    @pytest.mark.parametrize("amount", [0, -1, 5598])
    def test_nothing_and_more_than_held_cannot(self, at, amount):
        held = at.gateway.authorize(at.request())
        with pytest.raises(GatewayRefused):
            at.gateway.capture(held.reference, amount=amount, key="c")

    def test_held_money_can_be_given_back_and_is_gone_then(self, at):
        held = at.gateway.authorize(at.request())
        assert at.gateway.void(held.reference, key="v").outcome == Outcome.VOIDED
        with pytest.raises(GatewayRefused):
            at.gateway.capture(held.reference, amount=1, key="c")

    def test_an_approval_that_is_awaited_can_be_voided_and_then_changes_nothing(self, at):
        waiting = at.gateway.purchase(at.request(at.needs_action))
        at.gateway.void(waiting.reference, key="v")
        at.shopper_answers(waiting.reference, True)
        assert sums(at.gateway.look_up(reference=waiting.reference, key="")) == (Outcome.VOIDED, 0, 0)

    def test_captured_money_cannot_be_voided(self, at):
        taken = at.gateway.purchase(at.request())
        with pytest.raises(GatewayRefused):
            at.gateway.void(taken.reference, key="v")


class TestRefund:
    def test_in_parts_until_nothing_is_left(self, at):
        taken = at.gateway.purchase(at.request()).reference
        assert at.gateway.refund(taken, amount=597, key="r1").refunded_amount == 597
        assert sums(at.gateway.refund(taken, amount=5000, key="r2")) == (Outcome.CAPTURED, 5597, 5597)
        with pytest.raises(GatewayRefused):
            at.gateway.refund(taken, amount=1, key="r3")

    @pytest.mark.parametrize("amount", [0, -1, 5598])
    def test_nothing_and_more_than_was_taken_is_refused(self, at, amount):
        taken = at.gateway.purchase(at.request()).reference
        with pytest.raises(GatewayRefused):
            at.gateway.refund(taken, amount=amount, key="r")
        assert at.gateway.look_up(reference=taken, key="").refunded_amount == 0

    def test_what_was_only_held_cannot_be_paid_back(self, at):
        held = at.gateway.authorize(at.request())
        with pytest.raises(GatewayRefused):
            at.gateway.refund(held.reference, amount=1, key="r")


class TestLookUp:
    def test_by_reference_and_by_key_are_one_answer(self, at):
        request = at.request()
        taken = at.gateway.purchase(request)
        assert at.gateway.look_up(reference=taken.reference, key="") == taken
        assert at.gateway.look_up(reference="", key=request.key) == taken

    def test_of_something_never_heard_of_is_unknown(self, at):
        assert at.gateway.look_up(reference="", key="never").outcome == Outcome.UNKNOWN
        assert at.gateway.look_up(reference="never", key="").outcome == Outcome.UNKNOWN

    @pytest.mark.parametrize("verb", ["capture", "refund"])
    def test_what_was_never_heard_of_cannot_be_changed(self, at, verb):
        with pytest.raises(GatewayRefused):
            getattr(at.gateway, verb)("never", amount=1, key="k")


class TestAConnectionThatBreaks:
    def test_before_the_request_arrived_nothing_is_known_of_it(self, at):
        request = at.request(at.lost_before)
        with pytest.raises(GatewayUnavailable):
            at.gateway.purchase(request)
        assert at.gateway.look_up(reference="", key=request.key).outcome == Outcome.UNKNOWN

    def test_after_it_the_money_is_found_by_the_key_and_asking_again_takes_no_more(self, at):
        request = at.request(at.lost_after)
        with pytest.raises(GatewayUnavailable):
            at.gateway.purchase(request)
        found = at.gateway.look_up(reference="", key=request.key)
        assert sums(found) == (Outcome.CAPTURED, 5597, 0)
        assert at.gateway.purchase(request) == found
